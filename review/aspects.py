"""What else a review says beside the changes of resources: access, findings, cost, alarms, tables, acknowledgements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from review.words import Certainty, Mark, Path, Reason, Verdict

# --- Access (iam.py)


class Direction(StrEnum):
    """Whether more or less is allowed than before."""

    WIDENED = "widened"
    NARROWED = "narrowed"


@dataclass(frozen=True, kw_only=True)
class AccessChange:
    """What one principal may do now and could not before, or the reverse."""

    stage: str
    stack: str
    logical_id: str
    """The policy, role, key, queue … that says so."""
    type: str
    path: str
    """The construct path, or empty."""
    direction: Direction
    effect: str
    """Allow or Deny: a Deny that is gone has widened access."""
    principal: str
    """Who, to be read: a logical id of the template, an account, a service, `*`."""
    external: bool
    """Whether the principal is outside of the template and its account, and so an alarm of its own."""
    actions: tuple[str, ...]
    """Sorted; wildcards expanded where the services' actions are known."""
    written_actions: tuple[str, ...]
    """As the statement has them: `dynamodb:*`."""
    resources: tuple[str, ...]
    """To be read; references are `${LogicalId.Attribute}`."""
    conditions: Any
    """The statement's Condition as JSON, or None."""
    verdict: Verdict
    certainty: Certainty
    reasons: tuple[Reason, ...]
    digest: str
    acknowledged: Acknowledgement | None = None


# --- Findings (findings.py)


class FindingState(StrEnum):
    """Whether a finding came with the change, went with it, or was there before and still is."""

    NEW = "new"
    FIXED = "fixed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a linter or a guard rail says about one place, matched between both sides without line numbers."""

    stage: str
    stack: str
    tool: str
    """`cfn-lint`, or the plugin's name in the validation report."""
    rule: str
    severity: str
    """As the tool calls it, in lower case: error, warning, informational, fatal …"""
    message: str
    logical_id: str
    """Empty where it is about the template as a whole."""
    construct_path: str
    path: Path
    state: FindingState
    verdict: Verdict
    suppressed: str | None = None
    """The reason with which somebody accepted it; None where nobody did."""


# --- Cost (cost.py)


class CostPart(StrEnum):
    """Whether an amount is due whatever happens, or depends on assumed use."""

    FIXED = "fixed"
    USAGE = "usage"


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A price a month, or that it is unknown; the amount of what does not exist is 0."""

    value: Decimal | None
    """None is unknown, and never shown or added as 0."""
    basis: str
    """What it was reckoned from, or why it is unknown."""


@dataclass(frozen=True, kw_only=True)
class CostLine:
    """What one resource costs a month on both sides, for one part of its price."""

    stage: str
    stack: str
    logical_id: str
    type: str
    part: CostPart
    item: str
    """What is paid for: `alarm`, `write units`, `storage`."""
    before: Amount
    after: Amount


@dataclass(frozen=True, kw_only=True)
class StageCost:
    """The sums of a stage; each sum covers the known amounts alone, beside how many are unknown."""

    stage: str
    part: CostPart
    before: Decimal
    after: Decimal
    unknown_before: int
    unknown_after: int


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the change costs, in which prices and under which assumptions."""

    currency: str
    region: str
    prices_dated: str
    assumptions: str
    """Where the assumptions came from; empty where there are none, and then no usage is known."""
    lines: tuple[CostLine, ...]
    """Only lines whose two amounts differ, or of which one is unknown."""
    stages: tuple[StageCost, ...]


# --- Alarms (coverage.py)


@dataclass(frozen=True, kw_only=True)
class RecommendedAlarm:
    """One alarm that a resource should have, and which alarms of the template are that."""

    name: str
    """`throttled requests`, `oldest message`, `errors` …"""
    before: tuple[str, ...]
    """The logical ids of the alarms on it, empty where it has none."""
    after: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Which recommended alarms one resource of the head side has."""

    stage: str
    stack: str
    logical_id: str
    type: str
    path: str
    mark: Mark
    """Whether the resource is new, gone, the same, or its alarms changed."""
    alarms: tuple[RecommendedAlarm, ...]
    verdict: Verdict
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class StrayAlarm:
    """An alarm that watches something which is replaced, removed or not in the template."""

    stage: str
    stack: str
    logical_id: str
    watches: str
    reason: Reason


# --- Tables (tables.py)


class KeyOf(StrEnum):
    """Whose key it is."""

    TABLE = "table"
    GLOBAL_INDEX = "global index"
    LOCAL_INDEX = "local index"


@dataclass(frozen=True, kw_only=True)
class TableKey:
    """The key of a table or of one of its indexes, with what happened to it."""

    of: KeyOf
    index: str
    """The index's name; empty for the table itself."""
    partition: tuple[str, ...]
    """The attributes of the partition key, each as `name (S)`; usually one."""
    sort: tuple[str, ...]
    projection: str
    shards: int | None
    """How many partitions a query of it reads, where a description says so."""
    patterns: tuple[str, ...]
    """The access patterns that it serves, where a description says so."""
    mark: Mark
    notes: tuple[str, ...] = ()
    """What changed, one short sentence each."""


@dataclass(frozen=True, kw_only=True)
class TablePicture:
    """A table before and after in one: keys that are gone stay in it, marked."""

    stage: str
    stack: str
    logical_id: str
    name: str
    path: str
    mark: Mark
    keys: tuple[TableKey, ...]
    facts: tuple[tuple[str, str, str], ...]
    """What else is worth a line: name, before and after, as text (`billing`, `point-in-time recovery`, `TTL`)."""
    svg: str
    """A picture to put into HTML as it is: every text in it is escaped."""
    mermaid: str


# --- Acknowledgements (acknowledgements.py)


class AcknowledgementState(StrEnum):
    """What became of a line of the file."""

    MATCHED = "matched"
    CHANGED = "changed"
    """Its resource changes, but otherwise than was acknowledged."""
    STALE = "stale"
    """Nothing of that stage and logical id changes."""
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """One committed line: somebody knows about this change of this stage, and says why it is right."""

    stage: str
    stack: str
    """Empty where the line names no stack."""
    logical_id: str
    digest: str
    reason: str
    expires: date


@dataclass(frozen=True, kw_only=True)
class AcknowledgementCheck:
    """A line with what became of it; all but MATCHED fail the review."""

    acknowledgement: Acknowledgement
    state: AcknowledgementState
    text: str
    verdict: Verdict
