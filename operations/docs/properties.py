"""What each property of a construct is, in words: the column that a signature cannot fill.

Most mean the same in every construct that has them. A page is not written while one of its properties is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EVERYWHERE: Mapping[str, str] = MappingProxyType(
    {
        "settings": "the stage: how well data is kept, how long logs stay, what functions are bundled for",
        "monitoring": "what watches it; without, it has no alarms and is on no dashboard",
        "description": "what it is there for, as the AWS console shows it",
        "name": "the name that alarms and the dashboard begin with",
        "schema": "the description of the table, the one that the store reads it by",
    }
)

OF_ONE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "SchemaTable": {"alarms": "thresholds; each has a default that suits most tables"},
        "PythonFunction": {
            "code": "where the package is, and what its bundle is made of",
            "handler": "module and function: `parcels.sort.handler`",
            "environment": "variables beside `STAGE` and `POWERTOOLS_SERVICE_NAME`, which it sets itself",
            "memory_mb": "memory, and with it CPU",
            "timeout": "30 seconds unless given",
            "retries": "how often an event that nobody waits for is tried again, from 0 to 2",
            "oldest_event": "how long such an event is tried at all; an hour unless given",
            "reserved_concurrency": "how many may run at once; None: as many as the account has free",
        },
        "Schedule": {
            "function": "what is called",
            "schedule": 'when, in UTC: `events.Schedule.cron(hour="2", minute="0")`',
        },
        "EventPipeline": {
            "pattern": "which events of the bus",
            "function": "what takes them, and answers which of a batch failed",
            "bus": "the bus they are on; the account's own unless given",
            "batch": "how many a call gets, and how long they are waited for",
            "attempts": "how often an event is tried before it waits among the dead letters",
            "most_at_once": "how many calls run at once at most, from 2",
            "dead_letter_name": "the name of the queue of dead letters; one that CloudFormation makes unless given",
            "alarms": "thresholds; each has a default that suits most pipelines",
        },
        "StreamPipeline": {
            "table": "whose changes; described with `stream=True`",
            "function": "what reads them, and raises where it cannot",
            "batch": "how many a call gets, and how long they are waited for",
            "retries": "how often a change is tried again before it is skipped",
            "oldest_record": "up to which age it is tried; 6 hours unless given, which leaves 18 to read it again",
            "tumbling_window": "makes events say their shard; up to 15 minutes",
            "alarms": "thresholds; each has a default that suits most pipelines",
        },
        "Lake": {
            "table": "the description of the table, the one that the committer writes it by",
            "committer": "what commits: one at a time, and within the time between two calls",
            "commits": "when it is called, and how long rows may wait",
            "vectors_days": "how long vectors are kept; None: for ever",
            "created_with": "how many columns of its own the table was created with; all unless given",
            "alarms": "thresholds; each has a default that suits most lakes",
        },
        "LakeStaging": {"vectors_days": "how long vectors are kept; None: for ever"},
        "BackupPlan": {"tables": "the tables that are copied"},
        "ServiceApi": {
            "routes": "every route there is; the function's own router is made from the same ones",
            "function": "what answers",
            "user_pool": "whose users may call it",
            "client": "the pool's client that tokens must be made for",
            "allowed_origins": "pages of these origins may call it: `https://shop.example.com`",
            "alarms": "thresholds; each has a default that suits most APIs",
        },
    }
)


def meanings(construct: str, names: tuple[str, ...]) -> dict[str, str]:
    """What each of a construct's properties is."""
    known = {**EVERYWHERE, **OF_ONE.get(construct, {})}
    unsaid = [name for name in names if name not in known]
    if unsaid:
        raise ValueError(
            f"Nothing says what {', '.join(unsaid)} of {construct} is: add it to operations/docs/properties.py."
        )
    return known
