"""The result of a review as plain data: who makes a part of it, and who shows it, meet here and nowhere else.

Everything is frozen and ordered the same on every run. Texts and values come from templates and may hold anything,
markup and secrets too: a renderer escapes and masks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from review.aspects import (
    AccessChange,
    Acknowledgement,
    AcknowledgementCheck,
    AcknowledgementState,
    Amount,
    Cost,
    CostLine,
    CostPart,
    Coverage,
    Direction,
    Finding,
    FindingState,
    KeyOf,
    RecommendedAlarm,
    StageCost,
    StrayAlarm,
    TableKey,
    TablePicture,
)
from review.words import (
    ABSENT,
    Absent,
    Certainty,
    Kind,
    Mark,
    Member,
    Path,
    PropertyChange,
    Reason,
    Replaces,
    Verdict,
)

__all__ = [
    "ABSENT",
    "Absent",
    "AccessChange",
    "Acknowledgement",
    "AcknowledgementCheck",
    "AcknowledgementState",
    "Amount",
    "Certainty",
    "Change",
    "Cost",
    "CostLine",
    "CostPart",
    "Coverage",
    "DataLoss",
    "Direction",
    "Finding",
    "FindingState",
    "Hidden",
    "KeyOf",
    "Kind",
    "Mark",
    "Member",
    "Outcome",
    "Path",
    "Policies",
    "Problem",
    "PropertyChange",
    "Reason",
    "RecommendedAlarm",
    "Replaces",
    "Review",
    "Side",
    "StackChange",
    "StageCost",
    "StageVerdict",
    "Staged",
    "StrayAlarm",
    "TableKey",
    "TablePicture",
    "Verdict",
]

Item = TypeVar("Item")


class Outcome(StrEnum):
    """What becomes of the data that a resource holds."""

    KEPT = "kept"
    """Nothing happens to it."""
    ORPHANED = "orphaned"
    """It stays, in a resource that no stack owns any more; the new resource begins empty."""
    SNAPSHOT = "snapshot"
    """The resource goes; a last snapshot of it stays."""
    MAYBE_LOST = "maybe lost"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class Policies:
    """What a resource says about its own end, as it applies: CloudFormation's default where nothing is written."""

    deletion: str
    update_replace: str
    written: tuple[str, ...] = ()
    """Which of the two are written in the template: DeletionPolicy, UpdateReplacePolicy."""


@dataclass(frozen=True, kw_only=True)
class DataLoss:
    """What a change does to the data of a resource that holds some, and which policy decides it."""

    outcome: Outcome
    certainty: Certainty
    holds: str
    """What is in such a resource: `items`, `objects`, `log events`."""
    impact: str
    """One sentence for the reader."""
    applies: str
    """The policy that decides: `DeletionPolicy` or `UpdateReplacePolicy`; empty where none does."""
    before: Policies | None
    after: Policies | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens in one stage to one resource, or to one entry of another section of its template."""

    stage: str
    stack: str
    section: str
    """`Resources`, or `Outputs`, `Parameters`, `Conditions`, `Mappings`, `Metadata`, `Transform`, …"""
    logical_id: str
    """The entry's name; empty for a section that has no entries (Description, Transform)."""
    type: str
    """The type on the head side, on the base side where it is removed; empty outside of Resources."""
    path: str
    """The construct path from CDK's metadata, or empty."""
    name: str
    """The physical name that the template gives, or empty."""
    kind: Kind
    properties: tuple[PropertyChange, ...]
    reasons: tuple[Reason, ...]
    """The worst first."""
    loss: DataLoss | None
    """None for what holds no data of its own."""
    verdict: Verdict
    digest: str
    """Of what changes, without the stage's name: the same change has it in each stage."""
    renamed_from: str = ""
    """The logical id before."""
    moved_from: str = ""
    """The stack before, where that is another."""
    deployments: tuple[str, ...] = ()
    """For a change that CloudFormation refuses as one: what to deploy in which order instead."""
    acknowledged: Acknowledgement | None = None
    entry: Any = None
    """The whole entry as JSON, of the head side, of the base side where it is removed; for what is added or removed,
    `properties` is empty."""


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """How many differences of one sort were left out, since they change by themselves."""

    stage: str
    stack: str
    sort: str
    """`asset hash`, `hashed logical id`, `asset metadata`, `CDK metadata`, `written otherwise`, `order` …"""
    count: int


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """A stack of a stage: there on both sides, or on one."""

    stage: str
    stack: str
    kind: Kind | None
    """ADDED, REMOVED or CHANGED; None where nothing but noise differs."""
    resources_before: int
    resources_after: int
    counts: tuple[tuple[Kind, int], ...]
    """How many resources of each kind, in the order of Kind, without zeroes."""
    reasons: tuple[Reason, ...]
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Staged(Generic[Item]):
    """Something that is the same in several stages, said once."""

    item: Item
    """As the first of the stages has it."""
    stages: tuple[str, ...]
    """Where it is so, in the review's order of stages."""
    elsewhere: tuple[str, ...]
    """The stages that have the same stack and not this."""
    production_only: bool
    """Whether it touches production and no other stage: nobody has tried it before."""
    same: tuple[Item, ...]
    """The item of each of `stages`, in their order: each has its own acknowledgement and names."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that could not be read, and so is not reviewed."""

    side: str
    """`base`, `head` or `both`."""
    stage: str
    stack: str
    origin: str
    """The file, with its revision."""
    text: str
    verdict: Verdict = Verdict.BLOCKED


@dataclass(frozen=True, kw_only=True)
class Side:
    """Where one side of the comparison comes from."""

    label: str
    """As it was asked for: `origin/main`, `WORKTREE`, a folder."""
    revision: str
    """The commit's full hash; empty for a folder."""


@dataclass(frozen=True, kw_only=True)
class StageVerdict:
    """One stage in one line."""

    stage: str
    verdict: Verdict
    """The worst of what is not acknowledged."""
    production: bool
    counts: tuple[tuple[Kind, int], ...]
    """How many resources of each kind, in the order of Kind, without zeroes."""


@dataclass(frozen=True, kw_only=True)
class Review:
    """All that a review says."""

    base: Side
    head: Side
    verdict: Verdict
    """The worst of what is not acknowledged, problems and failed acknowledgements included."""
    stages: tuple[StageVerdict, ...]
    """Production last."""
    stacks: tuple[StackChange, ...]
    changes: tuple[Change, ...]
    """The worst first, then by stage, stack and name."""
    groups: tuple[Staged[Change], ...]
    """The same changes, each said once for all of its stages."""
    access: tuple[Staged[AccessChange], ...]
    """External principals first."""
    findings: tuple[Staged[Finding], ...]
    cost: Cost | None
    """None where it was not asked for."""
    coverage: tuple[Staged[Coverage], ...]
    stray_alarms: tuple[Staged[StrayAlarm], ...]
    tables: tuple[Staged[TablePicture], ...]
    acknowledgements: tuple[AcknowledgementCheck, ...]
    hidden: tuple[Hidden, ...]
    problems: tuple[Problem, ...]
    schemas_dated: str
    """The date of the resource schemas that replacement was read from."""
    schemas_region: str
    notes: tuple[str, ...] = ()
    """What the reader should know about the review itself: parts that were not asked for, limits that were reached."""
