"""The backfill as a function: one call after the other, each from the last one's checkpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.sales import sale
from tests.support.wire import refusal
from tests.unit.backfill.scene import Scene, expected_ttl, is_too_old, mixed, sort_key

RECORDS = 60


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, as Lambda imports it."""
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    import sales_intelligence.backfill as module

    return module


class Calls:
    """Lambda: what it is asked to call again, and the time that a call has."""

    def __init__(self, *, least: int = 70_000, each: int = 0) -> None:
        self.remaining = least
        self.each = each
        self.asked: list[Any] = []

    def remaining_ms(self) -> int:
        self.remaining -= self.each
        return self.remaining

    def call_again(self, order: Any) -> None:
        self.asked.append(order)


def order_of(function: Any, scene: Scene, **event: Any) -> Any:
    return function.order_of({"rate": 40_000, **event}, table=scene.store.name)


def test_within_its_time_it_does_everything_in_one_call(function: Any, scene: Scene) -> None:
    scene.put(sale(1))
    calls = Calls()
    answer = function.run(scene.connection, order_of(function, scene), calls.remaining_ms, calls.call_again)
    assert (answer["complete"], answer["given"], answer["leg"]) == (True, 1, 0)
    assert not calls.asked
    assert scene.raw()[sort_key(sale(1))]["ttl"]["N"] == expected_ttl(sale(1))
    json.dumps(answer)


def test_short_of_its_timeout_it_asks_for_another_call_until_all_is_done(
    function: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shardwell.backfill.PAGE_ITEMS", 7)
    items = [mixed(number) for number in range(RECORDS)]
    for item in items:
        scene.put(item)
    event: dict[str, Any] = {"segments": 2, "rate": 40_000}
    legs = 0
    while True:
        calls = Calls(each=1_500)
        order = function.order_of(json.loads(json.dumps(event)), table=scene.store.name)
        answer = function.run(scene.connection, order, calls.remaining_ms, calls.call_again)
        assert answer["leg"] == legs
        if answer["complete"]:
            break
        legs += 1
        (again,) = calls.asked
        event = again.to_event()
    assert legs >= 2
    assert not calls.asked
    # The last call's answer counts what all of them did.
    assert (answer["looked_at"], answer["given"], answer["deleted"]) == (60, 45, 15)
    kept = {sort_key(item): expected_ttl(item) for item in items if not is_too_old(item)}
    assert {key: item["ttl"]["N"] for key, item in scene.raw().items()} == kept


def test_an_event_delivered_twice_does_no_harm(function: Any, scene: Scene) -> None:
    for number in range(20):
        scene.put(mixed(number))
    for _ in range(2):
        calls = Calls()
        function.run(scene.connection, order_of(function, scene), calls.remaining_ms, calls.call_again)
    assert len(scene.backend.wire.writes) == 20


def test_a_dry_run_writes_nothing_in_any_of_its_calls(function: Any, scene: Scene) -> None:
    for number in range(20):
        scene.put(mixed(number))
    calls = Calls(least=90_000, each=25_000)
    first = function.run(scene.connection, order_of(function, scene, dryRun=True), calls.remaining_ms, calls.call_again)
    assert not first["complete"]
    (again,) = calls.asked
    event = again.to_event()
    assert event["dryRun"] is True
    rest = Calls()
    order = function.order_of(event, table=scene.store.name)
    last = function.run(scene.connection, order, rest.remaining_ms, rest.call_again)
    assert (last["complete"], last["given"], last["deleted"]) == (True, 15, 5)
    assert not scene.backend.wire.writes


def test_a_refusal_of_dynamodb_is_raised_for_lambda_to_call_again_and_nothing_is_asked(
    function: Any, scene: Scene
) -> None:
    scene.put(sale(1))
    scene.backend.wire.fault = lambda sent, forward: (
        refusal("AccessDeniedException") if sent.operation == "UpdateItem" else forward()
    )
    calls = Calls()
    with pytest.raises(ClientError):
        function.run(scene.connection, order_of(function, scene), calls.remaining_ms, calls.call_again)
    assert not calls.asked


def test_records_that_cannot_be_read_are_logged_with_their_keys(
    function: Any, scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.put_raw({"PK": {"S": "P"}, "SK": {"S": "S"}, "saleDate": {"S": "soon"}})
    calls = Calls()
    answer = function.run(scene.connection, order_of(function, scene), calls.remaining_ms, calls.call_again)
    assert (answer["complete"], answer["unreadable"]) == (True, 1)
    (fault,) = [vars(record) for record in caplog.records if record.levelname == "ERROR"]
    assert fault["key"] == "PK=P, SK=S"
    assert "no date to count from" in fault["reason"]


def test_records_left_alone_are_a_metric_of_each_call_for_itself(
    function: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shardwell.backfill.PAGE_ITEMS", 1)
    for number in range(6):
        scene.put_raw({"PK": {"S": f"P{number}"}, "SK": {"S": "S"}, "saleDate": {"S": "soon"}})
    event: dict[str, Any] = {"segments": 1}
    counted = []
    while event:
        calls = Calls(each=9_000)
        function.run(scene.connection, order_of(function, scene, **event), calls.remaining_ms, calls.call_again)
        counted += metrics_in(capsys.readouterr().out)
        event = calls.asked[0].to_event() if calls.asked else {}
    assert len(counted) > 1
    assert sum(line["RecordsLeftAlone"] for line in counted) == 6
    assert {line["table"] for line in counted} == {scene.store.name}
    [metric] = counted[0]["_aws"]["CloudWatchMetrics"]
    assert metric == {
        "Namespace": "Shardwell/Backfill",
        "Dimensions": [["table"]],
        "Metrics": [{"Name": "RecordsLeftAlone", "Unit": "Count"}],
    }


def test_a_dry_run_has_no_metric(function: Any, scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.put_raw({"PK": {"S": "P"}, "SK": {"S": "S"}, "saleDate": {"S": "soon"}})
    calls = Calls()
    function.run(scene.connection, order_of(function, scene, dryRun=True), calls.remaining_ms, calls.call_again)
    assert metrics_in(capsys.readouterr().out) == []


def metrics_in(output: str) -> list[dict[str, Any]]:
    """The lines of an output that CloudWatch makes metrics from."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [line for line in lines if "_aws" in line]


def test_it_calls_itself_only_so_often(function: Any, scene: Scene) -> None:
    scene.put(sale(1))
    calls = Calls()
    order = order_of(function, scene, leg=function.MOST_LEGS + 1)
    with pytest.raises(RuntimeError, match="called itself 501 times and 500 are allowed"):
        function.run(scene.connection, order, calls.remaining_ms, calls.call_again)
    assert not scene.backend.wire.sent


def test_a_timeout_that_leaves_no_time_to_work_is_refused(function: Any, scene: Scene) -> None:
    calls = Calls(least=59_999)
    with pytest.raises(RuntimeError, match="raise its timeout"):
        function.run(scene.connection, order_of(function, scene), calls.remaining_ms, calls.call_again)
    assert not calls.asked


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"rates": 5}, "has rates"),
        ({"rate": 0}, "must be a number from 1"),
        ({"rate": "5"}, "must be a number from 1"),
        ({"rate": True}, "must be a number from 1"),
        ({"rate": float("nan")}, "must be a number from 1"),
        ({"segments": 33}, "from 1 to 32"),
        ({"segments": 1.5}, "from 1 to 32"),
        ({"leg": -1}, "counts the calls"),
        ({"dryRun": "no"}, "must be true or false"),
    ],
)
def test_an_event_that_asks_for_nonsense_is_refused(function: Any, event: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        function.order_of(event, table="t")


@pytest.mark.parametrize("change", [{"segments": 3}, {"dryRun": True}, {"table": "another"}])
def test_a_checkpoint_of_something_else_is_refused(function: Any, change: dict[str, Any]) -> None:
    event = {**function.order_of({}, table="t").to_event(), **change}
    with pytest.raises(ValueError, match="checkpoint is of t in 4 segments"):
        function.order_of({k: v for k, v in event.items() if k != "table"}, table=change.get("table", "t"))


def test_an_event_of_the_most_segments_and_longest_keys_fits_one_asynchronous_call(function: Any) -> None:
    order = function.order_of({"segments": function.MOST_SEGMENTS}, table="t" * 255)
    checkpoint = order.checkpoint
    for segment in range(function.MOST_SEGMENTS):
        key = {"PK": {"S": '"' * 2_048}, "SK": {"S": "é" * 512}}
        checkpoint = checkpoint.after(segment, key, checkpoint.tally)
    payload = json.dumps(function.Order(checkpoint).to_event()).encode()
    assert len(payload) < 256 * 1_024


def test_the_handler_calls_its_own_function_asynchronously_with_the_rest(
    function: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.put(sale(1))
    calls = Calls(least=90_000, each=25_000)
    invoked: list[dict[str, Any]] = []

    class Functions:
        def invoke(self, **request: Any) -> None:
            invoked.append(request)

    class Context:
        invoked_function_arn = "arn:aws:lambda:eu-west-1:000000000000:function:backfill"
        get_remaining_time_in_millis = staticmethod(calls.remaining_ms)

    monkeypatch.setenv("TABLE_NAME", scene.store.name)
    monkeypatch.setattr(function, "shared_client", lambda: scene.backend.client)
    monkeypatch.setattr(function, "_functions", Functions)
    answer = function.handler({}, Context())
    assert not answer["complete"]
    (request,) = invoked
    assert (request["FunctionName"], request["InvocationType"]) == (Context.invoked_function_arn, "Event")
    assert json.loads(request["Payload"])["leg"] == 1
