"""What a change costs a month: what is due whatever happens, and what depends on assumed use, in dated prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from review.assumptions import Assumptions
from review.cost_fixed import FIXED, is_free, nothing_known
from review.cost_usage import USAGE
from review.model import Amount, Change, Cost, CostLine, CostPart, Kind, StageCost
from review.names import construct_path
from review.priced import Item, Priced
from review.prices import price_list
from review.subjects import properties_of
from review.templates import Comparison, Pair, Template

NOTHING = Amount(value=Decimal(0), basis="there is none")
Items = Mapping[tuple[CostPart, str], Amount]


def cost_of(comparison: Comparison, changes: Iterable[Change], assumptions: Assumptions | None) -> Cost:
    """The cost of both sides: a line for each item that becomes another or is unknown, and the sums of each stage."""
    renamed = {
        (change.stage, change.stack, change.logical_id): change.renamed_from
        for change in changes
        if change.kind is Kind.RENAMED and change.renamed_from and not change.moved_from
    }
    lines: list[CostLine] = []
    every: list[CostLine] = []
    for pair in comparison.pairs:
        for line, differs in _lines(pair, assumptions, renamed):
            every.append(line)
            unknown = line.before.value is None or line.after.value is None
            if line.before.value != line.after.value or (unknown and differs):
                lines.append(line)
    listed = price_list()
    return Cost(
        currency="USD",
        region=listed.region,
        prices_dated=listed.date,
        assumptions=assumptions.origin if assumptions else "",
        lines=tuple(lines),
        stages=tuple(_sums(every, [pair.stage for pair in comparison.pairs])),
    )


def _lines(
    pair: Pair, assumptions: Assumptions | None, renamed: Mapping[tuple[str, str, str], str]
) -> Iterator[tuple[CostLine, bool]]:
    """Every line of a stack, with whether its resource differs."""
    before = pair.before.resources if pair.before else {}
    after = pair.after.resources if pair.after else {}
    olds = {name: renamed.get((pair.stage, pair.stack, name), name) for name in after}
    gone = set(before) - set(olds.values())
    for name in sorted({*after, *gone}):
        old, new = before.get(olds.get(name, name)), after.get(name)
        was = _items(pair.before, olds.get(name, name), old, assumptions)
        differs = pair.before is not pair.after and old != new
        now = _items(pair.after, name, new, assumptions) if differs else was
        for part, item in {**was, **now}:
            line = CostLine(
                stage=pair.stage,
                stack=pair.stack,
                logical_id=name,
                type=(new or old or {})["Type"],
                part=part,
                item=item,
                before=was.get((part, item), NOTHING),
                after=now.get((part, item), NOTHING),
            )
            yield line, differs


def _items(
    template: Template | None, name: str, resource: Mapping[str, Any] | None, assumptions: Assumptions | None
) -> Items:
    if template is None or resource is None or is_free(resource["Type"]):
        return {}
    path = construct_path(resource)
    use = (
        assumptions.use_of(stage=template.stage, stack=template.stack, logical_id=name, path=path)
        if assumptions
        else None
    )
    says = f"{assumptions.origin} says nothing about it" if assumptions else "there is no file of assumptions"
    of = Priced(type=resource["Type"], properties=properties_of(resource), use=use, nobody_says=says)
    found: dict[tuple[CostPart, str], Amount] = {}
    for item in _priced(of):
        found[item.part, item.item] = _maybe(item.amount, resource)
    return found


def _priced(of: Priced) -> Iterator[Item]:
    pricers = [by_type[of.type] for by_type in (FIXED, USAGE) if of.type in by_type]
    for pricer in pricers or [nothing_known]:
        yield from pricer(of)


def _maybe(amount: Amount, resource: Mapping[str, Any]) -> Amount:
    """What is there only under a condition may not be there."""
    if "Condition" not in resource or amount.value is None:
        return amount
    return Amount(value=None, basis=f"it is there only under {resource['Condition']}; then {amount.value:.2f} USD")


def _sums(lines: Iterable[CostLine], stages: Iterable[str]) -> Iterator[StageCost]:
    by_stage: dict[tuple[str, CostPart], list[CostLine]] = {
        (stage, part): [] for stage in dict.fromkeys(stages) for part in CostPart
    }
    for line in lines:
        by_stage[line.stage, line.part].append(line)
    for (stage, part), mine in by_stage.items():
        yield StageCost(
            stage=stage,
            part=part,
            before=sum((line.before.value for line in mine if line.before.value is not None), Decimal(0)),
            after=sum((line.after.value for line in mine if line.after.value is not None), Decimal(0)),
            unknown_before=sum(line.before.value is None for line in mine),
            unknown_after=sum(line.after.value is None for line in mine),
        )
