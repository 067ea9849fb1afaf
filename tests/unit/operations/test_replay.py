"""A replay reads a time range of the table, joins the vectors, and stages rows that the committer may add."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from operations.local.console import Voice
from operations.local.problem import Problem
from operations.replay import __main__ as command
from operations.replay import run as running
from operations.replay.run import rehearse, replay
from operations.replay.spool import Spool
from operations.replay.time_range import TimeRange, check, moment
from sales_intelligence.tables import SALES
from shardwell.lake_rows import read_rows
from shardwell.rate import RateLimit
from shardwell.staging import REPLAYED_SEQUENCE, list_staged, read_staged
from shardwell.store import Store
from shardwell.vectors import Vector, float32
from tests.support.ambient import START
from tests.support.backends import Backend
from tests.support.sales import key, sale
from tests.support.vector_bucket import NAME, VectorBucket, empty_bucket

DAY = TimeRange(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC))


@pytest.fixture
def store(moto: Backend) -> Store:
    return moto.store(SALES)


@pytest.fixture
def bucket() -> VectorBucket:
    return empty_bucket()


@pytest.fixture
def voice() -> Voice:
    return Voice(Console(file=StringIO(), width=100, highlight=False, soft_wrap=True))


def put(store: Store, bucket: VectorBucket, *numbers: int, **changes: Any) -> None:
    """Sales with an embedding each, those of one call in one object."""
    sales = [sale(number, fingerprint="f" * 32, embeddingId=f"e{number}", **changes) for number in numbers]
    vectors = [Vector(key(one), float32([number, -number])) for number, one in zip(numbers, sales, strict=True)]
    for one, pointer in zip(sales, bucket.vectors().write(vectors, START.date()), strict=True):
        store.put({**one, "embeddingS3Key": str(pointer)})


def carry_out(store: Store, bucket: VectorBucket, folder: Path, voice: Voice, wanted: TimeRange = DAY) -> Any:
    stager = Stager(bucket, NAME)
    limit = RateLimit(1e9)
    return replay(store, stager, wanted, limit=limit, segments=2, folder=folder, now=START, voice=voice)


def rows(bucket: VectorBucket) -> list[dict[str, Any]]:
    """Every staged row."""
    found = []
    for staged in list_staged(bucket, NAME).objects:
        assert staged.kind == "replayed"
        content = read_staged(bucket, NAME, staged)
        found += read_rows(SALES_HISTORY, staged, content).to_pylist()
    return sorted(found, key=lambda row: row["sale_id"])


def test_sales_of_the_range_become_rows_with_their_vectors(
    store: Store, bucket: VectorBucket, tmp_path: Path, voice: Voice
) -> None:
    put(store, bucket, 1, 2, 3)
    store.put(sale(4, embeddingS3Key="s3://elsewhere/x"))
    put(store, bucket, 5, createdAt="2026-10-02T00:00:00Z")
    put(store, bucket, 6, createdAt="2026-09-30T23:59:59.999Z")
    done = carry_out(store, bucket, tmp_path, voice)
    assert (done.found, done.rows, done.left) == (4, 4, 0)
    found = rows(bucket)
    assert [row["sale_id"] for row in found] == ["s0001", "s0002", "s0003", "s0004"]
    assert [row["embedding"] for row in found] == [[1.0, -1.0], [2.0, -2.0], [3.0, -3.0], None]
    assert {(row["operation"], row["sequence"]) for row in found} == {("insert", REPLAYED_SEQUENCE)}
    assert not list(tmp_path.iterdir())


def test_a_dry_run_counts_and_writes_nothing(store: Store, bucket: VectorBucket, voice: Voice) -> None:
    put(store, bucket, 1, 2, 30)
    before = bucket.keys()
    done = rehearse(store, DAY, limit=RateLimit(1e9), segments=1, voice=voice)
    assert (done.found, done.with_embedding, done.rows) == (3, 3, 0)
    assert done.months == {"2026-10": 3}
    assert bucket.keys() == before


def test_a_sale_that_has_expired_is_history_all_the_same(
    store: Store, bucket: VectorBucket, tmp_path: Path, voice: Voice
) -> None:
    store.put(sale(1, ttl=1))
    assert carry_out(store, bucket, tmp_path, voice).rows == 1


def test_each_object_of_vectors_is_read_once_and_few_are_in_memory(
    store: Store, bucket: VectorBucket, tmp_path: Path, voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_OBJECTS", 2)
    for number in range(0, 40, 4):
        put(store, bucket, *range(number, number + 4))
    bucket.calls.clear()
    done = carry_out(store, bucket, tmp_path, voice)
    read = [name for operation, name in bucket.calls if operation == "GetObject"]
    assert (done.rows, done.objects, len(read), len(set(read))) == (40, 5, 10, 10)


def test_a_sale_whose_vector_is_gone_is_named_and_the_others_are_staged(
    store: Store, bucket: VectorBucket, tmp_path: Path, voice: Voice
) -> None:
    put(store, bucket, 1, 2)
    (gone,) = bucket.keys()
    put(store, bucket, 3)
    del bucket.objects[gone]
    done = carry_out(store, bucket, tmp_path, voice)
    assert (done.rows, done.left) == (1, 2)
    assert [row["sale_id"] for row in rows(bucket)] == ["s0003"]
    assert "saleId='s0001'" in "".join(done.named)


def test_a_missing_permission_is_no_fault_of_a_sale(
    store: Store, bucket: VectorBucket, tmp_path: Path, voice: Voice
) -> None:
    put(store, bucket, 1, 2)

    def refuse(operation: str, _key: str) -> None:
        if operation == "GetObject":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)

    bucket.before = refuse
    with pytest.raises(ClientError, match="AccessDenied"):
        carry_out(store, bucket, tmp_path, voice)
    assert not list(tmp_path.iterdir())


def test_the_rate_is_asked_for_every_page(store: Store, voice: Voice) -> None:
    waits: list[float] = []
    limit = RateLimit(64, clock=lambda: 0.0, sleep=waits.append)
    rehearse(store, DAY, limit=limit, segments=3, voice=voice)
    # 128 units before the first page and after each of three, at 64 units a second: each waits for those before it.
    assert sum(waits) == pytest.approx(0 + 2 + 4 + 6)


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [("2026-10-02", "2026-10-01", "is empty"), ("2026-10-01", "2026-10-01", "is empty")],
)
def test_an_empty_range_is_refused(start: str, end: str, reason: str) -> None:
    with pytest.raises(Problem, match=reason):
        check(TimeRange(moment(start), moment(end)), START + timedelta(days=365))


def test_a_range_whose_rows_may_still_come_is_refused() -> None:
    edge = TimeRange(START - timedelta(days=3), START - timedelta(hours=25))
    check(edge, START)
    with pytest.raises(Problem, match="let it end at 2026-01-14T10:59:59Z or before"):
        check(edge, START - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("created", "inside"),
    [
        ("2026-10-01T00:00:00Z", True),
        ("2026-10-01T00:00:00.000Z", True),
        ("2026-10-01T23:59:59.999999Z", True),
        ("2026-10-02T00:00:00Z", False),
        ("2026-10-02T00:00:00.001Z", False),
        ("2026-09-30T23:59:59.999Z", False),
        ("soon", False),
        (None, False),
    ],
)
def test_the_range_goes_up_to_its_end(created: Any, inside: bool) -> None:
    assert DAY.holds(created) is inside


@pytest.mark.parametrize("fraction", ["", ".5", ".999999"])
def test_the_condition_leaves_out_nothing_that_the_range_holds(store: Store, fraction: str) -> None:
    """Compared as text, an instant with a fraction comes before the same second without."""
    at = f"2026-10-01T08:00:00{fraction}Z"
    store.put(sale(1, createdAt=at))
    exact = datetime.fromisoformat(at)
    for start, end in ((exact, exact + timedelta(microseconds=1)), (exact - timedelta(seconds=1), exact)):
        wanted = TimeRange(start, end)
        found = [item for page in store.scan(where=wanted.condition) for item in page.items]
        if wanted.holds(at):
            assert len(found) == 1


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-10-01T08:00:00", ""])
def test_a_time_without_a_zone_is_none(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no time"):
        moment(text)


def test_a_time_may_be_of_any_zone() -> None:
    assert moment("2026-10-01T02:00:00+02:00") == moment("2026-10-01") == DAY.start


def test_the_spool_gives_back_what_it_was_given(tmp_path: Path) -> None:
    items = [sale(number, embeddingS3Key=f"s3://b/o{number % 3}#{number}") for number in range(20)]
    with Spool(tmp_path / "s") as spool:
        spool.add(items)
        chunks = list(spool.chunks(items=4, objects=2))
    assert max(map(len, chunks)) <= 4
    assert sorted((one for chunk in chunks for one in chunk), key=lambda one: one["saleId"]) == items


def test_a_range_that_ends_too_late_is_refused_before_the_stage_is_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("operations.command.aws_stage", lambda _name: pytest.fail("the stage was reached"))
    assert command.main(["--stage", "dev", "--from", "2026-01-01", "--until", "2999-01-01"]) == 1
    assert "may still be on their way from the stream" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "2026-10-01"],
        ["--until", "2026-10-01"],
        ["--from", "2026-10-01", "--until", "2026-10-02", "--rate", "0"],
        ["--from", "2026-10-01", "--until", "2026-10-02", "--segments", "101"],
        ["--from", "2026-10-01", "--until", "2026-10-02", "--stage", "prod", "--port", "4566"],
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_happens(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.parse(arguments)
