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
