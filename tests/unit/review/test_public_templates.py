"""Templates that no one here wrote: each pair's verdict is the one that a person found with the documentation.

They are the integration tests' templates of published packages, of two versions of one or of two examples in one;
`source.json` beside each pair says which, what CloudFormation does, and where that is documented.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from review.build import review
from review.model import Review, Verdict
from review.parts import every_part
from review.reading import template
from review.templates import Template, Templates

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "public"
PAIRS = sorted(path.parent.name for path in FOLDER.glob("*/source.json"))
MOST_BYTES = 30_500


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
