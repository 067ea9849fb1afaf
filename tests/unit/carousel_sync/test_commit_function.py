"""The committer's function: what it takes from its environment, and what it measures."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from carousel_sync import commit
from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from shardwell.lake_catalog import ensure_table
from tests.support.ambient import START
from tests.support.lake import LocalLake
from tests.support.objects import Bucket
from tests.support.sale_stream import event, inserted

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for name, value in {"LAKE_BUCKET": "b", "COMMIT_AFTER_SECONDS": "0", "COMMIT_BYTES": "1000000"}.items():
        monkeypatch.setenv(name, value)
    found, lake = Bucket(lambda: START), LocalLake()
    commit._settings.cache_clear()
    monkeypatch.setattr(commit, "_objects", lambda: found)
    monkeypatch.setattr(commit, "load_table", lambda: ensure_table(lake, SALES_HISTORY))
    return found


def metrics(output: str) -> dict[str, Any]:
    (line,) = [json.loads(line) for line in output.splitlines() if "_aws" in line]
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert (described["Namespace"], described["Dimensions"], line["lake"]) == ("Shardwell", [["lake"]], "b")
    assert {one["Name"]: one["Unit"] for one in described["Metrics"]} == {
        "RowsCommitted": "Count",
        "LakeLag": "Seconds",
    }
    return line


def test_it_commits_and_measures(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    Stager(bucket, "b").handle(event(inserted(1), inserted(2)))
    capsys.readouterr()
    answer = commit.handler({}, CONTEXT)
    assert (answer["rows"], answer["commits"], answer["waiting"]) == (2, 1, 0)
    measured = metrics(capsys.readouterr().out)
    assert measured["RowsCommitted"] == 2
    assert measured["LakeLag"] > 0


def test_with_nothing_staged_the_lag_is_measured_as_none(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    commit.handler({}, CONTEXT)
    measured = metrics(capsys.readouterr().out)
    assert (measured["RowsCommitted"], measured["LakeLag"]) == (0, 0.0)


def test_it_begins_nothing_that_it_has_no_time_for(bucket: Bucket) -> None:
    Stager(bucket, "b").handle(event(inserted(1)))
    answer = commit.handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 10_000))
    assert (answer["rows"], answer["waiting"]) == (0, 1)


def test_its_settings_are_those_of_the_environment(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMIT_AFTER_SECONDS", "300")
    found = commit._settings()
    assert (found.bucket, found.after_seconds, found.most_bytes) == ("b", 300.0, 1_000_000)
