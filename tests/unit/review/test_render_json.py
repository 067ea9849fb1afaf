"""The JSON of a review holds to its schema, and the schema to the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from review import json_schema
from review.model import Review
from review.parts import every_part
from review.render import rendered
from review.render_json import FORMAT
from review.sources import of_folder
from tests.unit.review.large import many
from tests.unit.review.sides import reviewed, table
from tests.unit.review.specimen import specimen

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
SCHEMA = json.loads(json_schema.FILE.read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)


def content(review: Review) -> dict[str, Any]:
    """The review as a program reads it."""
    read: dict[str, Any] = json.loads(rendered(review, "json"))
    return read


def test_the_schema_is_the_one_of_the_model() -> None:
    assert json_schema.FILE.read_text(encoding="utf-8") == json_schema.text(), "run `python -m review.json_schema`"


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


@pytest.mark.parametrize(
    "review",
    [
        specimen(),
        many(40),
        many(40, alike=False),
        reviewed({"T": table()}, {"U": table()}, parts=every_part()),
        reviewed({"T": table()}, {"T": table()}, parts=every_part()),
    ],
    ids=["specimen", "alike", "apart", "renamed", "nothing"],
)
def test_a_review_holds_to_its_schema(review: Review) -> None:
    VALIDATOR.validate(content(review))


def test_all_snapshots_as_new_hold_to_it(tmp_path: Path) -> None:
    from review.build import review

    empty = tmp_path / "empty"
    empty.mkdir()
    whole = review(of_folder("base", empty), of_folder("head", SNAPSHOTS), every_part())
    assert len(whole.changes) > 100
    VALIDATOR.validate(content(whole))


@pytest.mark.parametrize(
    "wrong",
    [
        {"format": FORMAT + 1},
        {"verdict": "safe"},
        {"further": 1},
        {"changes": [{"stage": "prod"}]},
        {"groups": [{"stages": ["prod"], "elsewhere": [], "production_only": True, "items": []}]},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_does_not_hold_to_it_is_caught(wrong: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({**content(specimen()), **wrong})


def test_a_group_names_its_changes_by_their_places() -> None:
    read = content(specimen())
    for group in read["groups"]:
        assert [read["changes"][place]["stage"] for place in group["items"]] == group["stages"]
    assert sorted(place for group in read["groups"] for place in group["items"]) == list(range(len(read["changes"])))


def test_what_is_absent_is_left_out_and_null_is_null() -> None:
    read = content(specimen())
    by_name = {
        step: each
        for change in read["changes"]
        for each in change["properties"]
        for step in each["path"][-1:]
        if isinstance(step, str)
    }
    assert "before" not in by_name["WHO"]
    assert by_name["PEM"]["before"] is None


def test_an_amount_is_a_text_and_the_unknown_is_null() -> None:
    after = [line["after"]["value"] for line in content(specimen())["cost"]["lines"]]
    assert after == ["21", None]
