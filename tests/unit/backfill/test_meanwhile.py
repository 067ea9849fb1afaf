"""What others do to a record between the scan that found it and the write that was decided from that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from shardwell import Key, Table, Ttl
from shardwell.backfill_tally import Tally
from tests.support.backends import Backend
from tests.unit.backfill.scene import Scene, expected_ttl, mixed, sort_key

Act = Callable[[dict[str, Any]], None]


def interfere(scene: Scene, act: Act, *, times: int = 1) -> None:
    """Let somebody else act on each record just before the backfill's write of it arrives, so many times."""
    acted: dict[str, int] = {}
    own = threading.local()

    def fault(sent: Any, forward: Callable[[], Any]) -> Any:
        if sent.operation in ("UpdateItem", "DeleteItem") and not getattr(own, "busy", False):
            name = str(sent.body["Key"])
            if acted.get(name, 0) < times:
                acted[name] = acted.get(name, 0) + 1
                own.busy = True
                act(sent.body["Key"])
                own.busy = False
        return forward()

    scene.backend.wire.fault = fault


def set_by_another(scene: Scene, attribute: str, value: dict[str, Any]) -> Act:
    def act(key: dict[str, Any]) -> None:
        scene.backend.client.update_item(
            TableName=scene.store.name,
            Key=key,
            UpdateExpression="SET #a = :v",
            ExpressionAttributeNames={"#a": attribute},
            ExpressionAttributeValues={":v": value},
        )

    return act


def test_a_record_deleted_meanwhile_stays_deleted(scene: Scene) -> None:
    for number in range(20):
        scene.put(mixed(number))
    interfere(scene, lambda key: scene.backend.client.delete_item(TableName=scene.store.name, Key=key))
    last = scene.backfill()
    assert last.tally == Tally(looked_at=20, gone=20)
    assert last.checkpoint.complete
    assert scene.raw() == {}


@pytest.mark.parametrize("ttl", ["1", "4000000000"])
def test_a_time_to_live_given_meanwhile_is_kept_and_nothing_is_deleted(scene: Scene, ttl: str) -> None:
    for number in range(20):
        scene.put(mixed(number))
    interfere(scene, set_by_another(scene, "ttl", {"N": ttl}))
    last = scene.backfill()
    assert last.tally == Tally(looked_at=20, changed=20)
    assert {item["ttl"]["N"] for item in scene.raw().values()} == {ttl}
    assert len(scene.raw()) == 20


def test_the_same_time_to_live_given_meanwhile_is_counted_to_the_one_who_gave_it(scene: Scene) -> None:
    item = mixed(1)
    scene.put(item)
    interfere(scene, set_by_another(scene, "ttl", {"N": expected_ttl(item)}))
    assert scene.backfill().tally == Tally(looked_at=1, changed=1)


def test_another_field_changed_meanwhile_is_kept(scene: Scene) -> None:
    items = [mixed(number) for number in range(0, 20, 4)]
    for item in items:
        scene.put(item)
    interfere(scene, set_by_another(scene, "description", {"S": "worn once"}))
    assert scene.backfill().tally.given == 5
    found = scene.raw()
    for item in items:
        stored = found[sort_key(item)]
        assert (stored["description"], stored["ttl"]) == ({"S": "worn once"}, {"N": expected_ttl(item)})


class TestTheDateThatDecides:
    """It may be a field that no key is made of, and so change under the backfill's hands."""

    table = Table("test-visits", key=Key(PK="USER#{user}", SK="VISIT#{visit}"), ttl=Ttl("ttl", days=30, after="seen"))

    @pytest.fixture
    def visits(self, moto: Backend) -> Scene:
        scene = Scene(moto, moto.store(self.table))
        scene.put({"user": "u", "visit": "recent", "seen": "2026-01-10"})
        scene.put({"user": "u", "visit": "ancient", "seen": "2001-01-10"})
        return scene

    def test_its_new_value_decides(self, visits: Scene) -> None:
        interfere(visits, set_by_another(visits, "seen", {"S": "2026-01-14"}))
        last = visits.backfill()
        assert self.table.ttl is not None
        expected = str(self.table.ttl.of_start("2026-01-14"))
        assert {key: item["ttl"]["N"] for key, item in visits.raw().items()} == {
            "VISIT#recent": expected,
            "VISIT#ancient": expected,
        }
        assert (last.tally.given, last.tally.deleted) == (2, 0)

    def test_an_old_value_written_meanwhile_deletes(self, visits: Scene) -> None:
        interfere(visits, set_by_another(visits, "seen", {"S": "2001-02-03"}))
        assert visits.backfill().tally.deleted == 2
        assert visits.raw() == {}

    def test_an_unreadable_value_written_meanwhile_is_reported(self, visits: Scene) -> None:
        interfere(visits, set_by_another(visits, "seen", {"S": "yesterday"}))
        last = visits.backfill()
        assert (last.tally.unreadable, last.tally.given, last.tally.deleted) == (2, 0, 0)
        assert len(visits.raw()) == 2

    def test_a_record_that_never_holds_still_is_reported_and_left_alone(self, visits: Scene) -> None:
        days = iter(range(1, 10_000))

        def act(key: dict[str, Any]) -> None:
            set_by_another(visits, "seen", {"S": f"2026-01-{next(days) % 28 + 1:02d}"})(key)

        interfere(visits, act, times=1_000)
        last = visits.backfill()
        assert (last.tally.failed, last.tally.looked_at) == (2, 2)
        assert {fault.reason for fault in last.faults} == {
            "It was changed by others 10 times in a row: run the backfill again."
        }
        visits.backend.wire.fault = None
        assert all("ttl" not in item for item in visits.raw().values())
        assert visits.backfill().tally.given == 2


def test_a_record_that_no_date_decides_stays_deleted_too(moto: Backend) -> None:
    table = Table("test-sessions", key=Key(PK="USER#{user}", SK="SESSION#{session}"), ttl=Ttl("until", days=30))
    scene = Scene(moto, moto.store(table))
    scene.put({"user": "u", "session": "s"})
    interfere(scene, lambda key: moto.client.delete_item(TableName=scene.store.name, Key=key))
    assert scene.backfill().tally == Tally(looked_at=1, gone=1)
    assert scene.raw() == {}
