"""A review made by hand that holds something in every place of the model, for each renderer to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from review.model import (
    AccessChange,
    AcknowledgementCheck,
    AcknowledgementState,
    Amount,
    Certainty,
    Cost,
    CostLine,
    CostPart,
    Coverage,
    Direction,
    Finding,
    FindingState,
    Hidden,
    KeyOf,
    Kind,
    Mark,
    Problem,
    RecommendedAlarm,
    Review,
    Side,
    StackChange,
    StageCost,
    Staged,
    StageVerdict,
    StrayAlarm,
    TableKey,
    TablePicture,
    Verdict,
)
from tests.unit.review.specimen_changes import ALL, TABLE, acknowledgement, groups, reason, staged


def specimen() -> Review:
    """The whole review."""
    all_groups = groups()
    changes = tuple(item for group in all_groups for item in group.same)
    line = acknowledgement("Archive2")
    late = replace(line, logical_id="Gone", expires=date(2020, 1, 1))
    return Review(
        base=Side(label="origin/main", revision="1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"),
        head=Side(label="WORKTREE", revision=""),
        verdict=Verdict.BLOCKED,
        stages=tuple(
            StageVerdict(
                stage=stage,
                verdict=Verdict.BLOCKED,
                production=stage == "prod",
                counts=((Kind.ADDED, 1), (Kind.CHANGED, 2), (Kind.REMOVED, 1)),
            )
            for stage in ALL
        ),
        stacks=tuple(
            StackChange(
                stage=stage,
                stack="sales",
                kind=Kind.CHANGED,
                resources_before=20,
                resources_after=21,
                counts=((Kind.ADDED, 1),),
                reasons=(reason("stack-added", f"the stack sales of {stage} is new", Verdict.LOOK),)
                if stage == "dev"
                else (),
                verdict=Verdict.LOOK if stage == "dev" else Verdict.HARMLESS,
            )
            for stage in ALL
        ),
        changes=changes,
        groups=all_groups,
        access=access(),
        findings=findings(),
        cost=cost(),
        coverage=coverage(),
        stray_alarms=(
            staged(
                StrayAlarm(
                    stage="prod",
                    stack="sales",
                    logical_id="Throttled",
                    watches="Sales",
                    reason=reason("stray-alarm", "it watches Sales, which is replaced", Verdict.LOOK),
                )
            ),
        ),
        tables=(staged(table_picture(), ALL),),
        acknowledgements=(
            AcknowledgementCheck(
                acknowledgement=line,
                state=AcknowledgementState.MATCHED,
                text="prod/sales/Archive2 is acknowledged until 2030-01-31: the bucket is empty",
                verdict=Verdict.HARMLESS,
            ),
            AcknowledgementCheck(
                acknowledgement=late,
                state=AcknowledgementState.STALE,
                text="nothing about prod/sales/Gone changes any more: remove its acknowledgement",
                verdict=Verdict.DANGER,
            ),
        ),
        hidden=(
            Hidden(stage="prod", stack="sales", sort="asset hash", count=7),
            Hidden(stage="dev", stack="sales", sort="asset hash", count=7),
            Hidden(stage="dev", stack="sales", sort="order", count=1),
        ),
        problems=(
            Problem(side="head", stage="dev", stack="other", origin="dev/other.json", text="dev/other.json: no JSON"),
        ),
        schemas_dated="2026-11-17",
        schemas_region="us-east-1",
        notes=("cfn-lint was not asked for",),
    )


def access() -> tuple[Staged[AccessChange], ...]:
    """Somebody from outside who may more, and a role that may less."""
    open_queue = AccessChange(
        stage="prod",
        stack="sales",
        logical_id="QueuePolicy",
        type="AWS::SQS::QueuePolicy",
        path="prod/sales/Queue/Policy",
        direction=Direction.WIDENED,
        effect="Allow",
        principal="*",
        external=True,
        actions=("sqs:SendMessage",),
        written_actions=("sqs:Send*",),
        resources=("${Queue.Arn}",),
        conditions={"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}},
        verdict=Verdict.DANGER,
        certainty=Certainty.SURE,
        reasons=(reason("public-access", "everyone may send messages", Verdict.DANGER),),
        digest="aaaaaaaaaaaaaaaa",
    )
    narrowed = replace(
        open_queue,
        logical_id="Role",
        principal="Role",
        external=False,
        direction=Direction.NARROWED,
        conditions=None,
        verdict=Verdict.HARMLESS,
        reasons=(reason("narrowed", "less is allowed than before", Verdict.HARMLESS),),
        digest="bbbbbbbbbbbbbbbb",
    )
    return staged(open_queue, ALL), staged(narrowed, ("dev",), ("staging", "prod"))


def findings() -> tuple[Staged[Finding], ...]:
    """A new one, a fixed one, one from before, and one that was accepted."""
    new = Finding(
        stage="prod",
        stack="sales",
        tool="cfn-lint",
        rule="E3012",
        severity="error",
        message="Timeout is no number",
        logical_id="Fn",
        construct_path="prod/sales/Fn",
        path=("Properties", "Timeout"),
        state=FindingState.NEW,
        verdict=Verdict.LOOK,
    )
    return (
        staged(new, ALL),
        staged(replace(new, tool="AwsSolutions", rule="S1", message="no logs", suppressed="logs of logs")),
        staged(replace(new, state=FindingState.FIXED, verdict=Verdict.HARMLESS, rule="W2001")),
        staged(replace(new, state=FindingState.UNCHANGED, verdict=Verdict.HARMLESS, rule="W3005")),
    )


def cost() -> Cost:
    """A part that is known and one that is not."""
    usage = CostLine(
        stage="prod",
        stack="sales",
        logical_id="Sales",
        type=TABLE,
        part=CostPart.USAGE,
        item="write units",
        before=Amount(value=Decimal("10.50"), basis="6.5 writes a second"),
        after=Amount(value=Decimal("21"), basis="6.5 writes a second, 1 index"),
    )
    unknown = replace(
        usage,
        logical_id="Fn",
        type="AWS::Lambda::Function",
        item="calls",
        after=Amount(value=None, basis="nobody said how often it is called"),
    )
    return Cost(
        currency="USD",
        region="eu-west-1",
        prices_dated="2026-11-01",
        assumptions="review/assumptions.toml",
        lines=(usage, unknown),
        stages=(
            StageCost(
                stage="prod",
                part=CostPart.FIXED,
                before=Decimal("0"),
                after=Decimal("0.003"),
                unknown_before=0,
                unknown_after=0,
            ),
            StageCost(
                stage="prod",
                part=CostPart.USAGE,
                before=Decimal("10.50"),
                after=Decimal("21"),
                unknown_before=0,
                unknown_after=1,
            ),
        ),
    )


def coverage() -> tuple[Staged[Coverage], ...]:
    """A queue without one of its alarms, and a table with all."""
    lacking = Coverage(
        stage="prod",
        stack="sales",
        logical_id="Queue",
        type="AWS::SQS::Queue",
        path="",
        mark=Mark.CHANGED,
        alarms=(
            RecommendedAlarm(name="oldest message", before=("Oldest",), after=()),
            RecommendedAlarm(name="depth", before=(), after=("Depth",)),
        ),
        verdict=Verdict.LOOK,
        reasons=(reason("alarm-lost", "its alarm on the oldest message is gone", Verdict.LOOK),),
    )
    whole = replace(
        lacking,
        logical_id="Sales",
        type=TABLE,
        mark=Mark.SAME,
        alarms=(RecommendedAlarm(name="throttled requests", before=("T",), after=("T",)),),
        verdict=Verdict.HARMLESS,
        reasons=(),
    )
    return staged(lacking, ("staging", "prod")), staged(whole, ("prod",))


def table_picture() -> TablePicture:
    """A table that loses an index and gets another."""
    key = TableKey(
        of=KeyOf.TABLE,
        index="",
        partition=("PK (S)",),
        sort=("SK (S)",),
        projection="",
        shards=None,
        patterns=("one sale",),
        mark=Mark.SAME,
    )
    return TablePicture(
        stage="prod",
        stack="sales",
        logical_id="Visits",
        name="shop-prod-visits",
        path="prod/sales/Visits",
        mark=Mark.CHANGED,
        keys=(
            key,
            replace(
                key,
                of=KeyOf.GLOBAL_INDEX,
                index="GSI1",
                partition=("A (S)",),
                sort=(),
                projection="ALL",
                shards=10,
                mark=Mark.REMOVED,
                notes=("it goes",),
            ),
            replace(
                key,
                of=KeyOf.GLOBAL_INDEX,
                index="GSI2",
                partition=("B (S)",),
                sort=(),
                projection="ALL",
                mark=Mark.ADDED,
            ),
        ),
        facts=(("billing", "PAY_PER_REQUEST", "PROVISIONED"), ("TTL", "", "ttl"), ("stream", "NEW_IMAGE", "NEW_IMAGE")),
        svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" role="img"><text x="2" y="14">PK</text></svg>',
        mermaid='flowchart LR\n  table["PK + SK"]',
    )
