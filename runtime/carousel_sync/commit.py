"""The committer's function: once a minute, one at a time, what is staged becomes part of the lake."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from carousel_sync.lake import SALES_HISTORY
from shardwell.commit import CommitSettings, Committer
from shardwell.lake_metric import lake_line
from shardwell.object_client import make_object_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

logger = Logger()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 (the schedule's event says nothing)
    """What was committed, and what waits."""
    report = Committer(
        lake=SALES_HISTORY,
        load_table=load_table,
        objects=_objects(),
        settings=_settings(),
        remaining_ms=context.get_remaining_time_in_millis,
    ).run()
    logger.info("lake commit", extra=asdict(report))
    print(lake_line(_settings().bucket, lag_seconds=report.lag_seconds, rows=report.rows, at=datetime.now(UTC)))
    return asdict(report)


def load_table() -> Table:
    """The table of the lake as it is now; made by its description where the catalog has not got it."""
    from shardwell.lake_catalog import ensure_table

    return ensure_table(_catalog(), SALES_HISTORY)


@cache
def _settings() -> CommitSettings:
    return CommitSettings(
        bucket=os.environ["LAKE_BUCKET"],
        after_seconds=float(os.environ["COMMIT_AFTER_SECONDS"]),
        most_bytes=int(os.environ["COMMIT_BYTES"]),
    )


@cache
def _objects() -> S3Client:
    return make_object_client()


@cache
def _catalog() -> Catalog:
    from shardwell.lake_catalog import open_catalog

    return open_catalog(os.environ["TABLE_BUCKET_ARN"], endpoint=os.environ.get("AWS_ENDPOINT_URL"))
