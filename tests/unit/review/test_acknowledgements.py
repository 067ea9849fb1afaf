"""A danger that somebody knows of, the line that says so, and what ends it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from review.acknowledgements import (
    AcknowledgementsError,
    acknowledgements_in,
    checked,
    to_acknowledge,
    unacknowledgeable,
)
from review.build import Parts
from review.model import Acknowledgement, AcknowledgementState, Review, Verdict
from tests.unit.review.sides import reviewed, table
from tests.unit.review.specimen import access

TODAY = date(2026, 11, 21)
BEFORE: Mapping[str, Any] = {"T": table(), "Other": {"Type": "AWS::SNS::Topic"}}
AFTER: Mapping[str, Any] = {"Other": {"Type": "AWS::SNS::Topic"}}


def review(*lines: Acknowledgement, after: Mapping[str, Any] = AFTER, stages: frozenset[str] | None = None) -> Review:
    """A table is removed."""
    parts = Parts(acknowledge=partial(checked, lines, today=TODAY, stages=stages))
    return reviewed(BEFORE, after, parts=parts)


def line(**other: Any) -> Acknowledgement:
    """A line that fits the change."""
    (change,) = review().changes
    given = {"stage": "prod", "stack": "shop", "logical_id": "T", "digest": change.digest, "reason": "it is empty"}
    return Acknowledgement(**{**given, "expires": date(2026, 12, 1), **other})


def test_a_danger_without_a_line_is_a_danger() -> None:
    assert review().verdict is Verdict.DANGER


def test_a_danger_with_its_line_is_to_be_looked_at() -> None:
    result = review(line())
    assert result.verdict is Verdict.LOOK
    assert result.changes[0].acknowledged == line()
    assert result.changes[0].verdict is Verdict.DANGER
    assert [(check.state, check.verdict) for check in result.acknowledgements] == [
        (AcknowledgementState.MATCHED, Verdict.HARMLESS)
    ]


def test_a_line_without_a_stack_is_about_any() -> None:
    assert review(line(stack="")).verdict is Verdict.LOOK
    assert review(line(stack="other")).verdict is Verdict.DANGER


@pytest.mark.parametrize(
    ("other", "state", "text"),
    [
        ({"digest": "0" * 16}, AcknowledgementState.CHANGED, "changes otherwise than was acknowledged: look again"),
        ({"logical_id": "U"}, AcknowledgementState.STALE, "nothing about prod/shop/U changes any more: remove"),
        ({"stage": "dev"}, AcknowledgementState.STALE, "nothing about dev/shop/T changes any more"),
        ({"expires": date(2026, 11, 20)}, AcknowledgementState.EXPIRED, "expired on 2026-11-20"),
    ],
)
def test_a_line_that_no_longer_fits_fails_with_a_sentence(other: Any, state: AcknowledgementState, text: str) -> None:
    result = review(line(**other))
    (check,) = result.acknowledgements
    assert (check.state, check.verdict) == (state, Verdict.DANGER)
    assert text in check.text
    assert result.changes[0].acknowledged is None
    assert result.verdict is Verdict.DANGER


def test_a_line_that_fits_nothing_fails_where_nothing_else_changes() -> None:
    assert review(line(), after=BEFORE).verdict is Verdict.DANGER


def test_a_line_is_good_on_its_last_day() -> None:
    assert review(line(expires=TODAY)).verdict is Verdict.LOOK


def test_lines_of_stages_that_are_not_reviewed_are_left_alone() -> None:
    result = review(line(), line(stage="dev"), stages=frozenset({"prod"}))
    assert (result.verdict, len(result.acknowledgements)) == (Verdict.LOOK, 1)


def test_a_change_of_access_is_acknowledged_too() -> None:
    (item, *_) = access()[0].same
    fits = line(stage=item.stage, stack=item.stack, logical_id=item.logical_id, digest=item.digest)
    _, found, checks = checked([fits], (), (item,), today=TODAY)
    assert found[0].acknowledged == fits
    assert checks[0].state is AcknowledgementState.MATCHED


def test_the_lines_to_paste_are_the_file_but_for_the_reason() -> None:
    result = review()
    (block,) = to_acknowledge(result.changes, (), today=TODAY)
    (written,) = tomllib.loads(block)["acknowledged"]
    assert written == {
        "stage": "prod",
        "stack": "shop",
        "logical_id": "T",
        "digest": result.changes[0].digest,
        "reason": "",
        "expires": date(2026, 12, 21),
    }
    with pytest.raises(AcknowledgementsError, match="line 1 has no reason"):
        acknowledgements_in(block.encode(), "a.toml")
    lines = acknowledgements_in(block.replace('""', '"gone"').encode(), "a.toml")
    assert review(*lines).verdict is Verdict.LOOK
    assert list(to_acknowledge(review(*lines).changes, (), today=TODAY)) == []


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "a\x7fb", "ä😀", "a\u202eb", "'''", "]"])
def test_any_name_can_be_pasted(name: str) -> None:
    (change,) = review().changes
    other = replace(change, logical_id=name, reasons=(replace(change.reasons[0], text=name),))
    (block,) = to_acknowledge([other], (), today=TODAY)
    assert acknowledgements_in(block.replace('""', '"x"').encode(), "a.toml")[0].logical_id == name


def test_what_is_refused_cannot_be_acknowledged() -> None:
    key = [{"AttributeName": "SK", "KeyType": "HASH"}]
    sides = ({"T": table(TableName="a")}, {"T": table(TableName="a", KeySchema=key)})
    result = reviewed(*sides)
    assert list(to_acknowledge(result.changes, (), today=TODAY)) == []
    assert list(unacknowledgeable(result.changes, ())) == [
        "# prod/shop/T cannot be acknowledged: CloudFormation refuses it."
    ]


GOOD = """
[[acknowledged]]
stage = "prod"
logical_id = "T"
digest = "0123456789abcdef"
reason = "why"
expires = 2027-01-31
"""


def test_a_file_is_read() -> None:
    (found,) = acknowledgements_in(GOOD.encode(), "a.toml")
    assert (found.stack, found.expires) == ("", date(2027, 1, 31))
    assert acknowledgements_in(b"", "a.toml") == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[", "a.toml is not TOML"),
        ("\xff", "a.toml is not TOML"),
        ("x = 1", "a.toml has 'x'"),
        ("acknowledged = 1", "begin each"),
        (GOOD + 'who = "x"', "line 1 has 'who'"),
        (GOOD.replace('"why"', '" "'), "line 1 has no reason"),
        (GOOD.replace('"prod"', "1"), "line 1 has no stage"),
        (GOOD.replace("0123456789abcdef", "0123"), "line 1 has the digest '0123'"),
        (GOOD.replace("2027-01-31", '"2027-01-31"'), "line 1 has no expiry"),
        (GOOD.replace("2027-01-31", "2027-01-31T00:00:00"), "line 1 has no expiry"),
        (GOOD + "stack = 1", "line 1 has the stack 1"),
        (GOOD + GOOD, "twice: remove one"),
    ],
)
def test_a_file_that_is_not_right_says_where(content: str, said: str) -> None:
    with pytest.raises(AcknowledgementsError, match=said):
        acknowledgements_in(content.encode("latin-1"), "a.toml")
