"""What the resource schemas leave open and is documented elsewhere: which changes replace, which are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from review.model import Certainty, Replaces
from review.paths import Pattern

CUSTOM = "AWS::CloudFormation::CustomResource"
NESTED_STACK = "AWS::CloudFormation::Stack"
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
FOR_EACH = "Fn::ForEach"


def is_custom(kind: str) -> bool:
    """Whether somebody's own code makes resources of the type."""
    return kind == CUSTOM or kind.startswith("Custom::")


@dataclass(frozen=True)
class Correction:
    """What a change below a path means, whatever the schema says."""

    pattern: Pattern
    replaces: Replaces
    rule: str
    text: str = ""


_KEYS = Correction(("KeySchema",), Replaces.YES, "table-key", "a table's key cannot change: a new, empty table is made")
_LOCAL = Correction(
    ("LocalSecondaryIndexes",),
    Replaces.YES,
    "local-index",
    "local indexes can be made only with their table: a new, empty table is made",
)

CORRECTED: Mapping[str, tuple[Correction, ...]] = {
    "AWS::DynamoDB::Table": (_KEYS, _LOCAL),
    "AWS::DynamoDB::GlobalTable": (_KEYS, _LOCAL),
    NESTED_STACK: (
        Correction(
            ("TemplateURL",),
            Replaces.NO,
            "nested-stack",
            "the nested stack is updated to another template; see its own changes, if its template is here",
        ),
        Correction(("Parameters",), Replaces.NO, "nested-stack", "the nested stack is updated with other parameters"),
    ),
}


@dataclass(frozen=True)
class Refusal:
    """A change that the service refuses on a resource that exists."""

    pattern: Pattern
    certainty: Certainty
    text: str
    instead: tuple[str, ...]
    additions: bool = True
    """Whether to add something below the path is refused as well."""


_NEW_POOL = (
    "Create a second user pool beside the first, with the new settings.",
    "Move the users to it (an import, or the migration trigger), and the clients.",
    "Remove the first user pool.",
)

REFUSED: Mapping[str, tuple[Refusal, ...]] = {
    "AWS::Cognito::UserPool": (
        Refusal(
            ("UsernameAttributes",),
            Certainty.SURE,
            "Cognito refuses other UsernameAttributes on a user pool that exists",
            _NEW_POOL,
        ),
        Refusal(
            ("UsernameConfiguration",),
            Certainty.SURE,
            "Cognito refuses another UsernameConfiguration on a user pool that exists",
            _NEW_POOL,
        ),
        Refusal(
            ("AliasAttributes",),
            Certainty.MAYBE,
            "Cognito may refuse other AliasAttributes on a user pool that exists",
            _NEW_POOL,
        ),
        Refusal(
            ("Schema",),
            Certainty.SURE,
            "Cognito refuses to change or remove an attribute of a user pool that exists",
            _NEW_POOL,
            additions=False,
        ),
    ),
}

ATTRIBUTES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("AWS::DynamoDB::Table", "StreamSpecification"): ("StreamArn",),
    ("AWS::DynamoDB::GlobalTable", "StreamSpecification"): ("StreamArn",),
}
"""The attributes that become others when a property changes in place."""

UNORDERED = frozenset(
    {
        "AlarmActions",
        "AttributeDefinitions",
        "DependsOn",
        "Dimensions",
        "GlobalSecondaryIndexes",
        "InsufficientDataActions",
        "LocalSecondaryIndexes",
        "ManagedPolicyArns",
        "NonKeyAttributes",
        "NotAction",
        "NotResource",
        "OKActions",
        "Replicas",
        "Resource",
        "Action",
        "SecurityGroupEgress",
        "SecurityGroupIds",
        "SecurityGroupIngress",
        "Statement",
        "SubnetIds",
        "Tags",
    }
)
"""Lists whose order means nothing, by the name that they have wherever they are."""
