"""The metric of a backfill that runs in Lambda: records that it left alone, for somebody to look at."""

from __future__ import annotations

import json
from datetime import datetime

NAMESPACE = "Shardwell/Backfill"
"""The namespace of the metric in CloudWatch."""
LEFT_ALONE = "RecordsLeftAlone"
"""The name of the metric."""
TABLE = "table"
"""Its one dimension, the name of the table."""


def left_alone_line(table: str, count: int, *, at: datetime) -> str:
    """The line of a function's log that CloudWatch makes the metric from, without a call (embedded metric format)."""
    metric = {"Name": LEFT_ALONE, "Unit": "Count"}
    described = {"Namespace": NAMESPACE, "Dimensions": [[TABLE]], "Metrics": [metric]}
    about = {"Timestamp": int(at.timestamp() * 1_000), "CloudWatchMetrics": [described]}
    return json.dumps({"_aws": about, TABLE: table, LEFT_ALONE: count})
