"""What depends on use: calls, messages, logs, objects. Without an assumption about it, it is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from review.cost_tables import PRICED_TABLES
from review.model import CostPart
from review.priced import SECONDS, Item, Priced, Pricer, figures, number, unknown, usage

_DAYS = Decimal("30.4")


def function(of: Priced) -> Iterator[Item]:
    """A Lambda function: its calls, and how long they take in how much memory."""
    given = figures(of, "calls_a_second", "milliseconds")
    if isinstance(given, str):
        yield unknown(CostPart.USAGE, "calls", given)
        return
    calls, milliseconds = given
    monthly = calls * SECONDS
    yield usage("calls", "lambda.request", monthly, f"{calls} calls a second")
    memory = number(of.properties.get("MemorySize"), 128)
    architectures = of.properties.get("Architectures", ["x86_64"])
    price = {"['arm64']": "lambda.gb_second", "['x86_64']": "lambda.gb_second_x86"}.get(str(architectures))
    if memory is None or price is None:
        yield unknown(CostPart.USAGE, "time", "its memory or its processor is known only at deployment")
    else:
        spent = monthly * milliseconds / 1000 * memory / 1024
        yield usage("time", price, spent, f"{milliseconds} ms a call in {memory} MB")


def queue(of: Priced) -> Iterator[Item]:
    """A queue: some requests for each message."""
    given = figures(of, "messages_a_second")
    if isinstance(given, str):
        yield unknown(CostPart.USAGE, "requests", given)
        return
    each = (of.use.of("requests_a_message", "3") if of.use else None) or Decimal(3)
    price = "sqs.fifo_request" if str(of.properties.get("FifoQueue")).lower() == "true" else "sqs.request"
    what = f"{given[0]} messages a second of {each} requests"
    yield usage("requests", price, given[0] * each * SECONDS, what)


def logs(of: Priced) -> Iterator[Item]:
    """A log group: what is taken in, and what is kept of it."""
    given = figures(of, "logs_gb_a_month")
    if isinstance(given, str):
        yield unknown(CostPart.USAGE, "logs", given)
        return
    yield usage("logs", "cloudwatch.logs", given[0], f"{given[0]} GB a month")
    days = number(of.properties.get("RetentionInDays"))
    if days is None:
        yield unknown(CostPart.USAGE, "logs kept", "they are kept for ever, so that it is more every month")
    else:
        held = given[0] * days / _DAYS
        yield usage("logs kept", "cloudwatch.logs_storage", held, f"{days} days of {given[0]} GB a month, as taken in")


def bucket(of: Priced) -> Iterator[Item]:
    """A bucket: what is stored, written and read."""
    yield from _each(of, "storage", "storage_gb", "s3.storage", Decimal(1), "GB")
    yield from _each(of, "writes", "puts_a_second", "s3.put", SECONDS, "writes a second")
    yield from _each(of, "reads", "gets_a_second", "s3.get", SECONDS, "reads a second")


def lake_table(of: Priced) -> Iterator[Item]:
    """A table of S3 Tables: what is stored and written; its maintenance is not known."""
    yield from _each(of, "storage", "storage_gb", "s3tables.storage", Decimal(1), "GB")
    yield from _each(of, "writes", "puts_a_second", "s3tables.put", SECONDS, "writes a second")
    yield unknown(CostPart.USAGE, "compaction", "how many objects are compacted is known only when it runs")


def http_api(of: Priced) -> Iterator[Item]:
    """An HTTP API: its calls."""
    if of.properties.get("ProtocolType", "HTTP") != "HTTP":
        yield unknown(CostPart.USAGE, "calls", "there is no price for an API of this protocol")
        return
    yield from _each(of, "calls", "calls_a_second", "apigateway.http_request", SECONDS, "calls a second")


def state_machine(of: Priced) -> Iterator[Item]:
    """A standard workflow: the transitions of its executions."""
    given = figures(of, "executions_a_second", "transitions")
    if isinstance(given, str) or of.properties.get("StateMachineType", "STANDARD") != "STANDARD":
        why = given if isinstance(given, str) else "there is no price for an express workflow"
        yield unknown(CostPart.USAGE, "transitions", why)
        return
    executions, transitions = given
    what = f"{executions} executions a second of {transitions} transitions"
    yield usage("transitions", "stepfunctions.transition", executions * transitions * SECONDS, what)


def _each(of: Priced, item: str, figure: str, price: str, times: Decimal, what: str) -> Iterator[Item]:
    given = figures(of, figure)
    if isinstance(given, str):
        yield unknown(CostPart.USAGE, item, given)
    else:
        yield usage(item, price, given[0] * times, f"{given[0]} {what}")


def _of(item: str, figure: str, price: str, times: Decimal, what: str) -> Pricer:
    def one(of: Priced) -> Iterator[Item]:
        yield from _each(of, item, figure, price, times, what)

    return one


USAGE: Mapping[str, Pricer] = {
    **PRICED_TABLES,
    "AWS::ApiGateway::RestApi": _of("calls", "calls_a_second", "apigateway.rest_request", SECONDS, "calls a second"),
    "AWS::ApiGatewayV2::Api": http_api,
    "AWS::Backup::BackupPlan": _of("backups", "backup_gb", "backup.dynamodb", Decimal(1), "GB kept"),
    "AWS::Events::EventBus": _of("events", "events_a_second", "events.custom", SECONDS, "events a second"),
    "AWS::Lambda::Function": function,
    "AWS::Logs::LogGroup": logs,
    "AWS::S3::Bucket": bucket,
    "AWS::S3Tables::Table": lake_table,
    "AWS::SNS::Topic": _of("requests", "messages_a_second", "sns.request", SECONDS, "messages a second"),
    "AWS::SQS::Queue": queue,
    "AWS::StepFunctions::StateMachine": state_machine,
}
"""Who reckons the items of a type that depend on use."""
