"""A review for a terminal of 100 columns: the verdict of each stage first, then each change, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from review.model import (
    AccessChange,
    AcknowledgementState,
    Change,
    Cost,
    FindingState,
    Kind,
    Mark,
    Replaces,
    Review,
    Staged,
    TablePicture,
    Verdict,
)
from review.wording import (
    KIND_SYMBOLS,
    SYMBOLS,
    access_title,
    amount_text,
    before_text,
    change_text,
    counts_text,
    differing,
    finding_title,
    headline,
    hidden_text,
    key_text,
    missing_alarms,
    money,
    place_of,
    printable,
    reason_text,
    reasons_of,
    replaces_text,
    says_nothing,
    schemas_text,
    shortened,
    side_text,
    sum_text,
    title_of,
    type_of,
    where_text,
)

WIDTH = 100
MOST_VALUES = 8
MOST_HARMLESS = 12
MOST_LOOK = 60
_COLOURS = {Verdict.HARMLESS: "green", Verdict.LOOK: "cyan", Verdict.DANGER: "yellow", Verdict.BLOCKED: "bold red"}
_MARKS = {Mark.SAME: " ", Mark.ADDED: "+", Mark.CHANGED: "~", Mark.REMOVED: "-"}
_INDENT = 11


def terminal(review: Review, *, colour: bool = False, width: int = WIDTH) -> str:
    """The review as lines of text, with colours only where they are asked for."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for part in _parts(review):
        console.print(part)
    # Padding is for backgrounds, which nothing here has.
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _parts(review: Review) -> Iterator[RenderableType]:
    if says_nothing(review):
        hidden = sum(each.count for each in review.hidden)
        left_out = f" ({hidden} hidden that change by themselves)" if hidden else ""
        yield Text.assemble(_verdict(review.verdict), "  ", headline(review), (left_out, "dim"))
        return
    yield Text.assemble(_verdict(review.verdict), "  ", headline(review))
    yield _quiet(f"{side_text(review.base)} → {side_text(review.head)}")
    yield Text()
    yield _stages(review)
    yield from _problems(review)
    yield from _changes(review.groups)
    yield from _access(review.access)
    yield from _findings(review)
    yield from _alarms(review)
    yield from _tables(review.tables)
    if review.cost is not None:
        yield from _cost(review.cost)
    yield from _last(review)


def _stages(review: Review) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0), show_header=False)
    for stage in review.stages:
        table.add_row(
            Text(printable(stage.stage), "bold" if stage.production else ""),
            _verdict(stage.verdict),
            counts_text(stage),
        )
    return table


def _problems(review: Review) -> Iterator[RenderableType]:
    failed = [check for check in review.acknowledgements if check.state is not AcknowledgementState.MATCHED]
    reasons = [reason for stack in review.stacks for reason in stack.reasons]
    if review.problems or failed:
        yield from _heading("Not reviewed, or not acknowledged rightly")
    for problem in review.problems:
        yield _item(problem.verdict, printable(problem.text))
    for check in failed:
        yield _item(check.verdict, printable(check.text))
    if reasons:
        yield from _heading("Stacks")
    for stack in review.stacks:
        for reason in stack.reasons:
            yield _item(reason.verdict, f"{printable(stack.stage)}: {reason_text(reason)}")


def _changes(groups: tuple[Staged[Change], ...]) -> Iterator[RenderableType]:
    most = {Verdict.HARMLESS: MOST_HARMLESS, Verdict.LOOK: MOST_LOOK}
    for verdict in sorted(Verdict, reverse=True):
        mine = [group for group in groups if group.item.verdict is verdict]
        if not mine:
            continue
        yield from _heading(f"{len(mine)} {verdict.word}")
        for group in mine[: most.get(verdict, len(mine))]:
            yield from _change(group)
        left = len(mine) - most.get(verdict, len(mine))
        if left > 0:
            yield _quiet(f"and {left} more that are {verdict.word}: --format html shows them all", _INDENT)


def _change(group: Staged[Change]) -> Iterator[RenderableType]:
    change = group.item
    kind = Text(f"{KIND_SYMBOLS[change.kind]} {change.kind}", _kind_colour(change.kind))
    title = Text.assemble(
        kind,
        "  ",
        (printable(title_of(change)), "bold"),
        "  ",
        (printable(type_of(change)), "dim"),
        "  ",
        (printable(where_text(group)), "magenta" if group.production_only and group.elsewhere else "dim"),
    )
    yield _line(Text.assemble(_verdict(change.verdict)), title)
    if change.verdict is Verdict.HARMLESS:
        return
    if change.path:
        yield _quiet(f"{printable(change.stack)}  {printable(change.path)}", _INDENT)
    else:
        yield _quiet(printable(change.stack), _INDENT)
    for said in reasons_of(change):
        yield _indented(Text(said, _COLOURS[change.verdict] if change.verdict > Verdict.LOOK else ""))
    for each in change.properties[:MOST_VALUES]:
        before, after = change_text(each, 120)
        replaces = replaces_text(each.replaces)
        line = Text.assemble((place_of(each), "bold"), "  ", (before, "red"), " → ", (after, "green"))
        if replaces:
            line.append(f"  [{replaces}]", "bold yellow" if each.replaces is Replaces.YES else "yellow")
        yield _indented(line)
    if len(change.properties) > MOST_VALUES:
        yield _quiet(f"and {len(change.properties) - MOST_VALUES} more values", _INDENT)
    for step in change.deployments:
        yield _indented(Text(f"» {printable(step)}", "bold"))
    yield from _acknowledged(group)


def _acknowledged(group: Staged[Change] | Staged[AccessChange]) -> Iterator[RenderableType]:
    for item in group.same:
        if item.acknowledged is not None:
            line = item.acknowledged
            text = f"{item.stage}: acknowledged until {line.expires.isoformat()}: {printable(line.reason)}"
            yield _indented(Text(text, "green"))


def _access(access: tuple[Staged[AccessChange], ...]) -> Iterator[RenderableType]:
    if access:
        yield from _heading("Access")
    for group in access:
        each = group.item
        outside = " [external]" if each.external else ""
        title = Text.assemble(
            (access_title(each), "bold"), (outside, "bold red"), "  ", (printable(where_text(group)), "dim")
        )
        yield _line(_verdict(each.verdict), title)
        on = ", ".join(each.resources[:3]) + (f" and {len(each.resources) - 3} more" if len(each.resources) > 3 else "")
        yield _quiet(f"in {printable(each.logical_id)} on {printable(shortened(on, 200)) or 'itself'}", _INDENT)
        for reason in each.reasons:
            yield _indented(Text(reason_text(reason)))
        yield from _acknowledged(group)


def _findings(review: Review) -> Iterator[RenderableType]:
    told = [group for group in review.findings if group.item.state is not FindingState.UNCHANGED]
    unchanged = len(review.findings) - len(told)
    if review.findings:
        yield from _heading("Findings")
    for group in told:
        finding = group.item
        title = f"{finding.state}: {finding_title(finding)}"
        where = f"{finding.logical_id or finding.construct_path}  {where_text(group)}"
        verdict = finding.verdict if finding.state is FindingState.NEW else Verdict.HARMLESS
        yield _line(_verdict(verdict), Text.assemble(title, "  ", (printable(where), "dim")))
        if finding.suppressed:
            yield _quiet(f"accepted: {printable(finding.suppressed)}", _INDENT)
    if unchanged:
        yield _quiet(before_text(unchanged), _INDENT)


def _alarms(review: Review) -> Iterator[RenderableType]:
    lacking = [group for group in review.coverage if group.item.mark is not Mark.SAME or group.item.reasons]
    if review.stray_alarms or lacking:
        yield from _heading("Alarms")
    for stray in review.stray_alarms:
        text = f"{printable(stray.item.logical_id)}: {reason_text(stray.item.reason)}"
        yield _item(stray.item.reason.verdict, f"{text}  {printable(where_text(stray))}")
    for group in lacking:
        covered = group.item
        missing = ", ".join(missing_alarms(covered))
        text = f"{printable(covered.logical_id)} has {len(covered.alarms) - len(missing_alarms(covered))}"
        text += f" of {len(covered.alarms)} recommended alarms" + (
            f", without: {printable(missing)}" if missing else ""
        )
        yield _item(covered.verdict, f"{text}  {printable(where_text(group))}")
        for reason in covered.reasons:
            yield _indented(Text(reason_text(reason)))


def _tables(tables: tuple[Staged[TablePicture], ...]) -> Iterator[RenderableType]:
    changed = [group for group in tables if group.item.mark is not Mark.SAME]
    if changed:
        yield from _heading("Tables")
    for group in changed:
        picture = group.item
        yield Text.assemble(
            f"{_MARKS[picture.mark]} ",
            (printable(picture.name or picture.logical_id), "bold"),
            "  ",
            (printable(where_text(group)), "dim"),
        )
        for key in picture.keys:
            shards = f"  {key.shards} shards" if key.shards else ""
            notes = f"  {printable('; '.join(key.notes))}" if key.notes else ""
            yield Padding(Text(f"{_MARKS[key.mark]} {key_text(key)}{shards}{notes}"), (0, 0, 0, 2))
        for name, before, after in picture.facts:
            if before != after:
                yield Padding(Text(printable(f"~ {name}: {before or '—'} → {after or '—'}")), (0, 0, 0, 2))


def _cost(cost: Cost) -> Iterator[RenderableType]:
    yield from _heading("Cost a month")
    table = Table(box=None, padding=(0, 3, 0, 0), show_header=False)
    for one in differing(cost):
        unknown = f"and {one.unknown_after} unknown" if one.unknown_after else ""
        before = sum_text(one.before, one.unknown_before, cost.currency)
        after = sum_text(one.after, one.unknown_after, cost.currency)
        sign = "+" if one.after > one.before else ""
        table.add_row(
            printable(one.stage),
            str(one.part),
            f"{before} → {after}",
            "" if "unknown" in (before, after) else f"{sign}{money(one.after - one.before, cost.currency)}",
            unknown,
        )
    yield table if table.row_count else _quiet("no known change")
    for line in cost.lines[:MOST_VALUES]:
        text = f"{line.stage}  {line.logical_id}  {line.item}: {amount_text(line.before, cost.currency)}"
        yield _quiet(printable(f"{text} → {amount_text(line.after, cost.currency)}"), 2)
    if len(cost.lines) > MOST_VALUES:
        yield _quiet(f"and {len(cost.lines) - MOST_VALUES} more lines", 2)
    assumed = f", use as in {cost.assumptions}" if cost.assumptions else ", use unknown: no assumptions are given"
    yield _quiet(printable(f"prices of {cost.prices_dated}, {cost.region}{assumed}"), 2)


def _last(review: Review) -> Iterator[RenderableType]:
    yield Text()
    yield from (
        _quiet(printable(text))
        for text in (
            hidden_text(review),
            *review.notes,
            schemas_text(review),
        )
        if text
    )


def _verdict(verdict: Verdict) -> Text:
    return Text(f"{SYMBOLS[verdict]} {verdict.word}", _COLOURS[verdict])


def _kind_colour(kind: Kind) -> str:
    return "red" if kind in (Kind.REMOVED, Kind.REPLACED, Kind.RENAMED) else "yellow" if "maybe" in kind else ""


def _heading(text: str) -> Iterable[RenderableType]:
    yield Text()
    yield Rule(Text(text, "bold"), align="left", style="dim")


def _line(verdict: Text, text: Text) -> Table:
    table = Table.grid(padding=0)
    table.add_column(width=_INDENT, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(verdict, text)
    return table


def _item(verdict: Verdict, text: str) -> Table:
    return _line(_verdict(verdict), Text(text))


def _indented(text: Text) -> Padding:
    text.overflow = "fold"
    return Padding(text, (0, 0, 0, _INDENT))


def _quiet(text: str, indent: int = 0) -> Padding:
    return Padding(Text(text, "dim", overflow="fold"), (0, 0, 0, indent))
