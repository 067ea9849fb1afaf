"""Batches of messages: which sales are stored, which messages come again, and what is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from carousel_sync.parse import Rules
from carousel_sync.settings import SyncSettings
from shardwell.errors import Unavailable
from shardwell.queue_events import Message
from tests.support.sold import body, message, numbers, packed, plain, sold
from tests.unit.carousel_sync.scene import Scene

METRICS = ("Written", "Duplicate", "Conflict", "Invalid")


def counted(text: str) -> dict[str, float]:
    """The metrics that were printed, added up."""
    found = dict.fromkeys(METRICS, 0.0)
    for line in text.splitlines():
        told = json.loads(line)
        for name in METRICS:
            found[name] += told[name][0]
    return found


def test_a_sale_is_stored_with_all_that_its_event_says(scene: Scene) -> None:
    assert scene.send(sold(1, salePrice=450.25)) == []
    (item,) = scene.items
    pointer, fingerprint = item.pop("embeddingS3Key"), item.pop("fingerprint")
    assert item == {
        "tenant": "north",
        "productId": "PROD-1",
        "saleId": "S0001",
        "saleDate": "2025-12-30",
        "salePrice": item["salePrice"],
        "originalPrice": 500,
        "currency": "USD",
        "category": "handbags",
        "season": "Q4",
        "brand": "Aurelle",
        "condition": "like_new",
        "embeddingId": "emb-1",
        "vendorId": "VENDOR-789",
        "description": "A bag",
        "daysToSell": 12,
        "imageS3Key": "s3://images/products/1.jpg",
        "createdAt": "2026-01-15T12:00:00.000Z",
        "updatedAt": "2026-01-15T12:00:00.000Z",
        "ttl": item["ttl"],
    }
    assert str(item["salePrice"]) == "450.25"
    assert len(fingerprint) == 32
    vector = scene.bucket.pointed_at(pointer)
    assert list(vector.numbers()) == numbers(1)
    assert vector.key == {"tenant": "north", "productId": "PROD-1", "saleDate": "2025-12-30", "saleId": "S0001"}


def test_one_object_has_the_vectors_of_a_batch(scene: Scene) -> None:
    assert scene.send(sold(1), packed([sold(2), plain(3), sold(4)]), sold(1)) == []
    (key,) = scene.bucket.keys()
    assert key.startswith("vectors/2026-01-15/")
    assert [list(one.numbers()) for one in scene.bucket.vectors().read(key)] == [numbers(n) for n in (1, 2, 4)]
    for item, number in zip(scene.items, (1, 2, 3, 4), strict=True):
        if number == 3:
            assert "embeddingS3Key" not in item
        else:
            assert list(scene.bucket.pointed_at(item["embeddingS3Key"]).numbers()) == numbers(number)


def test_vectors_are_written_before_the_items_that_point_at_them(scene: Scene) -> None:
    calls: list[str] = []
    scene.bucket.before = lambda operation, _key: calls.append(operation)
    scene.table.before = calls.append
    scene.send(sold(1), sold(2))
    assert calls == ["PutObject", "insert"]


def test_no_object_is_written_where_nothing_has_an_embedding(scene: Scene) -> None:
    assert scene.send(plain(1), packed([plain(2)])) == []
    assert scene.bucket.calls == []
    assert len(scene.items) == 2


def test_nothing_is_asked_of_anybody_where_nothing_is_valid(scene: Scene) -> None:
    assert scene.deliver([Message("m1", "no JSON"), message(2, sold(1, salePrice=0))]) == ["m1", "m2"]
    assert scene.bucket.calls == []
    assert scene.table.calls == []


def test_an_empty_batch_is_done(scene: Scene) -> None:
    assert scene.deliver([]) == []


def test_a_bad_sale_fails_its_message_and_leaves_the_others_of_it_written(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    mixed = packed([sold(1), sold(2, salePrice=-1), sold(3)])
    assert scene.send(mixed, sold(4)) == ["m1"]
    assert [item["saleId"] for item in scene.items] == ["S0001", "S0003", "S0004"]
    assert sorted(scene.outcomes, key=str) == [
        ("north", "S0001", "written"),
        ("north", "S0002", "invalid"),
        ("north", "S0003", "written"),
        ("north", "S0004", "written"),
    ]
    assert counted(capsys.readouterr().out) == {"Written": 3, "Duplicate": 0, "Conflict": 0, "Invalid": 1}
    assert scene.send(mixed) == ["m1"]
    assert counted(capsys.readouterr().out) == {"Written": 0, "Duplicate": 2, "Conflict": 0, "Invalid": 1}
    assert len(scene.items) == 3


def test_a_repeat_is_a_success(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.send(sold(1))
    (before,) = scene.items
    scene.surroundings.forward(days=3)
    assert scene.send(sold(1), sold(1)) == []
    assert scene.items == [before]
    assert scene.outcomes[1:] == [("north", "S0001", "duplicate")] * 2
    assert counted(capsys.readouterr().out) == {"Written": 1, "Duplicate": 2, "Conflict": 0, "Invalid": 0}


def test_the_same_key_with_another_payload_is_a_conflict(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.send(sold(1))
    before = scene.items
    assert scene.send(sold(1, salePrice=440), sold(1), sold(2)) == ["m1"]
    assert scene.outcomes[1:] == [
        ("north", "S0002", "written"),
        ("north", "S0001", "conflict"),
        ("north", "S0001", "duplicate"),
    ]
    assert scene.items[:1] == before
    assert counted(capsys.readouterr().out) == {"Written": 2, "Duplicate": 1, "Conflict": 1, "Invalid": 0}
    assert "from another event" in scene.reasons[0]


def test_of_two_payloads_with_one_key_in_a_batch_the_first_is_written(scene: Scene) -> None:
    assert scene.send(sold(1), sold(1, embedding=numbers(9)), sold(1)) == ["m2"]
    (item,) = scene.items
    assert list(scene.bucket.pointed_at(item["embeddingS3Key"]).numbers()) == numbers(1)


def test_a_sale_that_came_another_way_is_a_conflict(scene: Scene) -> None:
    scene.send(sold(1))
    for name in ("fingerprint", "createdAt"):
        del scene.items[0][name]
    assert scene.send(sold(1)) == ["m1"]
    assert scene.outcomes[-1] == ("north", "S0001", "conflict")
    assert "not written from an event" in scene.reasons[0]


def test_where_the_vectors_cannot_be_written_only_messages_with_embeddings_fail(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_operation: str, _key: str) -> None:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, "PutObject")

    scene.bucket.before = refuse
    assert scene.send(sold(1), plain(2), packed([plain(3), sold(4)])) == ["m1", "m3"]
    assert [item["saleId"] for item in scene.items] == ["S0002", "S0003"]
    assert counted(capsys.readouterr().out)["Written"] == 2
    scene.bucket.before = lambda _operation, _key: None
    assert scene.send(sold(1), plain(2), packed([plain(3), sold(4)])) == []
    assert len(scene.table.written) == 4


def test_a_lost_answer_of_the_bucket_fails_the_messages_and_harms_nothing(scene: Scene) -> None:
    def lose(_operation: str, _key: str) -> None:
        raise ReadTimeoutError(endpoint_url="the test")

    scene.bucket.after = lose
    assert scene.send(sold(1)) == ["m1"]
    scene.bucket.after = lambda _operation, _key: None
    assert scene.send(sold(1)) == []
    assert len(scene.bucket.keys()) == 1


def test_where_some_sales_cannot_be_written_only_their_messages_fail(scene: Scene) -> None:
    def refuse_the_second(_operation: str) -> None:
        if scene.table.calls.count("insert") == 2:
            raise Unavailable("DynamoDB did not answer.")

    scene.table.before = refuse_the_second
    messages = [message(1, packed(sold(n) for n in range(20))), message(2, packed(sold(n) for n in range(20, 30)))]
    messages += [message(n, sold(n)) for n in range(30, 60)]
    assert scene.deliver(messages) == ["m2", *(f"m{n}" for n in range(30, 50))]
    assert len(scene.items) == 25 + 10
    assert scene.reasons == ["DynamoDB did not answer."] * 25
    assert scene.deliver(messages) == []
    assert len(scene.table.written) == len(set(scene.table.written)) == 60


def test_where_nothing_can_be_written_every_message_comes_again(scene: Scene) -> None:
    def refuse(_operation: str) -> None:
        raise Unavailable("DynamoDB did not answer.")

    scene.table.before = refuse
    assert scene.send(sold(1), plain(2)) == ["m1", "m2"]
    assert scene.outcomes == []


def test_where_a_taken_key_cannot_be_looked_at_the_message_comes_again(scene: Scene) -> None:
    scene.send(sold(1))

    def refuse_reads(operation: str) -> None:
        if operation == "get":
            raise Unavailable("DynamoDB did not answer.")

    scene.table.before = refuse_reads
    assert scene.send(sold(1), sold(2)) == ["m1"]
    assert scene.outcomes[1:] == [("north", "S0002", "written")]


def test_a_sale_that_is_deleted_while_it_is_looked_at_comes_again(scene: Scene) -> None:
    scene.send(sold(1))
    scene.table.before = lambda operation: scene.table.items.clear() if operation == "get" else None
    assert scene.send(sold(1)) == ["m1"]
    assert "deleted or has expired" in scene.reasons[0]


def test_metrics_are_given_out_even_when_the_process_ends_in_the_middle(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    def end(_operation: str) -> None:
        raise KeyboardInterrupt

    scene.table.before = end
    with pytest.raises(KeyboardInterrupt):
        scene.send(plain(1), plain(2, salePrice=0))
    assert counted(capsys.readouterr().out) == {"Written": 0, "Duplicate": 0, "Conflict": 0, "Invalid": 1}


def test_metrics_are_of_the_namespace_and_service(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.send(plain(1))
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Shardwell"
    assert told["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


def test_the_log_has_no_embedding_and_no_description(scene: Scene) -> None:
    secret = "never to be seen"
    bad = [
        sold(2, embedding=[0.123456, "x"], description=secret),
        sold(3, embedding="0.123456", description=secret),
        sold(4, description=[secret]),
        sold(5, description=secret + "\ud800"),
        sold(6, description=secret * 30_000),
        sold(7, embedding=[0.123456, 1e300], description=secret),
        [secret],
        secret,
    ]
    scene.send(sold(1, description=secret, embedding=[0.123456]), *bad, packed(bad))
    scene.deliver([Message("m1", body(sold(8, description=secret))[:-2]), Message("m2", secret)])
    assert secret not in scene.log.getvalue()
    assert "0.123" not in scene.log.getvalue()
    assert len(scene.outcomes) == 1 + 2 * len(bad) + 2


def test_fields_that_no_sale_has_are_ignored_and_named(scene: Scene) -> None:
    assert scene.send(sold(1, brnad="x", colour="red")) == []
    assert scene.lines[0]["ignored"] == "brnad, colour"
    assert scene.send(sold(1)) == []


def test_events_without_a_currency_have_that_of_the_stage(scene: Scene) -> None:
    scene.settings = SyncSettings(currency="EUR")
    scene.send(plain(1), plain(2, currency="CHF"))
    assert [item["currency"] for item in scene.items] == ["EUR", "CHF"]
    scene.settings = SyncSettings(currency="USD")
    assert scene.send(plain(1)) == [], "another default makes no conflict of what was stored"


def test_the_rules_of_the_stage_hold(scene: Scene) -> None:
    scene.settings = SyncSettings(rules=Rules(tenants=frozenset({"north"}), dimensions=4))
    assert scene.send(sold(1), sold(2, tenantId="south"), sold(3, embedding=numbers(3, 5)), plain(4)) == ["m2", "m3"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"productId": "p" * 3_000}, "2048"),
        ({"saleId": "s" * 1_100}, "1024"),
        ({"category": "\U0010ffff"}, "no key can hold"),
        ({"description": "d" * 420_000}, "description"),
    ],
)
def test_what_the_table_cannot_hold_is_invalid_and_harms_no_other(
    scene: Scene, change: dict[str, Any], said: str
) -> None:
    assert scene.send(sold(1), sold(2, **change), sold(3)) == ["m2"]
    assert [item["saleId"] for item in scene.items] == ["S0001", "S0003"]
    assert said in scene.reasons[0]
    assert len(scene.bucket.vectors().read(scene.bucket.keys()[0])) == 2
