"""What DynamoDB refuses in expressions, and in the reading of an index."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.support.rules.table_keys import TableKeys
from tests.support.rules.verdict import demand

EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
MOST_BYTES = 4096
MOST_OPERANDS = 100
MOST_OPERATORS = 300
MOST_NAME = 255
_NAME = re.compile(r"#\w+")
_VALUE = re.compile(r":\w+")
_WORD = re.compile(r"(?<![#:.\w])(?!(?:AND|OR|NOT|BETWEEN|IN)\b)[A-Za-z_]\w*(?![\w(])")
_PATH = re.compile(r"#?[A-Za-z_]\w*(?:\.#?\w+|\[\d+\])*")
_IN = re.compile(r"\bIN\s*\(([^()]*)\)", re.IGNORECASE)
_BETWEEN = re.compile(r"\bBETWEEN\s+(:\w+)\s+AND\s+(:\w+)", re.IGNORECASE)
_OPERATOR = re.compile(r"<>|<=|>=|[=<>]|\b(?:AND|OR|NOT|BETWEEN|IN|\w+(?=\())\b")


def check_placeholders(params: Mapping[str, Any]) -> None:
    """Refuse a placeholder that is used and not defined, or defined and not used."""
    text = " ".join(params.get(name, "") for name in EXPRESSIONS)
    for pattern, argument in ((_NAME, "ExpressionAttributeNames"), (_VALUE, "ExpressionAttributeValues")):
        used, defined = set(pattern.findall(text)), params.get(argument)
        demand(used <= set(defined or ()), f"{sorted(used - set(defined or ()))} is used but not defined.")
        demand(set(defined or ()) <= used, f"{argument} has {sorted(set(defined or ()) - used)}, unused.")
        demand(defined is None or len(defined) > 0, f"{argument} must not be empty.")
    for name in params.get("ExpressionAttributeNames", {}).values():
        demand(0 < len(name.encode()) <= MOST_NAME, f"The attribute name {name[:40]!r} is empty or over 255 bytes.")


def check_texts(params: Mapping[str, Any]) -> None:
    """Refuse expressions that are empty, over 4 KB, compare with over 100 values, or ask for an empty range."""
    values = params.get("ExpressionAttributeValues", {})
    for name in EXPRESSIONS:
        if name not in params:
            continue
        text = params[name]
        demand(text != "", f"{name} is empty.")
        demand(len(text.encode()) <= MOST_BYTES, f"{name} is {len(text.encode())} bytes, over {MOST_BYTES}.")
        for operands in _IN.findall(text):
            count = operands.count(",") + 1
            demand(count <= MOST_OPERANDS, f"{name} has an IN of {count} operands, over {MOST_OPERANDS}.")
        for low, high in _BETWEEN.findall(text):
            demand(
                _ordered(values[low], values[high]), f"{name}: the upper bound of BETWEEN is less than the lower one."
            )
        count = len(_OPERATOR.findall(text))
        demand(count <= MOST_OPERATORS, f"{name} has {count} operators, over {MOST_OPERATORS}.")


def check_update(params: Mapping[str, Any], keys: TableKeys) -> None:
    """Refuse an update of a key attribute, of one path twice, or of an index key with a value it cannot have."""
    text = params.get("UpdateExpression", "")
    if not text:
        return
    targets = list(_targets(text, params))
    demand(len(set(targets)) == len(targets), f"Two document paths overlap: {targets}.")
    demand(not set(targets) & set(keys.table), f"Cannot update {set(targets) & set(keys.table)}: part of the key.")
    for target, placeholder in re.findall(r"(#\w+) = (:\w+)(?!\s*[-+])", text):
        name = params["ExpressionAttributeNames"][target]
        ((kind, value),) = params["ExpressionAttributeValues"][placeholder].items()
        for index in keys.indexes.values():
            if name in index:
                demand(kind == keys.types[name], f"Type mismatch for index key {name}: {kind} given.")
                demand(kind == "N" or len(value) > 0, f"The index key {name} cannot be empty.")


def check_filter(params: Mapping[str, Any], keys: TableKeys) -> None:
    """Refuse a filter on a key attribute of what is queried."""
    own = keys.table if "IndexName" not in params else keys.indexes[params["IndexName"]]
    used = set(_attributes(params.get("FilterExpression", ""), params))
    demand(not used & set(own), f"Filter Expression can only contain non-primary key attributes: {used & set(own)}.")


def check_key_condition(params: Mapping[str, Any], keys: TableKeys) -> None:
    """Refuse a key condition on anything but the key of what is queried, or with a value of another type."""
    own = keys.table if "IndexName" not in params else keys.indexes[params["IndexName"]]
    text = params["KeyConditionExpression"]
    used = set(_attributes(text, params))
    demand(used <= set(own), f"Query key condition not supported: {used - set(own)} is no key attribute.")
    demand(own[0] in used, f"Query condition missed key schema element: {own[0]}.")
    for name, placeholder in re.findall(r"(#\w+)\s*(?:=|<=|>=|<|>)\s*(:\w+)", text):
        ((kind, value),) = params["ExpressionAttributeValues"][placeholder].items()
        attribute = params["ExpressionAttributeNames"][name]
        demand(kind == keys.types[attribute], f"Condition parameter type does not match schema type of {attribute}.")
        demand(kind == "N" or len(value) > 0, f"The key condition on {attribute} has an empty value.")


def check_index(params: Mapping[str, Any], keys: TableKeys) -> None:
    """Refuse a consistent read of an index, attributes that it does not hold, and a projection of a count."""
    if params.get("Select") == "COUNT":
        demand("ProjectionExpression" not in params, "Cannot specify the ProjectionExpression when asking for a count.")
    index = params.get("IndexName")
    if index is None:
        return
    demand(index in keys.indexes, f"The table does not have the specified index: {index}.")
    demand(not params.get("ConsistentRead"), "Consistent reads are not supported on global secondary indexes.")
    held = keys.projected[index]
    wanted = {path.partition(".")[0].partition("[")[0] for path in params.get("ProjectionExpression", "").split(", ")}
    names = {params.get("ExpressionAttributeNames", {}).get(name, name) for name in wanted} - {""}
    if held is not None:
        demand(names <= held, f"Global secondary index {index} does not project {sorted(names - held)}.")


def _targets(text: str, params: Mapping[str, Any]) -> Iterator[str]:
    for clause in re.split(r"\b(?:SET|REMOVE|ADD|DELETE)\b", text):
        for action in clause.split(","):
            if found := _PATH.match(action.strip()):
                name = found.group().partition(".")[0].partition("[")[0]
                yield params.get("ExpressionAttributeNames", {}).get(name, name)


def _attributes(text: str, params: Mapping[str, Any]) -> Iterator[str]:
    """Names of the top-level attributes that an expression is about."""
    names = params.get("ExpressionAttributeNames", {})
    for found in re.finditer(r"(?<!\.)#\w+", text):
        yield names[found.group()]
    yield from _WORD.findall(text)


def _ordered(low: Mapping[str, Any], high: Mapping[str, Any]) -> bool:
    ((kind, least),), ((other, greatest),) = low.items(), high.items()
    if kind != other:
        return False
    if kind == "N":
        return Decimal(least) <= Decimal(greatest)
    return bool(least.encode() <= greatest.encode()) if kind == "S" else bool(least <= greatest)
