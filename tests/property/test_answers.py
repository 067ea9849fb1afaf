"""Our reading of DynamoDB's answers gives what botocore's gives, value for value."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from zlib import crc32

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from botocore.parsers import JSONParser
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from shardwell.answers import ItemParser
from shardwell.client import make_client
from tests.bench.instant import FAKE, Raw

SERVICE = get_session().get_service_model("dynamodb")
NAMES = st.sampled_from(["PK", "B", "BS", "S", "M", "a b", 'quote"B":', "ünï", "NULL"]) | st.text(
    min_size=1, max_size=8
)
BYTES = st.binary(max_size=12).map(lambda raw: b64encode(raw).decode())
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(str)
TEXTS = st.text(max_size=12) | st.sampled_from(['{"B": "eA=="}', '"BS":', "B"])
FLAT = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    NUMBERS.map(lambda number: {"N": number}),
    BYTES.map(lambda raw: {"B": raw}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.lists(TEXTS, min_size=1, max_size=3).map(lambda texts: {"SS": texts}),
    st.lists(NUMBERS, min_size=1, max_size=3).map(lambda numbers: {"NS": numbers}),
    st.lists(BYTES, min_size=1, max_size=3).map(lambda raws: {"BS": raws}),
)
VALUES = st.recursive(
    FLAT,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda found: {"L": found})
        | st.dictionaries(NAMES, inner, max_size=3).map(lambda found: {"M": found})
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=5)
CAPACITY = st.fixed_dictionaries({"TableName": st.just("t"), "CapacityUnits": st.floats(0, 1_000)})


def both(operation: str, body: dict[str, Any], *, status: int = 200) -> list[Any]:
    """What the two parsers make of an answer."""
    shape = SERVICE.operation_model(operation).output_shape
    answer = {"body": json.dumps(body).encode(), "headers": {"x-amzn-requestid": "r1"}, "status_code": status}
    return [parser.parse(answer, shape) for parser in (ItemParser(), JSONParser())]


@given(items=st.lists(ITEMS, max_size=4), last=st.none() | ITEMS, capacity=CAPACITY)
def test_queries_and_scans(items: list[Any], last: Any, capacity: Any) -> None:
    body = {"Items": items, "Count": len(items), "ScannedCount": 9, "ConsumedCapacity": capacity, "New": {"x": 1}}
    for operation in ("Query", "Scan"):
        ours, theirs = both(operation, body if last is None else {**body, "LastEvaluatedKey": last})
        assert ours == theirs


@given(item=ITEMS)
def test_one_item(item: Any) -> None:
    for operation, member in (
        ("GetItem", "Item"),
        ("PutItem", "Attributes"),
        ("UpdateItem", "Attributes"),
        ("DeleteItem", "Attributes"),
    ):
        ours, theirs = both(operation, {member: item})
        assert ours == theirs


@given(items=st.lists(ITEMS, max_size=3), keys=st.lists(ITEMS, max_size=2))
def test_batches(items: list[Any], keys: list[Any]) -> None:
    body = {"Responses": {"t": items}, "UnprocessedKeys": {"t": {"Keys": keys, "ConsistentRead": True}}}
    ours, theirs = both("BatchGetItem", body)
    assert ours == theirs


def test_an_answer_without_items() -> None:
    for operation, body in (
        ("GetItem", {}),
        ("Query", {"Items": None, "Count": 0}),
        ("ListTables", {"TableNames": []}),
    ):
        ours, theirs = both(operation, body)
        assert ours == theirs


@given(item=ITEMS)
def test_errors(item: Any) -> None:
    body = {"__type": "com.amazonaws#ConditionalCheckFailedException", "message": "no", "Item": item}
    ours, theirs = both("PutItem", body, status=400)
    assert ours == theirs
    assert ours["Error"]["Code"] == "ConditionalCheckFailedException"


def test_a_damaged_answer_is_asked_for_again() -> None:
    sent: list[int] = []

    def damaged_once(request: Any, **_kwargs: Any) -> AWSResponse:
        sent.append(1)
        body = b'{"Item": {"PK": {"S": "x"}}}'
        checksum = "1" if len(sent) == 1 else str(crc32(body))
        return AWSResponse(request.url, 200, {"x-amz-crc32": checksum}, Raw(body))

    client: Any = make_client(**FAKE)
    client.meta.events.register("before-send.dynamodb", damaged_once)
    assert client.get_item(TableName="tab", Key={})["Item"] == {"PK": {"S": "x"}}
    assert len(sent) == 2


def test_a_refusal_is_still_an_error() -> None:
    def refuse(request: Any, **_kwargs: Any) -> AWSResponse:
        return AWSResponse(request.url, 400, {}, Raw(b'{"__type": "x#ValidationException", "message": "no"}'))

    client: Any = make_client(**FAKE)
    client.meta.events.register("before-send.dynamodb", refuse)
    with pytest.raises(ClientError, match="ValidationException"):
        client.get_item(TableName="tab", Key={})
