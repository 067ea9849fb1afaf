"""The keys and settings of a DynamoDB table as its template has them, and what of them changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.indexes import INDEXES
from review.intrinsics import canonical, is_intrinsic
from review.key_facts import key_facts
from review.model import KeyOf, Mark, TableKey
from review.shown import shown
from shardwell import Table

_LOCAL = "LocalSecondaryIndexes"
_UNKNOWN = "known at deployment"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a description says about one key beyond the template."""

    shards: int | None
    patterns: tuple[str, ...]


def said_by(table: Table | None) -> Mapping[str, Said]:
    """What the description says, by the name of the index; empty for the table's own key."""
    if table is None:
        return {}
    return {
        facts.index or "": Said(
            shards=max((form.key.sharding.count for form in facts.forms if form.key.sharding), default=None),
            patterns=tuple(dict.fromkeys(form.purpose for form in facts.forms)),
        )
        for facts in key_facts(table)
    }


@dataclass(frozen=True, kw_only=True)
class _Key:
    of: KeyOf
    index: str
    partition: tuple[str, ...]
    sort: tuple[str, ...]
    projection: str


def keys_of(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, said: Mapping[str, Said]
) -> tuple[TableKey, ...]:
    """The table's own key, then its indexes by name, those that are gone included."""
    old, new = (_keys(side) if side is not None else {} for side in (before, after))
    names = sorted({*old, *new}, key=lambda name: ((new.get(name) or old[name]).of is not KeyOf.TABLE, name))
    return tuple(_marked(old.get(name), new.get(name), said.get(name[1])) for name in names)


def _marked(old: _Key | None, new: _Key | None, said: Said | None) -> TableKey:
    key = new if new is not None else old
    if key is None:
        raise ValueError("a key is on one side at least")
    notes = tuple(_notes(old, new)) if old and new else ()
    mark = Mark.ADDED if old is None else Mark.REMOVED if new is None else Mark.CHANGED if notes else Mark.SAME
    return TableKey(
        of=key.of,
        index=key.index,
        partition=key.partition,
        sort=key.sort,
        projection=key.projection,
        shards=said.shards if said else None,
        patterns=said.patterns if said else (),
        mark=mark,
        notes=notes,
    )


def _notes(old: _Key, new: _Key) -> Iterator[str]:
    for what, was, now in (
        ("partition key", ", ".join(old.partition), ", ".join(new.partition)),
        ("sort key", ", ".join(old.sort), ", ".join(new.sort)),
        ("projection", old.projection, new.projection),
    ):
        if was != now:
            yield f"{what}: {was or 'none'} becomes {now or 'none'}"


def _keys(properties: Mapping[str, Any]) -> dict[tuple[bool, str], _Key]:
    """Every key by whether it is a local index's and by its name; what cannot be read is a key that says so."""
    types = _types(properties.get("AttributeDefinitions"))
    found = {(False, ""): _key(KeyOf.TABLE, "", properties, types)}
    for name, of in ((INDEXES, KeyOf.GLOBAL_INDEX), (_LOCAL, KeyOf.LOCAL_INDEX)):
        entries = properties.get(name, [])
        if not isinstance(entries, list):
            entries = [{"IndexName": f"{of}es", "KeySchema": entries}]
        for at, entry in enumerate(entries):
            given = entry if isinstance(entry, Mapping) and not is_intrinsic(entry) else {"KeySchema": entry}
            index = shown(given.get("IndexName", f"{of} {at + 1}"))
            found[of is KeyOf.LOCAL_INDEX, index] = _key(of, index, given, types)
    return found


def _key(of: KeyOf, index: str, given: Mapping[str, Any], types: Mapping[str, str]) -> _Key:
    schema = given.get("KeySchema")
    parts = schema if isinstance(schema, list) else []
    named = [
        (shown(part.get("KeyType")), shown(part.get("AttributeName")))
        for part in parts
        if isinstance(part, Mapping) and not is_intrinsic(part)
    ]
    readable = isinstance(schema, list) and len(named) == len(parts) and parts
    partition = tuple(_typed(name, types) for kind, name in named if kind != "RANGE")
    return _Key(
        of=of,
        index=index,
        partition=partition if readable else (f"{_UNKNOWN}: {shown(schema)}",),
        sort=tuple(_typed(name, types) for kind, name in named if kind == "RANGE") if readable else (),
        projection="" if of is KeyOf.TABLE else _projection(given.get("Projection")),
    )


def _typed(name: str, types: Mapping[str, str]) -> str:
    return f"{name} ({types[name]})" if name in types else name


def _types(defined: Any) -> Mapping[str, str]:
    return {
        shown(each.get("AttributeName")): shown(each.get("AttributeType"))
        for each in (defined if isinstance(defined, list) else [])
        if isinstance(each, Mapping)
    }


def _projection(given: Any) -> str:
    if not isinstance(given, Mapping) or is_intrinsic(given):
        return _UNKNOWN if given else "none"
    kind = shown(given.get("ProjectionType", "ALL"))
    attributes = given.get("NonKeyAttributes")
    names = sorted(map(shown, attributes)) if isinstance(attributes, list) else []
    words = {"ALL": "whole items", "KEYS_ONLY": "keys only", "INCLUDE": f"keys and {', '.join(names)}"}
    return words.get(kind, kind)


def facts_between(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[tuple[str, str, str], ...]:
    """What else is worth a line, with the text of each side; empty for a side that is not there."""
    old, new = (dict(_facts(side)) if side is not None else {} for side in (before, after))
    return tuple((name, old.get(name, ""), new.get(name, "")) for name in {**old, **new})


def _facts(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    replicas = properties.get("Replicas")
    copies = [each for each in replicas if isinstance(each, Mapping)] if isinstance(replicas, list) else []
    of_copy = [*copies, properties]
    yield "billing", shown(properties.get("BillingMode", "PROVISIONED")).replace("_", " ").lower()
    if copies:
        yield "replicas", ", ".join(shown(each.get("Region", _UNKNOWN)) for each in copies)
    yield (
        "point-in-time recovery",
        _switch(_first(of_copy, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")),
    )
    yield "deletion protection", _switch(_first(of_copy, "DeletionProtectionEnabled"))
    ttl = properties.get("TimeToLiveSpecification")
    if isinstance(ttl, Mapping) and canonical(ttl.get("Enabled")) != "false":
        yield "time to live", shown(ttl.get("AttributeName", _UNKNOWN))
    else:
        yield "time to live", _UNKNOWN if ttl and not isinstance(ttl, Mapping) else "off"
    stream = properties.get("StreamSpecification")
    view = stream.get("StreamViewType", _UNKNOWN) if isinstance(stream, Mapping) else "off"
    yield "stream", shown(view).replace("_", " ").lower()
    encrypted = properties.get("SSESpecification")
    key = encrypted.get("SSEEnabled") if isinstance(encrypted, Mapping) else None
    yield "encryption", "a key of KMS" if canonical(key) == "true" else "AWS's own key" if not key else shown(key)


def _first(places: list[Mapping[str, Any]], *path: str) -> Any:
    """The value of the first place that has one."""
    for place in places:
        value: Any = place
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) and not is_intrinsic(value) else None
        if value is not None:
            return value
    return None


def _switch(value: Any) -> str:
    return {"true": "on", "false": "off"}.get(str(canonical(value)), "off" if value is None else shown(value))
