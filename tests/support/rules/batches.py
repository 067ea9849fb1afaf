"""What DynamoDB refuses in requests of many items."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.support.rules.items import size_of
from tests.support.rules.table_keys import TableKeys
from tests.support.rules.verdict import demand

KeysOf = Callable[[str], TableKeys]

MOST_WRITES = 25
MOST_READS = 100
MOST_WIRE = 16 * 1024 * 1024
MOST_TRANSACTED = 100
MOST_TRANSACTION = 4 * 1024 * 1024
MOST_STATEMENTS = 25
MOST_STATEMENT = 8192
MOST_SEGMENTS = 1_000_000
_INSERT = re.compile(r"""INSERT INTO "([^"]+)" VALUE \{(.*)\}""", re.DOTALL)
_MEMBER = re.compile(r"'((?:[^']|'')*)': \?")


def check_batch_write(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    """Refuse none or over 25 writes, over 16 MB, and two writes of one item."""
    requests = [(table, one) for table, several in params["RequestItems"].items() for one in several]
    demand(1 <= len(requests) <= MOST_WRITES, f"The batch has {len(requests)} writes: 1 to {MOST_WRITES} are allowed.")
    _check_wire(params)
    found = [(table, keys_of(table).identity(_written(one))) for table, one in requests]
    demand(len(set(found)) == len(found), "Provided list of item keys contains duplicates.")


def check_batch_get(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    """Refuse none or over 100 keys, and one key twice."""
    keys = [(table, key) for table, request in params["RequestItems"].items() for key in request["Keys"]]
    demand(1 <= len(keys) <= MOST_READS, f"The batch has {len(keys)} keys: 1 to {MOST_READS} are allowed.")
    found = [(table, keys_of(table).identity(key)) for table, key in keys]
    demand(len(set(found)) == len(found), "Provided list of item keys contains duplicates.")


def check_transaction(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    """Refuse none or over 100 writes, over 4 MB, and two writes of one item."""
    writes = list(writes_of(params))
    demand(1 <= len(writes) <= MOST_TRANSACTED, f"The transaction has {len(writes)} writes, over {MOST_TRANSACTED}.")
    size = sum(size_of(one.get("Item", {})) + size_of(one.get("Key", {})) for _, one in writes)
    size += sum(size_of(one.get("ExpressionAttributeValues", {})) for kind, one in writes if kind == "Update")
    demand(size <= MOST_TRANSACTION, f"The transaction is {size} bytes, over {MOST_TRANSACTION}.")
    found = [(one["TableName"], keys_of(one["TableName"]).identity(_keyed(one))) for _, one in writes]
    demand(len(set(found)) == len(found), "Transaction request cannot include multiple operations on one item.")
    token = params.get("ClientRequestToken", "x")
    demand(1 <= len(token) <= 36, f"The client request token has {len(token)} characters: 1 to 36 are allowed.")


def writes_of(params: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Kind and arguments of each write of a transaction."""
    for write in params["TransactItems"]:
        yield from write.items()


def check_statements(params: Mapping[str, Any]) -> None:
    """Refuse none or over 25 statements, over 16 MB, a statement over 8,192 characters, parameters that do not fit."""
    statements = params["Statements"]
    demand(1 <= len(statements) <= MOST_STATEMENTS, f"The batch has {len(statements)} statements.")
    _check_wire(params)
    for one in statements:
        text, given = one["Statement"], one.get("Parameters")
        demand(1 <= len(text) <= MOST_STATEMENT, f"The statement has {len(text)} characters, over {MOST_STATEMENT}.")
        demand(given is None or len(given) > 0, "The parameters of a statement must not be empty.")
        wanted = len(_MEMBER.findall(text)) if _INSERT.fullmatch(text) else text.count("?")
        demand(wanted == len(given or ()), f"The statement has {wanted} gaps and {len(given or ())} parameters.")


def check_inserted_once(params: Mapping[str, Any], keys_of: KeysOf) -> None:
    """Refuse two statements about one item."""
    found = [(table, keys_of(table).identity(item)) for table, item in inserted(params)]
    demand(len(set(found)) == len(found), "The batch has two statements about one item.")


def inserted(params: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Table and item of each INSERT."""
    for one in params["Statements"]:
        if found := _INSERT.fullmatch(one["Statement"]):
            names = [name.replace("''", "'") for name in _MEMBER.findall(found[2])]
            yield found[1], dict(zip(names, one["Parameters"], strict=True))


def check_limit(params: Mapping[str, Any]) -> None:
    """Refuse a limit under 1."""
    limit = params.get("Limit", 1)
    demand(limit >= 1, f"The limit is {limit}, under 1.")


def check_segment(params: Mapping[str, Any]) -> None:
    """Refuse a segment that is none of the scan's."""
    segment, total = params.get("Segment", 0), params.get("TotalSegments", 1)
    demand(("Segment" in params) == ("TotalSegments" in params), "Segment and TotalSegments belong together.")
    demand(1 <= total <= MOST_SEGMENTS and 0 <= segment < total, f"Segment {segment} is none of {total}.")


def _written(request: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (
        request["PutRequest"]["Item"] if "PutRequest" in request else request["DeleteRequest"]["Key"]
    )
    return found


def _keyed(write: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = write["Item"] if "Item" in write else write["Key"]
    return found


def _check_wire(params: Mapping[str, Any]) -> None:
    size = len(json.dumps(params, default=lambda value: b64encode(value).decode()))
    demand(size <= MOST_WIRE, f"The request is {size} bytes on the wire, over {MOST_WIRE}.")
