"""The TTL backfill as deployed and as typed: a process that is killed for real, and a function under its own role."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.local.deployment import ROOT
from sales_intelligence.tables import SALES
from shardwell.codec import Codec
from tests.e2e.conftest import Cloud
from tests.support.ambient import START
from tests.unit.backfill.scene import expected_ttl, is_too_old, mixed, sort_key

pytestmark = pytest.mark.heavy

STACK = "shardwell-local-sales-intelligence"
RECORDS = 3_000
KILLS = 10


@pytest.fixture
def table(cloud: Cloud) -> str:
    return cloud.output(STACK, "TableName")


@pytest.fixture
def rows(cloud: Cloud, table: str) -> Iterator[list[dict[str, Any]]]:
    """Sales of all kinds that have no time to live, and no others; none are left behind."""
    empty(cloud, table)
    codec = Codec.of(SALES, None, table)
    items = [{**mixed(number), "productId": f"p{number % 300}", "brand": "Aurelle"} for number in range(RECORDS)]
    requests = []
    for item in items:
        encoded = codec.encoded(item, START)
        del encoded["ttl"]
        requests.append({"PutRequest": {"Item": encoded}})
    write(cloud, table, requests)
    yield items
    empty(cloud, table)


def stored(cloud: Cloud, table: str) -> dict[str, dict[str, Any]]:
    """Every item by its sort key."""
    return {item["SK"]["S"]: item for item in scanned(cloud, table)}


def scanned(cloud: Cloud, table: str) -> list[dict[str, Any]]:
    """Every item; of other tests' some may have a sort key in common."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def empty(cloud: Cloud, table: str) -> None:
    deletions = [
        {"DeleteRequest": {"Key": {name: item[name] for name in ("PK", "SK")}}} for item in scanned(cloud, table)
    ]
    write(cloud, table, deletions)


def write(cloud: Cloud, table: str, requests: list[dict[str, Any]]) -> None:
    client = cloud.client("dynamodb")
    for start in range(0, len(requests), 25):
        answer = client.batch_write_item(RequestItems={table: requests[start : start + 25]})
        assert not answer.get("UnprocessedItems")


def command(cloud: Cloud, *arguments: str) -> list[str]:
    asked = ("--table", "sales-intelligence", "--stage", "local", "--port", str(cloud.port))
    return [sys.executable, "-m", "operations.backfill", *asked, *arguments]


def finished(cloud: Cloud, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, once it has ended."""
    return subprocess.run(
        command(cloud, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )


def assert_right(
    found: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    """Every record as it was and with its time to live, and only those gone that are too old."""
    expected = {sort_key(item): expected_ttl(item) for item in rows if not is_too_old(item)}
    assert {key: item.get("ttl", {}).get("N") for key, item in found.items()} == expected
    for key, item in found.items():
        assert {**before[key], "ttl": item["ttl"]} == item


def test_a_process_killed_at_ten_random_moments_leaves_every_record_right(
    cloud: Cloud, table: str, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    before = stored(cloud, table)
    path = tmp_path / "checkpoint.json"
    chance = random.Random(3)
    kills = []
    while len(kills) < KILLS:
        arguments = command(cloud, "--checkpoint", str(path), "--segments", "64", "--rate", "400")
        with (tmp_path / "output").open("w") as output:
            process = subprocess.Popen(arguments, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        time.sleep(chance.uniform(0.6, 1.6))
        process.kill()
        assert process.wait(10) == -signal.SIGKILL, (tmp_path / "output").read_text()
        kills.append(sum("ttl" in item for item in stored(cloud, table).values()))
    # The moments were different ones, and most of them in the middle of the work.
    assert 0 < kills[-1] < RECORDS * 3 // 4
    assert len(set(kills)) > KILLS // 2
    assert path.exists()
    last = finished(cloud, "--checkpoint", str(path), "--rate", "40000")
    assert last.returncode == 0, last.stdout + last.stderr
    assert "Resumes from" in last.stdout
    assert_right(stored(cloud, table), before, rows)
    assert not path.exists()


def test_a_dry_run_foresees_what_the_command_then_does(
    cloud: Cloud, table: str, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    before = stored(cloud, table)
    foreseen = finished(cloud, "--dry-run")
    assert foreseen.returncode == 0, foreseen.stdout + foreseen.stderr
    assert stored(cloud, table) == before
    done = finished(cloud, "--checkpoint", str(tmp_path / "c"), "--rate", "40000")
    counts = [line.split()[:2] for line in done.stdout.splitlines() if line.startswith(("  given", "  deleted"))]
    assert counts == [["given", "2,250"], ["deleted", "750"]]
    for line in done.stdout.splitlines():
        if line.startswith(("  looked", "  given", "  deleted")):
            assert line in foreseen.stdout
    assert_right(stored(cloud, table), before, rows)


@pytest.fixture
def function(cloud: Cloud) -> Iterator[str]:
    """The deployed function; its timeout comes back where a test changes it."""
    name = cloud.output(STACK, "TtlBackfillFunction")
    functions = cloud.client("lambda")
    before = functions.get_function_configuration(FunctionName=name)["Timeout"]
    assert before == 900
    yield name
    functions.update_function_configuration(FunctionName=name, Timeout=before)


def test_the_function_does_it_from_its_bundle_with_its_grants(
    cloud: Cloud, table: str, rows: list[dict[str, Any]], function: str
) -> None:
    before = stored(cloud, table)
    succeeded, foreseen = cloud.invoke(function, {"dryRun": True})
    assert (succeeded, foreseen["complete"], foreseen["given"], foreseen["deleted"]) == (True, True, 2_250, 750)
    assert stored(cloud, table) == before
    succeeded, done = cloud.invoke(function, {"rate": 40_000})
    assert (succeeded, done["complete"], done["given"], done["deleted"]) == (True, True, 2_250, 750)
    assert_right(stored(cloud, table), before, rows)


def test_the_function_calls_itself_until_all_is_done(
    cloud: Cloud, table: str, rows: list[dict[str, Any]], function: str
) -> None:
    before = stored(cloud, table)
    # It stops 30 s before its timeout.
    cloud.client("lambda").update_function_configuration(FunctionName=function, Timeout=62)
    # A write is three units here: of the table, of GSI1 and of GSI3. So the whole takes one call and a half.
    succeeded, first = cloud.invoke(function, {"rate": RECORDS * 3 // 45})
    assert (succeeded, first["complete"]) == (True, False)
    assert 0 < first["given"] < 2_250
    deadline = time.monotonic() + 120
    while any("ttl" not in item for item in stored(cloud, table).values()):
        assert time.monotonic() < deadline, "The rest was never done."
        time.sleep(1)
    assert_right(stored(cloud, table), before, rows)
