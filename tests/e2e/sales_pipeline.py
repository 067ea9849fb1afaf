"""The deployed pipeline of sold products, and its ends: events in, items, rows and dead letters out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carousel_sync.lake import SALES_HISTORY
from carousel_sync.publish import publish_sales, publish_sales_singly
from operations.lake.dataset import files_of, load_table
from operations.lake.session import ask, session
from operations.local import demo_lake
from operations.stage import SYNC_SYSTEM, Stage
from sales_intelligence.tables import SALES
from shardwell.store import Store
from tests.e2e.conftest import Cloud

TENANT = "carousel-labs"
MOST_SECONDS = 120
"""No test is decided by it: what does not come in that time never comes."""
CURRENT, EVERY = "sales_history", "sales_history_rows"


@dataclass(frozen=True)
class Pipeline:
    """What is deployed, and ways to put something in and to see what came of it."""

    cloud: Cloud
    stage: Stage
    outputs: Mapping[str, str]
    store: Store

    @classmethod
    def of(cls, cloud: Cloud, stage: Stage) -> Pipeline:
        """That of a running cloud."""
        client = cloud.client("dynamodb")
        store = Store(SALES, name=SALES.physical_name("local"), client=client)
        return cls(cloud, stage, stage.outputs(SYNC_SYSTEM), store)

    def client(self, service: str) -> Any:
        """A client with the rights of the account's root."""
        return self.cloud.client(service)

    def publish(self, *sales: Mapping[str, Any]) -> None:
        """An event for each sale."""
        publish_sales_singly(self.client("events"), "default", sales)

    def publish_packed(self, sales: Iterable[Mapping[str, Any]]) -> int:
        """Events of many sales each; how many."""
        return publish_sales(self.client("events"), "default", sales)

    def settle(self) -> None:
        """Returns once no event is under way: each is done with, or a dead letter."""
        self.wait(lambda: self.count("QueueUrl") == 0, "the queue to be empty")

    def count(self, queue: str) -> int:
        """How many messages a queue has, received ones too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client("sqs").get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=names)
        return sum(int(one) for one in found["Attributes"].values())

    def wait_for_rows(self, expected: int, **about: str) -> list[dict[str, Any]]:
        """The rows of the lake's history about some sales, in their order, once there are so many; never more."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            demo_lake.commit(self.stage, self.outputs["CommitFunction"])
            found[:] = self.rows(EVERY, **about)
            assert len(found) <= expected, found
            return len(found) == expected

        self.wait(there, f"{expected} rows about {about}")
        return found

    def rows(self, view: str, **about: str) -> list[dict[str, Any]]:
        """What DuckDB reads of a view of the lake about some sales."""
        conditions = " AND ".join(f"{column} = '{value}'" for column, value in about.items())
        dataset = files_of(SALES_HISTORY, self.lake()).dataset
        answer = ask(
            session(SALES_HISTORY, dataset, memory="500MB"),
            f"SELECT * FROM {view} WHERE {conditions} ORDER BY sequence, sale_id",  # noqa: S608 (our own words)
        )
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def lake(self) -> Any:
        """The lake's table as it is now, by PyIceberg."""
        return load_table(self.stage, SALES_HISTORY)

    def invoke(self, function: str, event: Mapping[str, Any]) -> Any:
        """What a function answers; an error that it raises is one here."""
        succeeded, answer = self.cloud.invoke(self.outputs[function], dict(event))
        assert succeeded, answer
        return answer

    def logged(self, function: str, pattern: str) -> list[str]:
        """The lines of a function's log that have this in them."""
        configuration = self.client("lambda").get_function_configuration(FunctionName=self.outputs[function])
        pages = self.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=configuration["LoggingConfig"]["LogGroup"], filterPattern=pattern)
        return [event["message"] for page in found for event in page["events"]]

    def wait(self, ready: Callable[[], bool], what: str) -> None:
        """Returns once something is so."""
        deadline = time.monotonic() + MOST_SECONDS
        while not ready():
            assert time.monotonic() < deadline, f"{what}: waited {MOST_SECONDS} s"
            time.sleep(0.3)


def vectors(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """The embedding of each sale."""
    return {row["sale_id"]: row["embedding"] for row in rows}
