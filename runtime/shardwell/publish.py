"""Publishes records as events, one an event or packed, in as few requests as EventBridge's limits allow.

EventBridge prices an event by its size, in steps of 64 KB, so packing cuts the price by as many records as fit into one
step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shardwell.ambient import Ambient
from shardwell.errors import BadItem, Failure, PartialFailure, TooLarge, Unavailable
from shardwell.http_json import write_json
from shardwell.keypart import shown

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MOST_ENTRIES = 10
MOST_REQUEST_BYTES = 256 * 1024
"""Of all entries of a request together, as EventBridge counts them."""
ENVELOPE_BYTES = 2_048
"""Left free in an entry: a target gets it in an envelope, and a queue may take no more than 256 KB of both."""
MOST_ENTRY_BYTES = MOST_REQUEST_BYTES - ENVELOPE_BYTES
_Thing = TypeVar("_Thing")
_Written = tuple[Mapping[str, Any], str]
"""A record and its JSON."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One event to be: the records in it, its detail, and how many bytes EventBridge counts."""

    records: tuple[Mapping[str, Any], ...]
    detail: str
    size: int


class Publisher:
    """Publishes records to a bus, under one source and detail-type.

    `named_by` are the fields by which an error names a record. `ambient` is how it waits between attempts, for tests.
    """

    def __init__(
        self,
        client: EventBridgeClient,
        *,
        bus: str,
        source: str,
        detail_type: str,
        named_by: Sequence[str],
        ambient: Ambient | None = None,
    ) -> None:
        self._client = client
        self._bus = bus
        self._source = source
        self._detail_type = detail_type
        self._named_by = named_by
        self._ambient = ambient or Ambient()
        self._fixed = entry_size(source=source, detail_type=detail_type, detail="")

    def publish(self, records: Iterable[Mapping[str, Any]]) -> int:
        """How many events were published, one a record: all of them, or PartialFailure lists the records of the others.

        Every record is checked before the first is sent. One whose answer was lost counts as failed, and may have been
        published: those who get events take repeats for what they are.
        """
        return self._send(self._entry((record,), text) for record, text in self._written(records, self._fixed))

    def publish_packed(
        self, records: Iterable[Mapping[str, Any]], *, field: str, most_bytes: int = MOST_ENTRY_BYTES
    ) -> int:
        """How many events were published, each with as many records as fit, in a list in this field.

        Checked and reported as by `publish`. An event gets no second record that would take it over `most_bytes`.
        """
        before, after = f"{{{json.dumps(field)}:[", "]}"
        around = self._fixed + len((before + after).encode())
        most = min(most_bytes, MOST_ENTRY_BYTES) - around
        packs = _filled(self._written(records, around), lambda one: len(one[1].encode()) + len(","), most_bytes=most)
        return self._send(
            self._entry(tuple(record for record, _ in pack), before + ",".join(text for _, text in pack) + after)
            for pack in packs
        )

    def _written(self, records: Iterable[Mapping[str, Any]], around: int) -> list[_Written]:
        """Each record as JSON, none so large that with so many bytes `around` it no event could hold it."""
        found = []
        for record in records:
            text = self._json(record)
            if (size := len(text.encode()) + around) > MOST_ENTRY_BYTES:
                raise TooLarge(
                    f"The record {self._name(record)} makes an event of {size:,} bytes, and at most "
                    f"{MOST_ENTRY_BYTES:,} fit: shorten it. Nothing was published."
                )
            found.append((record, text))
        return found

    def _json(self, record: Mapping[str, Any]) -> str:
        try:
            text = "{" + ",".join(f"{write_json(name)}:{_value(value)}" for name, value in record.items()) + "}"
            text.encode()
        except (TypeError, ValueError) as error:
            raise BadItem(
                f"The record {self._name(record)} cannot be written as JSON ({error}): give texts, exact and finite "
                "numbers, lists and dicts. Nothing was published."
            ) from error
        return text

    def _name(self, record: Mapping[str, Any]) -> str:
        return ", ".join(f"{name}={shown(record[name])}" for name in self._named_by if name in record)

    def _entry(self, records: tuple[Mapping[str, Any], ...], detail: str) -> _Entry:
        return _Entry(records, detail, self._fixed + len(detail.encode()))

    def _send(self, entries: Iterable[_Entry]) -> int:
        published = 0
        records = 0
        failures: list[Failure] = []
        for request in _requests(entries):
            refused = self._put(request)
            published += len(request) - len(refused)
            records += sum(len(entry.records) for entry in request)
            failures += [Failure(record, error) for entry, error in refused for record in entry.records]
        if failures:
            raise PartialFailure(records - len(failures), failures)
        return published

    def _put(self, request: list[_Entry]) -> list[tuple[_Entry, Exception]]:
        """The entries that EventBridge did not take, though asked several times, and why."""
        refused: list[tuple[_Entry, Exception]] = []
        left = request
        for _ in self._ambient.attempts(5):
            try:
                answer = self._client.put_events(Entries=[self._request_of(entry) for entry in left])
            except (BotoCoreError, ClientError) as error:
                return [(entry, error) for entry in left]  # botocore has tried again where that may help
            refused = [
                (entry, Unavailable(f"EventBridge refused the event ({one['ErrorCode']}): {one.get('ErrorMessage')}"))
                for entry, one in zip(left, answer["Entries"], strict=True)
                if one.get("ErrorCode")
            ]
            if not refused:
                return []
            left = [entry for entry, _ in refused]
        return refused

    def _request_of(self, entry: _Entry) -> PutEventsRequestEntryTypeDef:
        return {
            "EventBusName": self._bus,
            "Source": self._source,
            "DetailType": self._detail_type,
            "Detail": entry.detail,
        }


def entry_size(
    *, source: str, detail_type: str, detail: str, resources: Sequence[str] = (), with_time: bool = False
) -> int:
    """Bytes of an entry by EventBridge's own rule, in which the name of the bus is free."""
    texts = (source, detail_type, detail, *resources)
    return sum(len(text.encode()) for text in texts) + (14 if with_time else 0)


def _value(value: Any) -> str:
    if isinstance(value, list) and {float, int}.issuperset(map(type, value)):
        return json.dumps(value, separators=(",", ":"), allow_nan=False)  # an embedding: one call, not a thousand
    return write_json(value)


def _requests(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """Entries in the requests that they fit into, by bytes and by count."""
    for together in _filled(entries, lambda entry: entry.size, most_bytes=MOST_REQUEST_BYTES - 1):
        for start in range(0, len(together), MOST_ENTRIES):
            yield together[start : start + MOST_ENTRIES]


def _filled(things: Iterable[_Thing], size_of: Callable[[_Thing], int], *, most_bytes: int) -> Iterator[list[_Thing]]:
    """Things, in order, in lists of at most so many bytes; one that is larger by itself has a list of its own."""
    filling: list[_Thing] = []
    total = 0
    for thing in things:
        size = size_of(thing)
        if filling and total + size > most_bytes:
            yield filling
            filling, total = [], 0
        filling.append(thing)
        total += size
    if filling:
        yield filling
