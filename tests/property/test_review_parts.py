"""No template, however broken, ends a part of a review in anything but an answer."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review.assumptions import assumptions_in
from review.build import compare
from review.cost import cost_of
from review.coverage import coverage_of, stray_alarms
from review.iam import access_changes
from review.network import JUDGES
from review.sources import of_folder
from review.subjects import Subject
from review.tables import table_pictures
from review.templates import Comparison, Template, Templates

ROOT = Path(__file__).parents[2]
ASSUMED = assumptions_in((ROOT / "review" / "assumptions.toml").read_bytes(), "file")
KEY = ("prod", "shop")
SOURCES = [dict(each.body) for each in of_folder("base", ROOT / "tests" / "snapshots" / "dev").stacks.values()]
ODD: Any = st.sampled_from(
    [
        None,
        True,
        -1,
        10**400,
        "",
        "*",
        "\ud800",
        "<script>",
        [],
        {},
        [[]],
        [None],
        {"Ref": "Nope"},
        {"Ref": 1},
        {"Ref": "AWS::NoValue"},
        {"Fn::GetAtt": [1, 2]},
        {"Fn::If": 1},
        {"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]},
        {"Fn::Sub": ["${a", 3]},
        {"Fn::Join": [1, 2]},
        {"Fn::ImportValue": {"Fn::Sub": "x"}},
        {"Statement": [1, None, {"Effect": "Allow"}]},
        {"Statement": {"Effect": ["Allow"], "Principal": {"AWS": [None, {}]}, "Action": [1], "Resource": {}}},
    ]
)


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """A template of this repository in which some values are others, of any type."""
    body = copy.deepcopy(draw(st.sampled_from(SOURCES)))
    for _ in range(draw(st.integers(0, 12))):
        name = draw(st.sampled_from(sorted(body["Resources"])))
        at: Any = body["Resources"][name].setdefault("Properties", {})
        while isinstance(at, dict | list) and at:
            step = draw(st.sampled_from(sorted(at))) if isinstance(at, dict) else draw(st.integers(0, len(at) - 1))
            if draw(st.booleans()):
                at[step] = copy.deepcopy(draw(ODD))
                break
            at = at[step]
    return body


def comparison(before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    sides = (
        Templates(label="x", revision="", stacks={KEY: Template(stage="prod", stack="shop", body=body, origin="x")})
        for body in (before, after)
    )
    return compare(*sides)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=broken(), after=broken())
def test_every_part_has_an_answer(before: dict[str, Any], after: dict[str, Any]) -> None:
    both = comparison(before, after)
    (pair,) = both.pairs
    assert pair.before is not None
    assert pair.after is not None
    for change in access_changes(both, ()):
        assert change.reasons
        assert change.verdict == max(reason.verdict for reason in change.reasons)
    for line in cost_of(both, (), ASSUMED).lines:
        assert all(amount.value is None or amount.value >= 0 for amount in (line.before, line.after))
    assert len({each.logical_id for each in coverage_of(both, ())}) == len(coverage_of(both, ()))
    assert stray_alarms(both, ()) is not None
    for picture in table_pictures(both, ()):
        assert ElementTree.fromstring(picture.svg).tag.endswith("svg")  # noqa: S314 - our own
    for name in {*pair.before.resources, *pair.after.resources}:
        sides = [template.resources.get(name) for template in (pair.before, pair.after)]
        subject = Subject(
            stage="prod",
            stack="shop",
            section="Resources",
            logical_id=name,
            before=sides[0],
            after=sides[1],
            old=pair.before,
            new=pair.after,
        )
        assert all(reason.text for judge in JUDGES for reason in judge(subject))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=broken())
def test_the_same_template_gives_nothing(body: dict[str, Any]) -> None:
    both = comparison(body, copy.deepcopy(body))
    assert access_changes(both, ()) == ()
    assert cost_of(both, (), ASSUMED).lines == ()
    assert table_pictures(both, ()) == ()
