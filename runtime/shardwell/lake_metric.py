"""The metrics of a lake's committer: how long rows wait for their commit, and how many were committed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

NAMESPACE: Final = "Shardwell"
"""The namespace of the metrics in CloudWatch."""
LAG: Final = "LakeLag"
"""How old the oldest row is that a commit took, or that still waits for one, in seconds."""
ROWS: Final = "RowsCommitted"
"""How many rows a commit added."""
LAKE: Final = "lake"
"""The one dimension, the name of the lake's staging bucket: the stages of one account have each a metric of its own."""


def lake_line(lake: str, *, lag_seconds: float, rows: int, at: datetime) -> str:
    """The line of a function's log that CloudWatch makes the metrics from, without a call (embedded metric format)."""
    metrics = [{"Name": LAG, "Unit": "Seconds"}, {"Name": ROWS, "Unit": "Count"}]
    described = {"Namespace": NAMESPACE, "Dimensions": [[LAKE]], "Metrics": metrics}
    about = {"Timestamp": int(at.timestamp() * 1_000), "CloudWatchMetrics": [described]}
    return json.dumps({"_aws": about, LAKE: lake, LAG: lag_seconds, ROWS: rows})
