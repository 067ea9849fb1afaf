"""The words and symbols that every rendering of a review shares, so that all of them say the same."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from review.model import (
    ABSENT,
    AccessChange,
    Amount,
    Certainty,
    Change,
    Cost,
    Coverage,
    Direction,
    Finding,
    FindingState,
    Kind,
    PropertyChange,
    Reason,
    Replaces,
    Review,
    Side,
    StageCost,
    Staged,
    StageVerdict,
    TableKey,
    Verdict,
)
from review.paths import path_text
from review.shown import shown

SYMBOLS = {Verdict.HARMLESS: "✓", Verdict.LOOK: "●", Verdict.DANGER: "▲", Verdict.BLOCKED: "✖"}
"""A symbol of a shape of its own for each verdict, for those to whom colours say nothing."""

KIND_SYMBOLS = {
    Kind.ADDED: "+",
    Kind.CHANGED: "~",
    Kind.MAYBE_REPLACED: "±?",
    Kind.REPLACED: "±",
    Kind.REMOVED: "-",
    Kind.RENAMED: "→",
}
MEANINGS = {
    Verdict.HARMLESS: "nothing to decide",
    Verdict.LOOK: "somebody should look at it",
    Verdict.DANGER: "data, access or protection may be lost",
    Verdict.BLOCKED: "it would be refused, or could not be reviewed",
}
WORST_FIRST = tuple(sorted(Verdict, reverse=True))
NOTHING = "—"


def printable(text: str) -> str:
    """The text in one line, what is invisible or steers a screen in it written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(letter if _is_plain(letter) else _written_out(letter) for letter in text)


def _is_plain(letter: str) -> bool:
    return letter.isprintable() and unicodedata.category(letter) not in ("Cf", "Co", "Cn")


def _written_out(letter: str) -> str:
    return "⏎" if letter == "\n" else " " if letter == "\t" else f"\\u{ord(letter):04x}"


def shortened(text: str, most: int) -> str:
    """The text, its middle left out where it is longer."""
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 1]}…{text[len(text) - tail :]}"


def value_text(value: Any, most: int = 400) -> str:
    """A value of a template in one printable line."""
    return NOTHING if value is ABSENT else printable(shortened(shown(value) or '""', most))


def place_of(change: PropertyChange) -> str:
    """Where a property is, as it is read; the section where it is not in Properties."""
    path = path_text(change.path)
    if change.section in ("Properties", ""):
        return printable(path) or "all of it"
    return printable(f"{change.section}.{path}" if path else change.section)


def change_text(change: PropertyChange, most: int = 400) -> tuple[str, str]:
    """Both values of a property; where they are long and alike, the part in which they differ."""
    before, after = value_text(change.before, 100_000), value_text(change.after, 100_000)
    if max(len(before), len(after)) <= most or NOTHING in (before, after):
        return shortened(before, most), shortened(after, most)
    same = next((at for at, (one, two) in enumerate(zip(before, after, strict=False)) if one != two), 0)
    start = max(0, same - most // 4)
    lead = "…" if start else ""
    return lead + shortened(before[start:], most), lead + shortened(after[start:], most)


def headline(review: Review) -> str:
    """The whole review in one sentence."""
    if says_nothing(review):
        where = ", ".join(stage.stage for stage in review.stages)
        return f"nothing changes in {where or 'any stage'}"
    parts = [_tallied(_changes(len(review.groups)), review.groups)] if review.groups else ["no resource changes"]
    if review.access:
        parts.append(_tallied(f"{len(review.access)} of access", review.access))
    return "; ".join(parts)


def _tallied(what: str, groups: Iterable[Staged[Change]] | Iterable[Staged[AccessChange]]) -> str:
    return f"{what}: {', '.join(f'{count} {verdict.word}' for verdict, count in tally(groups) if count)}"


def says_nothing(review: Review) -> bool:
    """Whether there is nothing at all to tell."""
    told = any(finding.item.state is not FindingState.UNCHANGED for finding in review.findings)
    said = review.changes or review.access or told or review.stray_alarms or review.problems or review.acknowledgements
    return review.verdict is Verdict.HARMLESS and not said


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"


def tally(groups: Iterable[Staged[Change]] | Iterable[Staged[AccessChange]]) -> list[tuple[Verdict, int]]:
    """How many changes have each verdict, the worst first; one that is the same in several stages counts once."""
    found = Counter(group.item.verdict for group in groups)
    return [(verdict, found[verdict]) for verdict in WORST_FIRST]


def counts_text(stage: StageVerdict) -> str:
    """`1 added, 2 replaced`."""
    return ", ".join(f"{count} {kind}" for kind, count in stage.counts) or "no resource"


def side_text(side: Side) -> str:
    """`origin/main (1a2b3c4d5e6f)`."""
    return f"{side.label} ({side.revision[:12]})" if side.revision else side.label


def where_text(group: Staged[Any]) -> str:
    """The stages of something; what only production gets stands out."""
    stages = ", ".join(group.stages)
    if group.production_only and group.elsewhere:
        return f"only {stages}"
    return f"same in {stages}" if len(group.stages) > 1 else stages


def title_of(change: Change) -> str:
    """What changes, by the name that a person knows it by."""
    name = change.logical_id or change.section
    if change.moved_from:
        return f"{change.moved_from}.{change.renamed_from or name} → {change.stack}.{name}"
    return f"{change.renamed_from} → {name}" if change.renamed_from else name


def type_of(change: Change) -> str:
    """Its type, or the section that it is an entry of."""
    return change.type or {"Resources": "unknown type"}.get(change.section, change.section)


def replaces_text(replaces: Replaces) -> str:
    """What a property does to its resource; empty where it is updated in place."""
    return {
        Replaces.NO: "",
        Replaces.UNKNOWN: "may replace (type unknown)",
        Replaces.MAYBE: "may replace",
        Replaces.YES: "replaces",
    }[replaces]


def reason_text(reason: Reason) -> str:
    """One sentence, with how sure it is where it is not."""
    text = printable(reason.text)
    return text if reason.certainty is Certainty.SURE else f"{text} ({reason.certainty})"


def reasons_of(change: Change) -> tuple[str, ...]:
    """Each sentence about a change once: its reasons, then what becomes of its data."""
    said = [reason_text(reason) for reason in change.reasons]
    if change.loss is not None:
        impact = printable(change.loss.impact)
        said += [] if any(impact in one for one in said) else [impact]
    return tuple(dict.fromkeys(said))


def gist(change: Change) -> str:
    """One line of why: the worst reason, or where it changes if nothing is wrong with that."""
    reasons = reasons_of(change)
    if (change.reasons and change.reasons[0].rule != "changed") or not change.properties:
        return reasons[0] if reasons else ""
    places = [place_of(each) for each in change.properties]
    more = f" and {len(places) - 4} more" if len(places) > 4 else ""
    return ", ".join(places[:4]) + more


def access_title(access: AccessChange) -> str:
    """`* may dynamodb:GetItem`."""
    allow, widened = access.effect == "Allow", access.direction is Direction.WIDENED
    verb = {
        (True, True): "may",
        (True, False): "may no longer",
        (False, True): "is no longer denied",
        (False, False): "is now denied",
    }[allow, widened]
    actions = access.written_actions or access.actions
    listed = ", ".join(actions[:4]) + (f" and {len(actions) - 4} more" if len(actions) > 4 else "")
    return printable(f"{access.principal} {verb} {listed}")


def finding_title(finding: Finding) -> str:
    """`cfn-lint E3012: …`."""
    return printable(f"{finding.tool} {finding.rule}: {finding.message}")


def before_text(count: int) -> str:
    """How many findings were there before."""
    return "1 was there before" if count == 1 else f"{count} were there before"


def missing_alarms(coverage: Coverage) -> tuple[str, ...]:
    """The recommended alarms that the resource does not have."""
    return tuple(alarm.name for alarm in coverage.alarms if not alarm.after)


def key_text(key: TableKey) -> str:
    """`table: PK (S) + SK (S)`."""
    name = printable(key.index) or "table"
    return f"{name}: {printable(' + '.join((*key.partition, *key.sort)))}"


def amount_text(amount: Amount, currency: str) -> str:
    """`12.50 USD`, or that it is unknown."""
    return "unknown" if amount.value is None else money(amount.value, currency)


def sum_text(known: Decimal, unknown: int, currency: str) -> str:
    """A sum of what is known; where nothing of it is, that it is unknown, and not a zero that reads as free."""
    return "unknown" if unknown and not known else money(known, currency)


def money(value: Decimal, currency: str) -> str:
    """An amount with cents, and with more digits where it is less than a cent."""
    digits = 2 if value == 0 or abs(value) >= Decimal("0.01") else 6
    text = f"{value:,.{digits}f}"
    return f"{text.rstrip('0') if digits > 2 else text} {currency}"


def schemas_text(review: Review) -> str:
    """What replacement was read from, and how old that is."""
    return f"replacement as in the resource schemas of {review.schemas_dated[:10]}, {review.schemas_region}"


def differing(cost: Cost) -> tuple[StageCost, ...]:
    """The sums that are not the same on both sides."""
    return tuple(one for one in cost.stages if (one.before, one.unknown_before) != (one.after, one.unknown_after))


def hidden_text(review: Review) -> str:
    """How much was left out since it changes by itself; empty where nothing was."""
    found: Counter[str] = Counter()
    for hidden in review.hidden:
        found[hidden.sort] += hidden.count
    listed = ", ".join(f"{count} {sort}" for sort, count in sorted(found.items()))
    return f"{sum(found.values())} differences that change by themselves are hidden: {listed}" if found else ""
