"""Messages that the queue is asked to show again at once: those that only a person can help."""

from __future__ import annotations

from shardwell.errors import Unavailable
from shardwell.queue_events import Message
from tests.support.sold import message, packed, plain, sold
from tests.unit.carousel_sync.scene import Scene


def test_a_bad_sale_a_conflict_and_what_is_no_event_are_given_up(scene: Scene) -> None:
    scene.send(sold(1))
    bad = [message(2, sold(2, salePrice=0)), message(3, sold(1, salePrice=440)), Message("m4", "no JSON")]
    good = [message(1, sold(1)), message(5, sold(5))]
    assert scene.deliver([*good, *bad]) == ["m2", "m3", "m4"]
    assert scene.given_up == ["m2", "m3", "m4"]


def test_one_with_a_bad_sale_among_good_ones_is_given_up_once_these_are_stored(scene: Scene) -> None:
    scene.send(packed([plain(1), plain(2, salePrice=0), plain(3)]))
    assert scene.given_up == ["m1"]
    assert [item["saleId"] for item in scene.items] == ["S0001", "S0003"]


def test_one_of_which_a_good_sale_could_not_be_stored_waits_as_others_do(scene: Scene) -> None:
    def refuse(_operation: str) -> None:
        raise Unavailable("DynamoDB did not answer.")

    scene.table.before = refuse
    mixed = packed([plain(1), plain(2, salePrice=0)])
    assert scene.send(mixed, plain(3), plain(4, salePrice=0)) == ["m1", "m2", "m3"]
    assert scene.given_up == ["m3"]
    scene.table.before = lambda _operation: None
    assert scene.send(mixed, plain(3)) == ["m1"]
    assert scene.given_up == ["m3", "m1"]


def test_nothing_is_given_up_where_all_is_well(scene: Scene) -> None:
    assert scene.send(sold(1), sold(1), packed([plain(2)])) == []
    assert scene.given_up == []
