"""A picture of a table, drawn from its description: keys, indexes, shards, what each holds and what it is for."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from review.drawing import Word, box, chip, chip_width, flow, mono, mono_width, number, sans, wrapped
from review.key_facts import KeyFacts, KeyForm, facts_of, key_facts
from review.picture_style import style
from review.shard_picture import HEIGHT as PARTITIONS
from review.shard_picture import partitions
from shardwell import Table
from shardwell.keys import KeyAttribute
from shardwell.template import SHARD

WIDTH = 1160.0
MARGIN = 28.0
PANEL = 250.0
LINE = 28.0
CODE = 11.5
_GAP = 16.0
_LABELS = 62.0
_ICONS = {
    "record": "M2 3h12M2 8h12M2 13h7",
    "ttl": "M8 2.2a5.8 5.8 0 1 0 .01 0M8 5v3.2l2.2 1.5",
    "stream": "M2 5h8M7 2l3 3-3 3M6 11h8M11 8l3 3-3 3",
    "version": "M6 2 4.5 14M11.5 2 10 14M2.5 5.6h11.5M2 10.4h11.5",
}


def picture(table: Table) -> str:
    """One SVG document, readable on a light page and on a dark one, and the same for the same description."""
    facts = key_facts(table)
    lacking = [field for one in facts for form in one.forms for field in form.sparse]
    said = [len(_who(one)) * 6.4 + 42 for one in facts[1:]]
    gutter = max([132.0, *said, *(chip_width(field, 11) + 46 for field in lacking)])
    drawn, y = _head(table)
    cards, height = _card(table, facts[0], MARGIN, y, WIDTH - 2 * MARGIN)
    trunk = y = y + height
    branches: list[float] = []
    for one in facts[1:]:
        card, height = _card(table, one, MARGIN + gutter, y + _GAP, WIDTH - 2 * MARGIN - gutter)
        branches.append(y + _GAP + 28)
        cards += [*card, *_branch(one, branches[-1], gutter)]
        y += _GAP + height
    stem = (
        [f'<path class="spine" d="M{number(MARGIN + 22)} {number(trunk)}V{number(branches[-1] - 8)}"/>']
        if branches
        else []
    )
    drawn = [box(0, 0, WIDTH, y + MARGIN, "paper", round=10), *drawn, *stem, *cards]
    return "\n".join([_opening(table, facts, y + MARGIN), style(), *drawn, "</svg>\n"])


def _opening(table: Table, facts: tuple[KeyFacts, ...], height: float) -> str:
    said = [f"{one.index or 'the table'}: {'; '.join(form.purpose for form in one.forms)}" for one in facts]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(WIDTH)} {number(height)}" '
        f'width="{number(WIDTH)}" height="{number(height)}" role="img" aria-label={quoteattr(table.name_template)}>\n'
        f"<title>{escape(table.name_template)}</title>\n<desc>{escape('. '.join(said))}</desc>"
    )


def _head(table: Table) -> tuple[list[str], float]:
    """The table's name, and beneath it what holds for the whole of it."""
    drawn = [mono(MARGIN, MARGIN + 20, table.name_template, "strong ink", 20), *_legend(table)]
    x, y = MARGIN, MARGIN + 50
    for kind, says in facts_of(table):
        width = len(says) * 6.5 + 22
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, y = MARGIN, y + 22
        icon = f'<path class="icon" transform="translate({number(x)} {number(y - 12.5)})" d="{_ICONS[kind]}"/>'
        drawn += [icon, sans(x + 22, y, says, "quiet fact")]
        x += width + 26
    return drawn, y + 20 if x > MARGIN else MARGIN + 38


def _legend(table: Table) -> list[str]:
    """What the chips' colours mean, right of the name, where there is more than one."""
    forms = [form for one in key_facts(table) for form in one.forms]
    meanings = [("field", "a field of the item")]
    meanings += [("sparse", "may be missing")] if any(form.sparse for form in forms) else []
    meanings += [("shard", "computed")] if any(form.key.sharding for form in forms) else []
    x = WIDTH - MARGIN - sum(chip_width(says, 11) + 8 for _, says in meanings) + 8
    drawn = []
    for kind, says in meanings if len(meanings) > 1 else ():
        drawn.append(chip(x, MARGIN + 17, says, kind, 11))
        x += chip_width(says, 11) + 8
    return drawn


def _branch(one: KeyFacts, y: float, gutter: float) -> list[str]:
    """How items get into an index: all of them, or those alone that have certain fields."""
    fields = tuple(dict.fromkeys(field for form in one.forms for field in form.sparse))
    start, end = MARGIN + 22, MARGIN + gutter
    kind = "spine thin" if fields or one.partial else "spine"
    corner = f"M{number(start)} {number(y - 8)}Q{number(start)} {number(y)} {number(start + 8)} {number(y)}"
    drawn = [
        f'<path class="spine" d="{corner}"/>',
        f'<path class="{kind}" d="M{number(start + 8)} {number(y)}H{number(end - 7)}"/>',
        f'<path class="tip" d="M{number(end - 1)} {number(y)}l-7 -4v8z"/>',
        sans(start + 14, y - 8, _who(one), "quiet tiny"),
    ]
    return drawn + [chip(start + 14, y + 20 + 26 * place, field, "sparse", 11) for place, field in enumerate(fields)]


def _who(one: KeyFacts) -> str:
    """Which items are in an index."""
    sparse = any(form.sparse for form in one.forms)
    if one.partial:
        return f"each {' or '.join(form.shape for form in one.forms)}" + (" with" if sparse else "")
    return "only items with" if sparse else "every item"


def _card(table: Table, one: KeyFacts, x: float, y: float, width: float) -> tuple[list[str], float]:
    """A key with its forms side by side with its partitions, and how high that is."""
    inside, at = [], y + 34
    for number_of, form in enumerate(one.forms):
        at += 14 if number_of else 0
        lines, at = _form(table, one, form, x + 20, at, x + width - PANEL - 24, first=number_of == 0)
        inside += lines
    height = max(at - y + 4, PARTITIONS + 36)
    right = x + width - PANEL
    rule = f'<path class="rule" d="M{number(right)} {number(y + 18)}V{number(y + height - 18)}"/>'
    shards = partitions(one.forms[0], right + 26, y + 20, PANEL - 46)
    card = box(x, y, width, height, "card", round=10)
    return [f"<g data-key={quoteattr(one.index or '')}>", card, *inside, rule, shards, "</g>"], height


def _form(
    table: Table, one: KeyFacts, form: KeyForm, x: float, y: float, most: float, *, first: bool
) -> tuple[list[str], float]:
    """The name and purpose of a key, its attributes, how it is read and what it holds; and where it ends."""
    drawn, at = [], x
    if first:
        name = one.index or "table"
        width = mono_width(name, 13) + 18
        drawn += [box(at, y - 17, width, 24, "name"), mono(at + 9, y, name, "on-name strong", 13)]
        at += width + 12
    if len(table.shapes) > 1:
        drawn.append(mono(at, y, form.shape, "strong ink", 13))
        at += mono_width(form.shape, 13) + 12
    drawn.append(
        sans(at, y, form.purpose[:1].upper() + form.purpose[1:], "purpose" if form.key.purpose else "purpose quiet")
    )
    names = _LABELS + 10
    values = x + names + max(mono_width(attribute.name, 12.5) for attribute in form.key.attributes) + 18
    y += 8
    for label, attribute in zip(("partition", "sort"), form.key.attributes, strict=False):
        y += LINE
        drawn += [sans(x, y, label, "label"), mono(x + names, y, attribute.name, "ink", 12.5)]
        words, after = _words(attribute, form.sparse)
        lines, y = flow(values, y, most, words, after, line=LINE)
        drawn += lines
    drawn.append(sans(x, y + LINE, "read by", "label"))
    for line in wrapped(_question(table, one, form), most - x - names, CODE):
        y += LINE if line[0] != " " else 17
        drawn.append(mono(x + names, y, line, "quiet", CODE))
    if form.pin:
        y += 19
        drawn.append(sans(x + names, y, f"with {form.pin}=… as well, from one shard", "quiet tiny"))
    if one.index:
        y += 22
        drawn += [sans(x, y, "holds", "label"), sans(x + names, y, one.holds, "quiet")]
    return drawn, y + 18


def _words(attribute: KeyAttribute, sparse: tuple[str, ...]) -> tuple[list[Word], str]:
    def kind(field: str) -> str:
        return "shard" if field == SHARD else "sparse" if field in sparse else "field"

    if attribute.template is None:
        typed = {"S": "text", "N": "number", "B": "bytes"}[attribute.type]
        return [Word("", attribute.name, kind(attribute.name))], f" {typed}, as it is"
    words = [
        Word(part.before, part.name if part.digits is None else f"{part.name}:0{part.digits}d", kind(part.name))
        for part in attribute.template.parts
    ]
    return words, attribute.template.after


def _question(table: Table, one: KeyFacts, form: KeyForm) -> str:
    """The call that reads by this key."""
    of = f'of("{form.shape}").' if len(table.shapes) > 1 else ""
    if one.index is None and not form.sort_fields:
        key = ", ".join(f'"{field}": …' for field in form.partition_fields)
        return f"{of}get({{{key}}})"
    given = [f'"{one.index}"'] if one.index else []
    given += [f"{field}=…" for field in form.partition_fields]
    narrowed = f".between({form.sort_fields[0]}, …)" if form.sort_fields else ""
    return f"{of}query({', '.join(given)}){narrowed}"
