"""`python -m tests.bench.ingest_memory N`: peak memory, in bytes, of a process that writes N events, answered at once.

A process of its own, which imports what the function does and hardly more: what a process once had it does not give
back, and a large import would hide what the events take.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from carousel_sync.event_sync import Sync
from sales_intelligence.tables import SALES
from shardwell.client import make_client
from shardwell.object_client import make_object_client
from shardwell.queue_events import messages_of
from shardwell.store import Store
from shardwell.vector_objects import VectorObjects
from tests.bench.instant import FAKE, Raw
from tests.bench.sale_events import sale_as_json
from tests.support.sold import body

BATCH = 500
BUCKET = "lake-staging"
EVERY = 20
DIMENSIONS = 1_024
"""One event in so many has an embedding, of so many dimensions."""


class Nothing(io.TextIOBase):
    """Where text is gone."""

    def write(self, text: str) -> int:
        """As if it were written."""
        return len(text)


def peak_of(events: int) -> int:
    """Peak memory, in bytes, of a process that writes so many events."""
    command = [sys.executable, "-m", __name__, str(events)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def answer_at_once(client: Any) -> Any:
    """The client, each of whose requests is answered as if it were carried out; nothing is kept."""

    def answered(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        told = b""
        if event_name.endswith("BatchExecuteStatement"):
            told = json.dumps({"Responses": [{} for _ in json.loads(request.body)["Statements"]]}).encode()
        return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.0"}, Raw(told))

    client.meta.events.register("before-send", answered)
    return client


def batches(events: int) -> Iterator[dict[str, Any]]:
    """So many events, as Lambda gives them to the function."""
    for start in range(0, events, BATCH):
        yield {"Records": [_record(number) for number in range(start, min(start + BATCH, events))]}


def _record(number: int) -> dict[str, Any]:
    detail = sale_as_json(number)
    if number % EVERY == 0:
        detail |= {"embeddingId": f"emb-{number}", "embedding": [number % 97 / 97] * DIMENSIONS}
    return {
        "messageId": f"m{number}",
        "receiptHandle": f"m{number}-1",
        "body": body(detail),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:sales",
    }


def main(events: int) -> int:
    """Peak memory of this process, once it has written so many events."""
    store = Store(SALES, name="sales", client=answer_at_once(make_client(**FAKE)))
    objects = VectorObjects(answer_at_once(make_object_client(**FAKE)), BUCKET)
    sync = Sync(store, objects, log=Logger(service="ingest", stream=Nothing()))
    with redirect_stdout(Nothing()):
        for event in batches(events):
            if sync.handle(messages_of(event)):
                raise RuntimeError("An event failed.")
    return _peak()


def _peak() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        # Not `ru_maxrss`, in which Linux counts what the parent had when it made this process.
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1_024)


if __name__ == "__main__":
    print(main(int(sys.argv[1])))
