"""The stacks that commands on a stage look for, with what they need of them and no more, put into an emulator."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from carousel_sync.event_sync import Sync
from carousel_sync.lake import SALES_HISTORY
from carousel_sync.stage import Stager
from operations.local import guard
from operations.local.emulator import LAUNCHER, PYTHON, healthy, settings
from sales_intelligence.tables import SALES
from shardwell.client import CONFIG, make_client
from shardwell.commit import CommitReport, CommitSettings, Committer
from shardwell.creation import create_table_request
from shardwell.lake_catalog import ensure_table, open_catalog
from shardwell.store import Store
from shardwell.stream_events import batch_of
from shardwell.vector_objects import VectorObjects
from tests.support import sold
from tests.support.child import child, free_port

SERVICES = "cloudformation,dynamodb,dynamodbstreams,iam,lambda,s3,s3tables,sqs,sts"
STACK = "shardwell-local-carousel-sync"
DLQ = "carousel-sync-dlq-local"


def _queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


_ARN = "arn:aws:sqs:eu-west-1:000000000000:"
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "Sold": _queue(
            QueueName=f"{STACK}-Sold", RedrivePolicy={"deadLetterTargetArn": f"{_ARN}{DLQ}", "maxReceiveCount": 3}
        ),
        "DeadLetters": _queue(
            QueueName=DLQ,
            RedriveAllowPolicy={"redrivePermission": "byQueue", "sourceQueueArns": [f"{_ARN}{STACK}-Sold"]},
        ),
        "EventsUndelivered": _queue(),
        "StreamSkipped": _queue(),
        "CommitFailures": _queue(),
        "Staging": {"Type": "AWS::S3::Bucket"},
        "Tables": {"Type": "AWS::S3Tables::TableBucket", "Properties": {"TableBucketName": f"{STACK}-lake"}},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}},
        },
        "Sync": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": "def handler(event, context): return event"},
                "Environment": {"Variables": {"TENANTS": "north,south"}},
            },
        },
    },
    "Outputs": {
        name: {"Value": value}
        for name, value in {
            "QueueUrl": {"Ref": "Sold"},
            "DeadLettersUrl": {"Ref": "DeadLetters"},
            "UndeliveredUrl": {"Ref": "EventsUndelivered"},
            "SkippedUrl": {"Ref": "StreamSkipped"},
            "StagingBucket": {"Ref": "Staging"},
            "TableBucketArn": {"Fn::GetAtt": ["Tables", "TableBucketARN"]},
            "SyncFunction": {"Ref": "Sync"},
        }.items()
    },
}


@dataclass(frozen=True)
class SyncStack:
    """The stack, and what its functions would do, done here and when a test says so."""

    port: int
    outputs: dict[str, str]
    store: Store

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        return guard.client(service, port=self.port)

    @property
    def stream(self) -> str:
        """The ARN of the table's stream."""
        found = self.client("dynamodb").describe_table(TableName=self.store.name)
        return str(found["Table"]["LatestStreamArn"])

    def sync(self, *details: Any) -> list[str]:
        """Write the sales of events; the ids of the messages that failed."""
        objects = VectorObjects(self.client("s3"), self.outputs["StagingBucket"])
        return Sync(self.store, objects).handle([sold.message(n, detail) for n, detail in enumerate(details)])

    def fail(self, queue: str, *bodies: str, **attributes: str) -> None:
        """Put messages into a queue, as what failed there."""
        named = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        for body in bodies:
            self.client("sqs").send_message(QueueUrl=self.outputs[queue], MessageBody=body, MessageAttributes=named)

    def records(self) -> list[dict[str, Any]]:
        """What the stream has."""
        streams = self.client("dynamodbstreams")
        shard = streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=self.stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        found: list[dict[str, Any]] = streams.get_records(ShardIterator=iterator)["Records"]
        return found

    def stage(self, records: Sequence[dict[str, Any]]) -> None:
        """Stage records, as the stager does."""
        stager = Stager(self.client("s3"), self.outputs["StagingBucket"])
        stager.stage(batch_of(records, shard="shardId-00000000000000000000-00000000"))

    def commit(self) -> CommitReport:
        """A run of the committer. PyIceberg takes keys and region from the environment."""
        catalog = open_catalog(self.outputs["TableBucketArn"], endpoint=guard.endpoint_of(self.port))
        return Committer(
            lake=SALES_HISTORY,
            load_table=lambda: ensure_table(catalog, SALES_HISTORY),
            objects=self.client("s3"),
            settings=CommitSettings(bucket=self.outputs["StagingBucket"]),
        ).run()

    def position(self, first: str, last: str, count: int) -> str:
        """The message of a position of the stream that its function could not deal with, as Lambda writes it."""
        return json.dumps(
            {
                "requestContext": {
                    "requestId": "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
                    "functionArn": f"arn:aws:lambda:eu-west-1:000000000000:function:{STACK}-Stage",
                    "condition": "RetryAttemptsExhausted",
                    "approximateInvokeCount": 31,
                },
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "version": "1.0",
                "timestamp": "2026-11-20T09:13:55.123Z",
                "DDBStreamBatchInfo": {
                    "shardId": "shardId-00000000000000000000-00000000",
                    "startSequenceNumber": first,
                    "endSequenceNumber": last,
                    "approximateArrivalOfFirstRecord": "2026-11-20T09:02:01Z",
                    "approximateArrivalOfLastRecord": "2026-11-20T09:02:03Z",
                    "batchSize": count,
                    "streamArn": self.stream,
                },
            }
        )


@contextmanager
def mended_emulator(folder: Path) -> Iterator[int]:
    """The port of an emulator as `make up` starts it, without IAM: only that one has PartiQL inserts in the stream."""
    port = free_port()
    for name in ("tmp", "state"):
        (folder / name).mkdir()
    code = f"""
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
runpy.run_path({str(LAUNCHER)!r}, run_name="__main__")
"""
    env = {**settings(os.environ, folder=folder, port=port), "AUTH": "false", "SERVICES": SERVICES}
    with child([str(PYTHON), "-c", code], env=env, folder=folder, ready=lambda: healthy(port)):
        yield port


def deploy(port: int) -> SyncStack:
    """Puts the stacks into an emulator that has none, with an empty table of sales."""
    client = make_client(
        endpoint_url=guard.endpoint_of(port),
        region_name=guard.REGION,
        aws_access_key_id=guard.KEY,
        aws_secret_access_key=guard.KEY,
        config=CONFIG,
    )
    name = SALES.physical_name("local")
    client.create_table(**create_table_request(SALES, name=name))
    cloudformation = guard.client("cloudformation", port=port)
    cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(TEMPLATE), Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    return SyncStack(port, outputs, Store(SALES, name=name, client=client))


def created_earlier(stack: SyncStack, at: str) -> None:
    """Give every sale of the table another time of creation, behind the back of its store."""
    client = stack.client("dynamodb")
    for item in client.scan(TableName=stack.store.name)["Items"]:
        try:
            client.update_item(
                TableName=stack.store.name,
                Key={name: item[name] for name in ("PK", "SK")},
                UpdateExpression="SET createdAt = :at",
                ExpressionAttributeValues={":at": {"S": at}},
            )
        except ClientError as error:
            raise AssertionError(f"the sale {item['SK']} was not changed") from error
