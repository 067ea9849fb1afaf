"""The function as Lambda starts it: what it loads, and what it answers."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shardwell.queue_events import Message
from tests.support.sold import message, plain, queue_event

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "TABLE_NAME": "sales",
    "LAKE_BUCKET": "lake-staging",
}
HEAVY = ("arro3", "pyarrow", "pyiceberg", "duckdb", "numpy", "pandas", "pydantic", "aws_xray_sdk", "requests", "moto")


def test_it_loads_nothing_of_the_lake() -> None:
    code = "import sys, carousel_sync.sync; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    environment = {**ENVIRONMENT, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "runtime")}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    modules = set(loaded.stdout.split())
    assert "carousel_sync" in modules
    assert modules & set(HEAVY) == set()


def test_it_answers_with_the_messages_that_come_again_and_has_them_shown_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "carousel_sync.sync", raising=False)
    with mock_aws():
        boto3.client("s3").create_bucket(
            Bucket="lake-staging", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        queues = boto3.client("sqs")
        url = queues.create_queue(QueueName="sales", Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
        bodies = [message(1, plain(1, salePrice=0)).body, message(2, plain(2, tenantId="")).body]
        for body in bodies:
            queues.send_message(QueueUrl=url, MessageBody=body)
        received = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        arn = "arn:aws:sqs:eu-west-1:123456789012:sales"
        event = queue_event(*(Message(f"m{n}", one["Body"]) for n, one in enumerate(received, 1)))
        for record, one in zip(event["Records"], received, strict=True):
            record.update(receiptHandle=one["ReceiptHandle"], eventSourceARN=arn)
        function: Any = importlib.import_module("carousel_sync.sync")
        assert "Messages" not in queues.receive_message(QueueUrl=url)
        answer = function.handler(event, None)
        again = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        assert sorted(one["Body"] for one in again) == sorted(bodies)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}
    sys.modules.pop("carousel_sync.sync")
