"""Whatever is done to a template, a review says or counts it, and never falls over."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review.difference import identical
from review.model import Verdict
from review.reading import UnreadableError, template
from tests.unit.review.sides import of_templates

SNAPSHOT = Path(__file__).parents[1] / "snapshots/prod/sales-intelligence.template.json"
BODY: dict[str, Any] = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
NAMES = sorted(BODY["Resources"])

texts = st.text(max_size=8) | st.sampled_from(["AWS::SNS::Topic", "Retain", "Delete", "a.b", "${A}", "<b>", *NAMES[:3]])
names = st.sampled_from(
    ["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::FindInMap", "Fn::ImportValue", "Condition", "Type"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(names | texts, inner, max_size=3)
        | st.builds(lambda name, value: {name: value}, names, inner)
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a template."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(each for name, below in inner for each in places(below, (*path, name)))]


PLACES = places(BODY)


def put(body: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy of the template with another value at the path."""
    changed = copy.deepcopy(body)
    at: Any = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


def readable(body: dict[str, Any]) -> dict[str, Any] | None:
    """The template as it is read; None where reading refuses it, which is an answer too."""
    try:
        return dict(template(json.dumps(body).encode()))
    except UnreadableError:
        return None


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), values)
def test_no_difference_goes_unsaid(path: tuple[Any, ...], value: Any) -> None:
    head = readable(put(BODY, path, value))
    for before, after in ((BODY, head), (head, BODY)) if head is not None else ():
        result = of_templates(before, after)
        assert bool(result.changes or result.hidden) != identical(before, after)
        assert result.verdict is Verdict.HARMLESS or result.changes


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    values, values, st.sampled_from(["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "X::Y"])
)
def test_resources_of_any_shape_are_an_answer(before: Any, after: Any, kind: str) -> None:
    def side(value: Any) -> dict[str, Any]:
        keyed = dict.fromkeys(("KeySchema", "GlobalSecondaryIndexes", "Replicas", "TableName", "BucketName"), value)
        resource = {"Type": kind, "Properties": {**keyed, "AttributeDefinitions": [value]}, "DeletionPolicy": value}
        return {"Resources": {"It": resource, "Of": {"Type": kind, "Properties": {"TableName": {"Ref": "It"}}}}}

    result = of_templates(side(before), side(after))
    assert bool(result.changes or result.hidden) != identical(before, after)
