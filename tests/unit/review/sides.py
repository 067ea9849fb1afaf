"""Two sides of a review made in a line, without files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from review.build import NO_PARTS, Parts, review
from review.model import Change, Review
from review.templates import Template, Templates

Resources = Mapping[str, Any]
ABSENT_STACK: None = None


def templates(stacks: Mapping[tuple[str, str], Mapping[str, Any] | None], label: str = "side") -> Templates:
    """One side, from whole templates by stage and stack; None leaves a stack out."""
    made = {
        key: Template(stage=key[0], stack=key[1], body=body, origin=f"{label}:{key}")
        for key, body in stacks.items()
        if body is not None
    }
    return Templates(label=label, revision="", stacks=made)


def reviewed(
    before: Resources | None, after: Resources | None, *, stage: str = "prod", parts: Parts = NO_PARTS
) -> Review:
    """The review of one stack, from its resources on both sides."""
    sides = [None if side is None else {"Resources": side} for side in (before, after)]
    return of_templates(*sides, stage=stage, parts=parts)


def of_templates(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, stage: str = "prod", parts: Parts = NO_PARTS
) -> Review:
    """The review of one stack, from its whole template on both sides."""
    key = (stage, "shop")
    return review(templates({key: before}, "base"), templates({key: after}, "head"), parts)


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, name: str = "It") -> Change:
    """The one change of a resource called `name`, which is the same but for what is given."""
    sides = [None if side is None else {name: side} for side in (before, after)]
    result = reviewed(*(side or {"Other": {"Type": "AWS::SNS::Topic"}} for side in sides))
    return of(result, name)


def of(result: Review, name: str, section: str = "Resources") -> Change:
    """The change of that name."""
    (found,) = [each for each in result.changes if (each.section, each.logical_id) == (section, name)]
    return found


def rules(change: Change) -> set[str]:
    """The rules of its reasons."""
    return {reason.rule for reason in change.reasons}


def table(**properties: Any) -> dict[str, Any]:
    """A DynamoDB table with a key, and more properties."""
    given = {
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK", "A", "B")],
        **properties,
    }
    return {"Type": "AWS::DynamoDB::Table", "Properties": given}


def index(name: str, key: str, projection: str = "ALL") -> dict[str, Any]:
    """A global index."""
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": projection},
    }
