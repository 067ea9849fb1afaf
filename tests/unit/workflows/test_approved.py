"""Before anything is deployed: which synthesized templates are not the approved ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from review.normalise import as_text
from tests.snapshots.approved import main, unapproved

QUEUE: dict[str, Any] = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 3}}}}
SLOWER: dict[str, Any] = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 9}}}}


def assembly(folder: Path, **stages: dict[str, Any]) -> Path:
    """What `cdk synth` would write for stages that have one stack, `mail`, with these templates."""
    folder.mkdir()
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    for stage, template in stages.items():
        inner = folder / f"assembly-{stage}"
        inner.mkdir()
        properties = {"templateFile": "Mail.template.json", "stackName": f"shardwell-{stage}-mail"}
        stack = {"type": "aws:cloudformation:stack", "properties": properties}
        (inner / "manifest.json").write_text(json.dumps({"artifacts": {"Mail": stack}}), encoding="utf-8")
        (inner / "Mail.template.json").write_text(json.dumps(template), encoding="utf-8")
    return folder


def snapshots(folder: Path, **stages: dict[str, Any]) -> Path:
    for stage, template in stages.items():
        (folder / stage).mkdir(parents=True)
        (folder / stage / "mail.template.json").write_text(as_text(template), encoding="utf-8")
    return folder


def test_what_is_approved_in_every_stage_may_go(tmp_path: Path) -> None:
    made = assembly(tmp_path / "cdk.out", dev=QUEUE, prod=SLOWER)
    assert unapproved(made, snapshots(tmp_path / "kept", dev=QUEUE, prod=SLOWER)) == []


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        ({"dev": QUEUE, "prod": SLOWER}, {"dev": QUEUE, "prod": QUEUE}),
        ({"dev": QUEUE, "prod": QUEUE}, {"dev": QUEUE}),
        ({"dev": QUEUE}, {"dev": QUEUE, "prod": QUEUE}),
    ],
    ids=["another template", "no snapshot", "no stack"],
)
def test_what_differs_or_is_on_one_side_alone_is_named(
    tmp_path: Path, made: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert unapproved(assembly(tmp_path / "cdk.out", **made), snapshots(tmp_path / "kept", **kept)) == ["prod/mail"]


def test_an_assembly_of_something_else_is_not_deployed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(assembly(tmp_path / "cdk.out", prod=QUEUE))]) == 1
    assert "prod/mail: not the template that tests/snapshots has." in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["a", "b"]])
def test_no_assembly_is_no_approval(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "cdk synth" in capsys.readouterr().err
