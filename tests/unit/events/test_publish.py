"""Publishing: what goes into which event and request, and what becomes of events that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from shardwell.errors import BadItem, PartialFailure, TooLarge
from shardwell.publish import MOST_ENTRY_BYTES, MOST_REQUEST_BYTES, Publisher, entry_size
from tests.support.ambient import Surroundings


@dataclass
class Bus:
    """A client of EventBridge that keeps what it takes, and refuses as it is told, entry by entry."""

    requests: list[list[dict[str, Any]]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    refuse: Callable[[dict[str, Any]], str | None] = lambda _entry: None
    fail: Callable[[], None] = lambda: None

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (AWS's name)
        assert 1 <= len(Entries) <= 10
        assert sum(size_of(entry) for entry in Entries) < 256 * 1024
        self.requests.append(Entries)
        self.fail()
        answers: list[dict[str, Any]] = []
        for entry in Entries:
            if (code := self.refuse(entry)) is None:
                self.taken.append(entry)
                answers.append({"EventId": str(len(self.taken))})
            else:
                answers.append({"ErrorCode": code, "ErrorMessage": "refused by the test"})
        return {"Entries": answers, "FailedEntryCount": sum("ErrorCode" in one for one in answers)}

    @property
    def details(self) -> list[Any]:
        return [json.loads(entry["Detail"], parse_float=Decimal) for entry in self.taken]


def size_of(entry: dict[str, Any]) -> int:
    """The rule as AWS documents it, written down a second time."""
    size = len(entry["Source"].encode()) + len(entry["DetailType"].encode()) + len(entry["Detail"].encode())
    return size + sum(len(one.encode()) for one in entry.get("Resources", [])) + (14 if "Time" in entry else 0)


@pytest.fixture
def bus() -> Bus:
    return Bus()


def publisher(bus: Any, surroundings: Surroundings) -> Publisher:
    return Publisher(
        bus, bus="main", source="acme.shop", detail_type="acme.sold", named_by=("id",), ambient=surroundings.ambient
    )


def records(count: int, characters: int = 10) -> list[dict[str, Any]]:
    return [{"id": f"r{n}", "text": "x" * characters} for n in range(count)]


def test_one_event_a_record_ten_a_request(bus: Bus, surroundings: Surroundings) -> None:
    assert publisher(bus, surroundings).publish(records(23)) == 23
    assert [len(one) for one in bus.requests] == [10, 10, 3]
    assert bus.details == records(23)
    assert bus.taken[0] == {
        "EventBusName": "main",
        "Source": "acme.shop",
        "DetailType": "acme.sold",
        "Detail": '{"id":"r0","text":"xxxxxxxxxx"}',
    }


def test_packed_records_fill_events(bus: Bus, surroundings: Surroundings) -> None:
    given = records(1_000, 1_000)
    events = publisher(bus, surroundings).publish_packed(given, field="rows")
    assert events == len(bus.taken) == 4
    assert [one for detail in bus.details for one in detail["rows"]] == given
    assert all(detail.keys() == {"rows"} for detail in bus.details)
    sizes = [size_of(entry) for entry in bus.taken]
    assert all(MOST_ENTRY_BYTES - 1_100 < size <= MOST_ENTRY_BYTES for size in sizes[:-1])


def test_events_share_a_request_only_while_they_fit(bus: Bus, surroundings: Surroundings) -> None:
    assert publisher(bus, surroundings).publish(records(7, 100_000)) == 7
    assert [len(one) for one in bus.requests] == [2, 2, 2, 1]


def test_a_pack_can_be_kept_smaller(bus: Bus, surroundings: Surroundings) -> None:
    assert publisher(bus, surroundings).publish_packed(records(10, 30_000), field="rows", most_bytes=65_536) == 5
    assert publisher(bus, surroundings).publish_packed(records(3, 100_000), field="rows", most_bytes=65_536) == 3


def test_nothing_is_no_request(bus: Bus, surroundings: Surroundings) -> None:
    assert publisher(bus, surroundings).publish([]) == 0
    assert publisher(bus, surroundings).publish_packed([], field="rows") == 0
    assert bus.requests == []


@pytest.mark.parametrize("letter", ["x", "é", "€", "😀", '"', "\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_largest_record_fits_and_one_byte_more_is_refused_by_name(
    bus: Bus, surroundings: Surroundings, letter: str, packed: bool
) -> None:
    written = len(json.dumps(letter, ensure_ascii=False).encode()) - 2
    frame = len(('{"rows":[' if packed else "") + '{"id":"r","text":""}' + ("]}" if packed else "")) + 18
    room = MOST_ENTRY_BYTES - frame
    text = letter * (room // written) + "x" * (room % written)

    def send(record: dict[str, Any]) -> int:
        sender = publisher(bus, surroundings)
        return sender.publish_packed([{"id": "a"}, record], field="rows") if packed else sender.publish([record])

    send({"id": "r", "text": text})
    assert max(map(size_of, bus.taken)) == MOST_ENTRY_BYTES
    before = len(bus.requests)
    with pytest.raises(TooLarge, match=r"id='r' makes an event of 260,097 bytes, and at most 260,096 fit"):
        send({"id": "r", "text": text + "x"})
    assert len(bus.requests) == before


def test_numbers_keep_their_digits(bus: Bus, surroundings: Surroundings) -> None:
    record = {
        "price": Decimal("1234567890123456.7890123456"),
        "tiny": Decimal("1E-10"),
        "whole": 10**30,
        "vector": [0.1, 1, -2.5e-8],
        "deep": {"a": [Decimal("0.10"), "x", None, True]},
    }
    publisher(bus, surroundings).publish([record])
    assert bus.taken[0]["Detail"] == (
        '{"price":1234567890123456.7890123456,"tiny":0.0000000001,"whole":1000000000000000000000000000000,'
        '"vector":[0.1,1,-2.5e-08],"deep":{"a":[0.10,"x",null,true]}}'
    )


@pytest.mark.parametrize("value", [float("nan"), [1.0, float("inf")], b"x", "\ud800", {1, 2}, Decimal("NaN")])
def test_what_is_no_json_is_refused_before_anything_is_sent(bus: Bus, surroundings: Surroundings, value: Any) -> None:
    with pytest.raises(BadItem, match=r"The record id='bad' cannot be written as JSON"):
        publisher(bus, surroundings).publish([*records(20), {"id": "bad", "value": value}])
    assert bus.requests == []


def test_refused_events_alone_are_sent_again(bus: Bus, surroundings: Surroundings) -> None:
    seen: dict[str, int] = {}

    def twice(entry: dict[str, Any]) -> str | None:
        number = json.loads(entry["Detail"])["id"]
        seen[number] = seen.get(number, 0) + 1
        return "ThrottlingException" if number in ("r3", "r7") and seen[number] <= 2 else None

    bus.refuse = twice
    assert publisher(bus, surroundings).publish(records(10)) == 10
    assert [len(one) for one in bus.requests] == [10, 2, 2]
    assert sorted(one["id"] for one in bus.details) == sorted(one["id"] for one in records(10))
    assert len(surroundings.waits) == 2


def test_what_stays_refused_is_reported_record_by_record(bus: Bus, surroundings: Surroundings) -> None:
    bus.refuse = lambda entry: "InternalFailure" if '"r150"' in entry["Detail"] else None
    with pytest.raises(PartialFailure) as failed:
        publisher(bus, surroundings).publish_packed(records(300, 2_000), field="rows")
    lost = [failure.item["id"] for failure in failed.value.failures]
    assert "r150" in lost
    delivered = [one["id"] for detail in bus.details for one in detail["rows"]]
    assert sorted(lost + delivered) == sorted(one["id"] for one in records(300))
    assert failed.value.succeeded == len(delivered)
    assert "InternalFailure" in str(failed.value.failures[0].error)
    assert len(surroundings.waits) == 4


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="http://nowhere"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutEvents"),
    ],
)
def test_a_request_that_fails_is_reported_and_the_others_are_sent(
    bus: Bus, surroundings: Surroundings, error: Exception
) -> None:
    def fail_the_second() -> None:
        if len(bus.requests) == 2:
            raise error

    bus.fail = fail_the_second
    with pytest.raises(PartialFailure) as failed:
        publisher(bus, surroundings).publish(records(25))
    assert [failure.item["id"] for failure in failed.value.failures] == [f"r{n}" for n in range(10, 20)]
    assert failed.value.failures[0].error is error
    assert failed.value.succeeded == 15


def test_the_size_of_an_entry_is_counted_as_documented() -> None:
    assert (
        entry_size(source="s", detail_type="dé", detail="{}", resources=("arn",), with_time=True) == 1 + 3 + 2 + 3 + 14
    )
    assert MOST_ENTRY_BYTES < MOST_REQUEST_BYTES == 256 * 1024


def test_the_same_calls_are_understood_by_eventbridge(
    surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("events", region_name="eu-west-1")
        client.create_event_bus(Name="main")
        assert publisher(client, surroundings).publish_packed(records(1_000, 1_000), field="rows") == 4
