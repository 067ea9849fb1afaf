"""A client of S3, its settings chosen on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=2, read_timeout=20, tcp_keepalive=True
)
"""botocore waits a minute for an answer by default, which is longer than a function has for the whole batch."""


def make_object_client(**settings: Any) -> S3Client:
    """A client of S3 with this library's settings; `settings` are those of `boto3.client`."""
    return boto3.client("s3", **{"config": CONFIG, **settings})
