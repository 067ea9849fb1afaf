"""Names of staged objects say what they cover, and the list of them has no gaps."""

from __future__ import annotations

import pytest

from shardwell.errors import BadItem
from shardwell.staging import Vanished, delete_staged, list_staged, read_staged, replayed_key, staged_key
from tests.support.ambient import START, Surroundings
from tests.support.objects import Bucket
from tests.support.sale_stream import SHARD

FIRST, LAST = "3".zfill(40), "7".zfill(40)


@pytest.fixture
def bucket(surroundings: Surroundings) -> Bucket:
    return Bucket(lambda: surroundings.now)


def put(bucket: Bucket, key: str, content: bytes = b"x") -> str:
    bucket.put_object(Bucket="b", Key=key, Body=content)
    return key


def test_a_name_says_what_its_object_covers(bucket: Bucket) -> None:
    keys = [
        put(bucket, staged_key(b"x", shard=SHARD, first=FIRST, last=LAST)),
        put(bucket, staged_key(b"x", shard=SHARD, first=FIRST, last=LAST, kind="redriven")),
        put(bucket, replayed_key(b"x")),
    ]
    listing = list_staged(bucket, "b")
    assert {(one.key, one.kind, one.shard, one.first, one.last) for one in listing.objects} == {
        (keys[0], "staged", SHARD, FIRST, LAST),
        (keys[1], "redriven", SHARD, FIRST, LAST),
        (keys[2], "replayed", "", "", ""),
    }
    assert (listing.bytes, listing.oldest, listing.complete) == (3, START, True)


def test_returned_rows_are_listed_before_those_of_every_shard(bucket: Bucket) -> None:
    for shard in ("0", "A", "shardId-0", "z"):
        put(bucket, staged_key(b"x", shard=shard, first=FIRST, last=LAST))
    put(bucket, staged_key(b"x", shard="z", first=FIRST, last=LAST, kind="redriven"))
    put(bucket, replayed_key(b"x"))
    kinds = [one.kind for one in list_staged(bucket, "b").objects]
    assert kinds == ["redriven", "replayed", "staged", "staged", "staged", "staged"]


@pytest.mark.parametrize("shard", ["", "a/b", ".returned", "..", "a b", "-a", "ä", "a" * 129, "a\n"])
def test_a_shard_that_cannot_be_in_a_name_is_refused(shard: str) -> None:
    with pytest.raises(BadItem, match="shard"):
        staged_key(b"x", shard=shard, first=FIRST, last=LAST)


@pytest.mark.parametrize(
    "key",
    [
        "staged/",
        "staged/x.parquet",
        f"staged/{SHARD}/{FIRST}-{LAST}.parquet",
        f"staged/{SHARD}/{FIRST}-{LAST}-{'0' * 32}.parquet.tmp",
        f"staged/{SHARD}/3-7-{'0' * 32}.parquet",
        f"staged/.returned/{'0' * 32}.parquet",
    ],
)
def test_what_is_none_of_them_stops_everything_because_it_may_hide_rows(bucket: Bucket, key: str) -> None:
    put(bucket, key)
    with pytest.raises(BadItem, match="is none: move it away"):
        list_staged(bucket, "b")


def test_other_folders_of_the_bucket_are_nobodys_business(bucket: Bucket) -> None:
    put(bucket, "vectors/2026-01-01/x.vec")
    assert list_staged(bucket, "b").objects == ()


def test_a_list_that_is_cut_off_says_so_and_is_a_beginning(bucket: Bucket) -> None:
    bucket.page = 2
    keys = [put(bucket, staged_key(b"x", shard="a", first=str(at).zfill(40), last=LAST)) for at in range(7)]
    listing = list_staged(bucket, "b", most=3)
    assert not listing.complete
    assert [one.key for one in listing.objects] == keys[:4]


def test_a_shard_that_grows_while_it_is_listed_shows_no_later_object_without_the_earlier(bucket: Bucket) -> None:
    """Between two pages more is staged: what is missed is missed from its end."""
    bucket.page = 1
    staged = [
        staged_key(b"x", shard=shard, first=str(at).zfill(40), last=str(at).zfill(40))
        for at in range(5)
        for shard in "ab"
    ]
    waiting = iter(staged)

    def grow(operation: str, _: str) -> None:
        if operation == "ListObjectsV2" and (key := next(waiting, None)):
            bucket.objects[key] = (b"x", START)

    put(bucket, next(waiting))
    bucket.before = grow
    found = [one.key for one in list_staged(bucket, "b").objects]
    for shard in "ab":
        of_shard = [key for key in staged if f"/{shard}/" in key]
        seen = [key for key in of_shard if key in found]
        assert seen == of_shard[: len(seen)]


def test_what_is_read_is_what_the_name_says(bucket: Bucket) -> None:
    key = put(bucket, staged_key(b"rows", shard=SHARD, first=FIRST, last=LAST), b"rows")
    (staged,) = list_staged(bucket, "b").objects
    assert read_staged(bucket, "b", staged) == b"rows"
    put(bucket, key, b"other")
    with pytest.raises(BadItem, match="digest"):
        read_staged(bucket, "b", staged)
    del bucket.objects[key]
    with pytest.raises(Vanished):
        read_staged(bucket, "b", staged)


def test_any_number_is_deleted_a_thousand_at_a_time(bucket: Bucket) -> None:
    for at in range(2_001):
        put(bucket, staged_key(b"x", shard=SHARD, first=str(at).zfill(40), last=LAST))
    delete_staged(bucket, "b", list_staged(bucket, "b").objects)
    assert bucket.keys() == []
