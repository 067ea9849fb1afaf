"""Every example of the reference runs as it stands there."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from moto import mock_aws

from shardwell.creation import create_table_request
from shardwell.http_routes import Route, Success
from shardwell.store import Store
from shardwell_cdk import PythonCode, PythonFunction, SchemaTable, Settings
from shardwell_cdk.monitoring import Monitoring
from tests.property.memory import MemoryClient
from tests.unit.constructs.made import CAREFUL, code, findings, stack
from tests.unit.docs import construct_examples, store_examples
from tests.unit.docs.store_examples import VISITS


def examples(module: Any) -> dict[str, Callable[..., None]]:
    """Each example by its name."""
    found = inspect.getmembers(module, inspect.isfunction)
    return {name: one for name, one in found if one.__module__ == module.__name__ and not name.startswith("_")}


CONSTRUCTS, STORE = examples(construct_examples), examples(store_examples)
PASSING = (
    *("python_function", "schedule", "failure_queue", "alarm_topic", "service_api", "signing_key"),
    *("event_pipeline", "stream_pipeline", "lake", "lake_staging"),
)
NEED_AWS = {"client", "creation", "secrets"}


@pytest.mark.parametrize("name", sorted(CONSTRUCTS))
def test_an_example_of_a_construct(name: str, tmp_path: Path) -> None:
    made = stack(CAREFUL)
    run(CONSTRUCTS[name], surroundings(made, CAREFUL, tmp_path))
    assert made.node.find_all()


def test_the_constructs_of_the_examples_pass_the_guard_rails(tmp_path: Path) -> None:
    def build(made: cdk.Stack, settings: Settings) -> None:
        given = surroundings(made, settings, tmp_path)
        for name in PASSING:
            run(CONSTRUCTS[name], given)

    assert findings(build) == []


@pytest.mark.parametrize("name", sorted(STORE.keys() - NEED_AWS))
def test_an_example_of_the_store(name: str) -> None:
    client: Any = MemoryClient(create_table_request(VISITS, name="dev-visits"))
    store = Store(VISITS, name="dev-visits", client=client, cursor_keys=(b"k" * 32,))
    run(STORE[name], {"client": lambda: client, "store": lambda: store, "route": lambda: COUNT_VISITS})


def test_the_examples_that_need_more_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        boto3.client("secretsmanager").create_secret(Name="cursors", SecretString="k" * 32)
        client = boto3.client("dynamodb")
        for name in sorted(NEED_AWS):
            run(STORE[name], {"client": lambda: client})


COUNT_VISITS = Route(
    method="GET",
    path="/visits",
    name="countVisits",
    summary="How many",
    answers={200: Success(about="The count.", schema=None)},
)


def run(example: Callable[..., None], given: Mapping[str, Callable[[], Any]]) -> None:
    """The example, with what it takes for given, made for it."""
    example(**{name: given[name]() for name in inspect.signature(example).parameters})


def surroundings(made: cdk.Stack, settings: Settings, folder: Path) -> dict[str, Callable[[], Any]]:
    """What the examples take for given, each made at most once."""

    @cache
    def here() -> Path:
        code(folder / "project")
        (folder / "project" / "requirements.txt").touch()
        return folder / "project"

    @cache
    def function(name: str, **more: Any) -> PythonFunction:
        bundled = PythonCode(
            source=here(), package="parcels", requirements=here() / "pins.txt", services=(), cache=folder
        )
        return PythonFunction(
            made, name, code=bundled, handler="parcels.x.y", description="An example.", settings=settings, **more
        )

    @cache
    def monitoring() -> Monitoring:
        return Monitoring(made, "Watch", name="examples", settings=settings)

    @cache
    def table() -> SchemaTable:
        return SchemaTable(made, "Table", schema=construct_examples.PARCELS, settings=settings)

    return {
        "app": lambda: made.node.root,
        "stack": lambda: made,
        "settings": lambda: settings,
        "monitoring": monitoring,
        "here": here,
        "table": table,
        "sorter": lambda: function("Given"),
        "answering": lambda: function("Answering"),
        "committer": lambda: function("Committer", reserved_concurrency=1, retries=0, timeout=cdk.Duration.seconds(60)),
    }
