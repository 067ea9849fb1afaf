"""The strict client: each rule refuses the request that it is about, and a request just within it passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.backends import Backend
from tests.support.strict_client import Refused

Call = Callable[[Any], Any]

TABLE = "strict"
KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}
BLOB = {"B": b"x" * 399_000}


@pytest.fixture
def client(moto: Backend) -> Any:
    """A table with a text and a number as its key, an index of everything and an index of a little."""
    moto.client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in (("pk", "S"), ("sk", "N"), ("g", "S"))
        ],
        GlobalSecondaryIndexes=[
            index("All", {"ProjectionType": "ALL"}),
            index("Few", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]}),
        ],
    )
    return moto.client


def index(name: str, projection: dict[str, Any]) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": projection}


def item(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"N": str(number)}, **more}


def put(**more: Any) -> Call:
    return lambda client: client.put_item(TableName=TABLE, Item=item(**more))


def puts(*items: dict[str, Any]) -> Call:
    requests = [{"PutRequest": {"Item": one}} for one in items]
    return lambda client: client.batch_write_item(RequestItems={TABLE: requests})


def gets(*keys: dict[str, Any]) -> Call:
    return lambda client: client.batch_get_item(RequestItems={TABLE: {"Keys": list(keys)}})


def transaction(*writes: dict[str, Any]) -> Call:
    return lambda client: client.transact_write_items(TransactItems=list(writes))


def put_in(number: int, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": item(number, **more)}}


def conditional(expression: str, *, names: Any = None, values: Any = None) -> Call:
    further = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    given = {name: value for name, value in further.items() if value is not None}
    return lambda client: client.put_item(TableName=TABLE, Item=item(), ConditionExpression=expression, **given)


def update(expression: str, names: Any, values: Any) -> Call:
    return lambda client: client.update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression=expression,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
    )


def query(condition: str = "#pk = :pk", *, names: Any = None, values: Any = None, **more: Any) -> Call:
    return lambda client: client.query(
        TableName=TABLE,
        KeyConditionExpression=condition,
        ExpressionAttributeNames={"#pk": "pk", **(names or {})},
        ExpressionAttributeValues={":pk": {"S": "a"}, **(values or {})},
        **more,
    )


def query_index(name: str, **more: Any) -> Call:
    names = {"#pk": "g", **more.pop("names", {})}
    return query(IndexName=name, names=names, **more)


def inserts(*statements: tuple[str, list[Any]]) -> Call:
    given = [{"Statement": text, "Parameters": parameters} for text, parameters in statements]
    return lambda client: client.batch_execute_statement(Statements=given)


def insert(number: int, name: str = "v") -> tuple[str, list[Any]]:
    text = f"INSERT INTO \"{TABLE}\" VALUE {{'pk': ?, 'sk': ?, '{name}': ?}}"
    return text, [{"S": "a"}, {"N": str(number)}, {"S": "x"}]


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(levels - 1):
        value = {"L": [value]}
    return value


def operands(count: int) -> Call:
    values = {f":v{n}": {"N": str(n)} for n in range(count)}
    return conditional(f"#a IN ({', '.join(values)})", names={"#a": "sk"}, values=values)


REFUSED: dict[str, tuple[Call, str]] = {
    # items and keys
    "an item over 400 KB": (put(a={"S": "x" * 409_600}), "maximum allowed size"),
    "an empty set": (put(a={"SS": []}), "empty set"),
    "an empty set deep inside": (put(a={"M": {"b": {"L": [{"NS": []}]}}}), "empty set"),
    "a set with one number twice": (put(a={"NS": ["1", "1.0"]}), "duplicates"),
    "39 digits": (put(a={"N": "1" * 39}), "38 significant digits"),
    "39 digits in a set": (put(a={"NS": ["1" * 39]}), "38 significant digits"),
    "a number too great": (put(a={"N": "1E+126"}), "overflow"),
    "a number too small": (put(a={"N": "1E-131"}), "underflow"),
    "no number": (put(a={"N": "NaN"}), "numeric"),
    "33 levels": (put(a=nested(33)), "nesting"),
    "an item without its sort key": (
        lambda client: client.put_item(TableName=TABLE, Item={"pk": {"S": "a"}}),
        "required keys",
    ),
    "a key of another type": (put(pk={"N": "1"}), "Type mismatch"),
    "an index key of another type": (put(g={"N": "1"}), "Type mismatch"),
    "an empty key": (put(pk={"S": ""}), "cannot be empty"),
    "an empty index key": (put(g={"S": ""}), "cannot be empty"),
    "a key over 2,048 bytes": (put(pk={"S": "é" * 1_025}), "2050 bytes, over 2048"),
    "an index key over 2,048 bytes": (put(g={"S": "x" * 2_049}), "over 2048"),
    "a key with a field too many": (
        lambda client: client.get_item(TableName=TABLE, Key={**KEY, "x": {"S": "a"}}),
        "does not match the schema",
    ),
    # batches
    "26 writes": (puts(*(item(n) for n in range(26))), "26 writes"),
    "no writes": (lambda client: client.batch_write_item(RequestItems={TABLE: []}), "0 writes"),
    "over 16 MB": (puts(*(item(n, a={"S": "é" * 199_000}) for n in range(15))), "on the wire"),
    "over 16 MB of nothing": (puts(*(item(n, a={"L": [{"S": ""}] * 100_000}) for n in range(16))), "on the wire"),
    "a key twice in a batch": (puts(item(1), item(2), item(1)), "duplicates"),
    "a key twice in two spellings": (puts(item(1), {**item(1), "sk": {"N": "1.0"}}), "duplicates"),
    "a put and a delete of one key": (
        lambda client: client.batch_write_item(
            RequestItems={TABLE: [{"PutRequest": {"Item": item()}}, {"DeleteRequest": {"Key": KEY}}]}
        ),
        "duplicates",
    ),
    "a bad item in a batch": (puts(item(1), item(2, a={"SS": []})), "empty set"),
    "101 keys": (gets(*(item(n) for n in range(101))), "101 keys"),
    "no keys": (gets(), "0 keys"),
    "a key twice in a batch of gets": (gets(item(1), item(1)), "duplicates"),
    # transactions
    "101 writes in a transaction": (transaction(*(put_in(n) for n in range(101))), "101 writes"),
    "over 4 MB in a transaction": (transaction(*(put_in(n, a=BLOB) for n in range(11))), "over 4194304"),
    "one item twice in a transaction": (
        transaction(put_in(1), {"ConditionCheck": {"TableName": TABLE, "Key": KEY, "ConditionExpression": "x"}}),
        "multiple operations on one item",
    ),
    "a token of 37 characters": (
        lambda client: client.transact_write_items(TransactItems=[put_in(1)], ClientRequestToken="x" * 37),
        "37 characters",
    ),
    "a bad write in a transaction": (transaction(put_in(1, a={"SS": []})), "empty set"),
    # statements
    "26 statements": (inserts(*(insert(n) for n in range(26))), "26 statements"),
    "a statement over 8,192 characters": (inserts(insert(1, "x" * 8_150)), "over 8192"),
    "one item in two statements": (inserts(insert(1), insert(1)), "one item"),
    "gaps without parameters": (inserts((insert(1)[0], [{"S": "a"}])), "3 gaps and 1 parameters"),
    "a bad item in a statement": (inserts((insert(1)[0], [{"S": ""}, {"N": "1"}, {"S": "x"}])), "cannot be empty"),
    # expressions
    "an undefined name": (conditional("attribute_exists(#a)"), "used but not defined"),
    "an undefined value": (conditional("pk = :a"), "used but not defined"),
    "an unused name": (conditional("attribute_exists(pk)", names={"#a": "a"}), "unused"),
    "an unused value": (conditional("attribute_exists(pk)", values={":a": {"S": "a"}}), "unused"),
    "no names at all": (conditional("attribute_exists(pk)", names={}), "must not be empty"),
    "an expression over 4 KB": (
        conditional(" AND ".join(f"a{n:0160d} = :a" for n in range(25)), values={":a": {"S": "a"}}),
        "over 4096",
    ),
    "101 operands of IN": (operands(101), "101 operands"),
    "301 operators": (conditional(" OR ".join(["a=:a"] * 151), values={":a": {"S": "a"}}), "301 operators"),
    "an empty expression": (conditional(""), "empty"),
    "a value over 2 MB": (conditional("a = :a", values={":a": {"S": "x" * 2_097_200}}), "2 MB"),
    "an empty set in a condition": (conditional("a = :a", values={":a": {"SS": []}}), "empty set"),
    "an empty range": (
        conditional("a BETWEEN :b AND :a", values={":a": {"N": "9"}, ":b": {"N": "10"}}),
        "upper bound",
    ),
    # updates
    "an update of the key": (update("SET #a = :a", {"#a": "pk"}, {":a": {"S": "b"}}), "part of the key"),
    "an update of one path twice": (
        update("SET #a = :a ADD #b :a", {"#a": "x", "#b": "x"}, {":a": {"N": "1"}}),
        "overlap",
    ),
    "an update of an index key to nothing": (update("SET #a = :a", {"#a": "g"}, {":a": {"S": ""}}), "cannot be empty"),
    "an update of an index key to a number": (
        update("SET #a = :a", {"#a": "g"}, {":a": {"N": "1"}}),
        "Type mismatch",
    ),
    # reads
    "a filter on the table's key": (
        query(FilterExpression="#sk > :n", names={"#sk": "sk"}, values={":n": {"N": "1"}}),
        "non-primary key",
    ),
    "a filter on the index's key": (query_index("All", FilterExpression="attribute_exists(#pk)"), "non-primary key"),
    "a condition on no key": (
        query("#pk = :pk AND #a = :a", names={"#a": "a"}, values={":a": {"S": "x"}}),
        "no key attribute",
    ),
    "a condition without the partition": (
        lambda client: client.query(
            TableName=TABLE, KeyConditionExpression="sk = :s", ExpressionAttributeValues={":s": {"N": "1"}}
        ),
        "missed key schema element",
    ),
    "a condition of another type": (
        query("#pk = :pk AND #sk > :s", names={"#sk": "sk"}, values={":s": {"S": "1"}}),
        "schema type",
    ),
    "a consistent read of an index": (query_index("All", ConsistentRead=True), "Consistent reads"),
    "an index that is not there": (query_index("None"), "specified index"),
    "a field that an index does not hold": (
        query_index("Few", ProjectionExpression="#a", names={"#a": "text"}),
        "does not project",
    ),
    "fields of a count": (query(ProjectionExpression="sk", Select="COUNT"), "asking for a count"),
    "a limit of 0": (query(Limit=0), "under 1"),
    "a segment too many": (
        lambda client: client.scan(TableName=TABLE, Segment=2, TotalSegments=2),
        "none of 2",
    ),
    "a segment of no scan": (lambda client: client.scan(TableName=TABLE, Segment=0), "belong together"),
}

ACCEPTED: dict[str, Call] = {
    "a large item": put(a={"S": "x" * 380_000}),
    "38 digits and zeros": put(a={"N": "1" * 38 + "000"}, b={"NS": ["1", "2"]}),
    "32 levels": put(a=nested(32)),
    "a long key": put(pk={"S": "x" * 2_048}, g={"S": "é" * 1_024}),
    "25 writes": puts(*(item(n) for n in range(25))),
    "100 keys": gets(*(item(n) for n in range(100))),
    "100 writes in a transaction": transaction(*(put_in(n) for n in range(100))),
    "100 operands": operands(100),
    "a range of a point": query("#pk = :pk AND #sk BETWEEN :s AND :s", names={"#sk": "sk"}, values={":s": {"N": "1"}}),
    "a filter on the table's key in an index": query_index(
        "All", FilterExpression="#sk > :n", names={"#sk": "sk"}, values={":n": {"N": "1"}}
    ),
    "what an index holds": query_index("Few", ProjectionExpression="#a, sk", names={"#a": "title"}),
    "one path of each kind": update(
        "SET #a.#b = :a REMOVE #c ADD #d :n",
        {"#a": "x", "#b": "y", "#c": "z", "#d": "n"},
        {":a": {"S": "a"}, ":n": {"N": "1"}},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_dynamodb_refuses_is_refused(moto: Backend, client: Any, name: str) -> None:
    send, wrong = REFUSED[name]
    client.describe_table(TableName=TABLE)
    moto.wire.clear()
    with pytest.raises(Refused, match=wrong):
        send(client)
    assert {one.operation for one in moto.wire.sent} <= {"DescribeTable"}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_just_within_the_limits_passes(moto: Backend, client: Any, name: str) -> None:
    client.put_item(TableName=TABLE, Item=item(x={"M": {}}))
    ACCEPTED[name](client)
