"""The DynamoDB tables that differ, each before and after in one picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from review.model import Change, Kind, Mark, TablePicture
from review.names import construct_path
from review.overlay import TABLES
from review.shown import shown
from review.subjects import properties_of
from review.table_keys import facts_between, keys_of, said_by
from review.table_mermaid import table_mermaid
from review.table_svg import table_svg
from review.templates import Comparison, Pair
from shardwell import Table


def table_pictures(
    comparison: Comparison, changes: Iterable[Change], descriptions: Iterable[Table] = ()
) -> tuple[TablePicture, ...]:
    """A picture of every table that is not the same on both sides; descriptions add its shards and access patterns."""
    renamed = {
        (change.stage, change.stack, change.logical_id): change.renamed_from
        for change in changes
        if change.kind is Kind.RENAMED and change.renamed_from and not change.moved_from
    }
    described = tuple(descriptions)
    return tuple(found for pair in comparison.pairs if not pair.same for found in _of_pair(pair, renamed, described))


def tables_described(modules: Iterable[str]) -> tuple[Table, ...]:
    """The descriptions in the modules that are named: `sales_intelligence.tables`."""
    return tuple(value for name in modules for value in vars(import_module(name)).values() if isinstance(value, Table))


def _of_pair(
    pair: Pair, renamed: Mapping[tuple[str, str, str], str], described: tuple[Table, ...]
) -> Iterator[TablePicture]:
    before = _tables(pair.before.resources if pair.before else {})
    after = _tables(pair.after.resources if pair.after else {})
    olds = {name: renamed.get((pair.stage, pair.stack, name), name) for name in after}
    for name in [*after, *(name for name in before if name not in olds.values())]:
        old, new = before.get(olds.get(name, name)), after.get(name)
        renames = olds.get(name, name) != name
        found = _picture(pair, name, old, new, described) if renames or old != new else None
        if found and (renames or _differs(found)):
            yield found


def _differs(picture: TablePicture) -> bool:
    """Whether the change of the table is one that the picture shows."""
    kept = picture.mark is Mark.CHANGED and all(key.mark is Mark.SAME for key in picture.keys)
    return not kept or any(before != after for _, before, after in picture.facts)


def _tables(resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {name: resource for name, resource in sorted(resources.items()) if resource["Type"] in TABLES}


def _picture(
    pair: Pair,
    logical_id: str,
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    described: tuple[Table, ...],
) -> TablePicture:
    resource = new or old or {}
    before = properties_of(old) if old is not None else None
    after = properties_of(new) if new is not None else None
    name = shown(properties_of(resource).get("TableName", logical_id))
    keys = keys_of(before, after, said_by(_description(name, pair.stage, described)))
    facts = facts_between(before, after)
    mark = Mark.ADDED if old is None else Mark.REMOVED if new is None else Mark.CHANGED
    return TablePicture(
        stage=pair.stage,
        stack=pair.stack,
        logical_id=logical_id,
        name=name,
        path=construct_path(resource),
        mark=mark,
        keys=keys,
        facts=facts,
        svg=table_svg(name, keys, facts, mark),
        mermaid=table_mermaid(name, keys, mark),
    )


def _description(name: str, stage: str, described: tuple[Table, ...]) -> Table | None:
    """The description of the table of that name in that stage."""
    return next((table for table in described if table.name_template.replace("{stage}", stage) == name), None)
