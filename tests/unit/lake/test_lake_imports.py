"""What each function loads: a cold start pays for every import."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ENVIRONMENT = {
    "LAKE_BUCKET": "lake",
    "COMMIT_AFTER_SECONDS": "0",
    "COMMIT_BYTES": "1000",
    "TABLE_BUCKET_ARN": "arn:aws:s3tables:eu-west-1:000000000000:bucket/lake",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
LARGE = {"pyarrow", "pyiceberg", "arro3", "duckdb", "numpy"}
NOTHING_STAGED = """
import carousel_sync.commit as commit
from datetime import UTC, datetime
from tests.support.objects import Bucket
commit._objects = lambda: Bucket(lambda: datetime.now(UTC))
class context: get_remaining_time_in_millis = staticmethod(lambda: 60_000)
assert commit.handler({}, context)["waiting"] == 0
"""


def loaded(code: str) -> set[str]:
    """The large libraries that a process has loaded once it has run this."""
    show = "\nimport sys; print('\\nloaded', *sorted({name.partition('.')[0] for name in sys.modules}))"
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, "-c", code + show], capture_output=True, text=True, check=True, env=environment
    )
    return set(done.stdout.splitlines()[-1].split()[1:]) & LARGE


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import carousel_sync.stage", {"arro3"}),
        ("import carousel_sync.commit", set()),
        (NOTHING_STAGED, set()),
        ("import carousel_sync.lake, shardwell.lake_read", set()),
        ("import carousel_sync.embeddings", set()),
    ],
    ids=["stage", "commit", "commit, nothing staged", "description", "embeddings"],
)
def test_a_function_loads_what_it_needs_and_no_more(code: str, expected: set[str]) -> None:
    assert loaded(code) == expected


def test_the_libraries_are_seen_when_they_are_loaded() -> None:
    assert {"pyarrow", "pyiceberg"} <= loaded("import shardwell.commit_batch")
