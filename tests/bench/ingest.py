"""Events a second through the sync function, against one conditional put an event, on one emulator; memory and size.

The emulator reads each statement of a batched INSERT in Python, twice, a token at a time, which takes it longer than
all of the function's work: on AWS the function waits for DynamoDB and not for that. So beside the events a second,
which are the goal's, the processor's seconds of the function's own process are told, of both sides.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from carousel_sync.event_sync import Sync
from sales_intelligence.tables import SALES
from shardwell.client import make_client
from shardwell.codec import Codec
from shardwell.creation import create_table_request
from shardwell.fields import to_item
from shardwell.object_client import make_object_client
from shardwell.queue_events import failures_answer, messages_of
from shardwell.store import Store
from shardwell.vector_objects import VectorObjects
from tests.bench import bundle_sizes, sides
from tests.bench.ingest_memory import peak_of
from tests.bench.original_design import sale_of_detail
from tests.bench.result import Result, at_least
from tests.bench.sale_events import sale_as_json
from tests.support.emulator import emulator
from tests.support.pipeline.queue import Queued, queue_event
from tests.support.sold import body

GOAL = 6.0
EVENTS = 3_000
BATCH = 500
PUTS = 600
FEW, MANY = 1_000, 100_000
BUCKET = "lake-staging"
HEAVY = ("pyarrow", "pyiceberg", "arro3")
_IMPORT = "import sys, json, carousel_sync.sync; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"


def run() -> Result:
    """Events a second of both ways, in turns; what the function's memory and package come to."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder), services="dynamodb,s3") as endpoint:
        rates = compare({**sides.FAKE, "endpoint_url": endpoint})
    few, many = peak_of(FEW), peak_of(MANY)
    sizes = bundle_sizes.sizes()
    ours, theirs = rates["ours"], rates["theirs"]
    return at_least(
        GOAL,
        name="ingest",
        ours=ours["a_second"],
        theirs=theirs["a_second"],
        unit="events a second",
        what=f"{EVENTS:,} sold products, {BATCH} messages a call of the sync function, against one conditional put "
        f"each ({PUTS} timed), both from the message on and over one emulator, whose own work is most of ours",
        cpu_of_the_client={
            "ours_us_an_event": round(ours["cpu"] * 1e6),
            "theirs_us_an_event": round(theirs["cpu"] * 1e6),
            "events_a_second_and_core": {"ours": round(1 / ours["cpu"]), "theirs": round(1 / theirs["cpu"])},
            "ratio": round(theirs["cpu"] / ours["cpu"], 2),
        },
        cpu_of_the_emulator={
            "ours_us_an_event": round(ours["emulator"] * 1e6),
            "theirs_us_an_event": round(theirs["emulator"] * 1e6),
        },
        peak_memory={
            f"{FEW:,} events, MB": round(few / 1e6, 1),
            f"{MANY:,} events, MB": round(many / 1e6, 1),
            "ratio": round(many / few, 3),
        },
        imported_though_heavy=[name for name in HEAVY if name in imported()],
        packages_mb={name: round(size / 1024 / 1024, 1) for name, size in sizes.items()},
        packages_have_room=max(sizes.values()) <= bundle_sizes.MOST_BYTES,
    )


def compare(settings: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Events a second of each side, and CPU seconds an event of its process and of the emulator."""
    client, objects = make_client(**settings), make_object_client(**settings)
    plain = boto3.client("dynamodb", **settings)
    for name in ("ours", "theirs"):
        client.create_table(**create_table_request(SALES, name=name))
    objects.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    log = Logger(service="ingest-bench", stream=io.StringIO())
    sync = Sync(Store(SALES, name="ours", client=client), VectorObjects(objects, BUCKET), log=log)
    codec = Codec.of(SALES, None, "theirs")
    bodies = [body(sale_as_json(number)) for number in range(EVENTS)]

    def together(some: Sequence[str]) -> None:
        batch = [Queued(f"m{number}", text, datetime.now(UTC), receipts=1) for number, text in enumerate(some)]
        answer = failures_answer(sync.handle(messages_of(queue_event(batch))))
        if answer["batchItemFailures"]:
            raise RuntimeError("An event failed.")

    def one_by_one(some: Sequence[str]) -> None:
        for text in some:
            item = codec.encoded(to_item(sale_of_detail(json.loads(text)["detail"])), datetime.now(UTC))
            plain.put_item(TableName="theirs", Item=item, ConditionExpression="attribute_not_exists(PK)")

    found = {"ours": [0.0, 0.0, 0.0], "theirs": [0.0, 0.0, 0.0]}
    turns = EVENTS // BATCH
    with redirect_stdout(io.StringIO()):
        for turn in range(turns):
            _time(found["ours"], together, bodies[turn::turns])
            _time(found["theirs"], one_by_one, bodies[:PUTS][turn::turns])
    counts = {"ours": EVENTS, "theirs": PUTS}
    return {
        name: {"a_second": counts[name] / wall, "cpu": cpu / counts[name], "emulator": other / counts[name]}
        for name, (wall, cpu, other) in found.items()
    }


def imported() -> set[str]:
    """What a process has imported that has imported the function's handler."""
    environment = {
        "TABLE_NAME": "bench",
        "LAKE_BUCKET": "bench",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }
    said = subprocess.run([sys.executable, "-c", _IMPORT], env=environment, capture_output=True, text=True, check=True)
    return set(json.loads(said.stdout))


def _time(found: list[float], do: Callable[[Sequence[str]], None], some: Sequence[str]) -> None:
    wall, cpu, other = time.perf_counter(), time.process_time(), _cpu_of_children()
    do(some)
    found[0] += time.perf_counter() - wall
    found[1] += time.process_time() - cpu
    found[2] += _cpu_of_children() - other


def _cpu_of_children() -> float:
    """CPU seconds of the processes that this one has started: the emulator. 0 where no /proc tells."""
    ours = Path("/proc/self/task") / str(os.getpid()) / "children"
    if not ours.exists():
        return 0.0
    found = 0
    for child in ours.read_text().split():
        fields = (Path("/proc") / child / "stat").read_text().rpartition(")")[2].split()
        found += int(fields[11]) + int(fields[12])  # user and system, in ticks
    return found / os.sysconf("SC_CLK_TCK")
