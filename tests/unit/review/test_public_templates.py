"""Templates that no one here wrote: each pair's verdict is the one that a person found with the documentation.

They are the integration tests' templates of published packages, of two versions of one or of two examples in one;
`source.json` beside each pair says which, what CloudFormation does, and where that is documented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from review.build import review
from review.model import Kind, Review, Verdict
from review.parts import every_part
from review.reading import template
from review.render import FORMATS, rendered
from review.templates import Template, Templates
from tests.unit.review.sides import of_templates

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "public"
PAIRS = sorted(path.parent.name for path in FOLDER.glob("*/source.json"))
MOST_BYTES = 32_000
WITHOUT_VALUES = frozenset({"nested-stack-removed", "s3-access-logs", "s3-output-added"})
"""Their resources have no properties, or references alone."""


@cache
def source(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((FOLDER / name / "source.json").read_text(encoding="utf-8"))
    return found


@cache
def reviewed(name: str) -> Review:
    base, head = (side(name, each) for each in ("before", "after"))
    return review(base, head, every_part())


def side(name: str, which: str) -> Templates:
    file = FOLDER / name / f"{which}.template.json"
    read = Template(stage="app", stack=name, body=template(file.read_bytes()), origin=str(file))
    return Templates(label=which, revision="", stacks={("app", name): read})


@pytest.mark.parametrize("name", PAIRS)
def test_the_verdict_is_the_one_that_was_found_by_hand(name: str) -> None:
    found, expected = reviewed(name), source(name)["expected"]
    changes = {change.logical_id: change for change in found.changes}
    for logical_id, wanted in expected["changes"].items():
        change = changes[logical_id]
        assert (change.kind, change.verdict.word) == (wanted["kind"], wanted["verdict"]), logical_id
        assert set(wanted["rules"]) <= {reason.rule for reason in change.reasons}, logical_id
    grave = {change.logical_id for change in found.changes if change.verdict >= Verdict.DANGER}
    assert grave <= set(expected["changes"])
    given = {group.item.logical_id for group in found.access if group.item.verdict >= Verdict.DANGER}
    assert given == set(expected.get("access", ()))
    assert found.verdict.word == expected["verdict"]
    assert found.problems == ()


@pytest.mark.parametrize("name", PAIRS)
def test_the_other_way_round_is_reviewed_too_and_never_less_than_a_removal(name: str) -> None:
    """What was added is removed then, so that no reversed pair may come out as nothing."""
    there = reviewed(name)
    base, head = (side(name, each) for each in ("after", "before"))
    back = review(base, head, every_part())
    assert {change.logical_id for change in back.changes} >= {
        change.logical_id for change in there.changes if not change.renamed_from
    }
    assert len(back.changes) == len(there.changes)


@pytest.mark.parametrize("name", PAIRS)
def test_a_template_with_itself_is_nothing(name: str) -> None:
    for which in ("before", "after"):
        found = review(side(name, which), side(name, which), every_part())
        assert (found.verdict, found.changes, found.access) == (Verdict.HARMLESS, (), ())


@pytest.mark.parametrize("name", PAIRS)
def test_whatever_is_removed_is_never_harmless(name: str) -> None:
    body = side(name, "before").stacks["app", name].body
    left = {"Left": {"Type": "AWS::SNS::Topic"}}
    found = of_templates({**body, "Resources": {**body["Resources"], **left}}, {**body, "Resources": left})
    changes = {change.logical_id: change for change in found.changes if change.section == "Resources"}
    assert set(changes) == set(side(name, "before").stacks["app", name].resources)
    assert {change.kind for change in changes.values()} == {Kind.REMOVED}
    assert min(change.verdict for change in changes.values()) >= Verdict.LOOK


@pytest.mark.parametrize("name", PAIRS)
def test_other_logical_ids_alone_are_renames(name: str) -> None:
    body = side(name, "before").stacks["app", name].body
    text = json.dumps(body)
    for logical_id in sorted(body["Resources"], key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){logical_id}(?![A-Za-z0-9])", f"{logical_id}New", text)
    found = of_templates(body, json.loads(text))
    changes = [change for change in found.changes if change.section == "Resources"]
    assert [change.logical_id for change in changes if change.kind is not Kind.RENAMED] == []
    assert len(changes) == len(side(name, "before").stacks["app", name].resources)
    assert min(change.verdict for change in changes) >= Verdict.LOOK


@pytest.mark.parametrize("name", PAIRS)
def test_one_other_value_in_each_resource_is_seen(name: str) -> None:
    body = side(name, "before").stacks["app", name].body
    after = json.loads(json.dumps(body))
    touched = {logical_id for logical_id, entry in after["Resources"].items() if touch(entry.get("Properties", {}))}
    assert touched or name in WITHOUT_VALUES
    found = of_templates(body, after)
    known = {change.logical_id: change for change in found.changes if change.section == "Resources"}
    unchanged = {each for each in touched if each not in known and "Deployment" not in each}
    assert unchanged == set()
    for change in known.values():
        assert change.properties or change.kind is not Kind.CHANGED


def touch(value: Any) -> bool:
    """Writes another value for the first plain one that no function and no asset is about; whether there was one."""
    for key in sorted(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        inner = value[key]
        if isinstance(key, str) and (key in ("Ref", "Condition", "Code", "Content", "Tags") or key.startswith("Fn::")):
            continue
        if isinstance(inner, str | bool):
            value[key] = f"{inner}-other" if isinstance(inner, str) else not inner
            return True
        if touch(inner):
            return True
    return False


@pytest.mark.parametrize("name", PAIRS)
def test_every_format_shows_it(name: str) -> None:
    for format_ in FORMATS:
        shown = rendered(reviewed(name), format_, {})
        assert reviewed(name).verdict.word in shown or format_ == "sarif"


def test_there_are_enough_of_many_kinds() -> None:
    assert len(PAIRS) >= 20
    assert {source(name)["expected"]["verdict"] for name in PAIRS} == {each.word for each in Verdict}
    services = {
        resource["Type"].split("::")[1]
        for name in PAIRS
        for resource in side(name, "after").stacks["app", name].body["Resources"].values()
    }
    wanted = "RDS S3 IAM Lambda ECS Cognito ApiGateway DynamoDB SQS KMS EC2 OpenSearchService CloudFormation"
    assert set(wanted.split()) <= services
    bodies = [side(name, "after").stacks["app", name].body for name in PAIRS]
    assert any(body.get("Conditions") for body in bodies)


@pytest.mark.parametrize("name", PAIRS)
def test_each_says_where_it_is_from(name: str) -> None:
    told = source(name)
    assert told["license"] == "Apache-2.0"
    assert told["why"].endswith(".")
    for which in ("before", "after"):
        assert all(told[which][key] for key in ("package", "version", "file"))
        assert (FOLDER / name / f"{which}.template.json").stat().st_size < MOST_BYTES
    assert (FOLDER / "LICENSE").is_file()
    assert (FOLDER / "NOTICE").is_file()
