"""When somebody is told about an API: thresholds, each with a default that suits most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ApiAlarms:
    """Thresholds, each exceeded in `minutes` of the last `of_minutes` before anybody is told; None: no such alarm.

    `server_errors_a_minute` is the exception: it rings in the first minute that has more, since an API that is
    called once an hour never fails three times in five minutes. `client_error_share` counts minutes of at least
    `client_error_calls` calls only: of two calls, one mistyped is half. `throttle_share` is the part of the stage's
    throttle that callers may use before the rest of them are turned away with a 429.
    """

    minutes: int = 3
    of_minutes: int = 5
    server_errors_a_minute: int | None = 0
    server_error_share: float | None = 0.01
    client_error_share: float | None = 0.5
    client_error_calls: int = 50
    p99_ms: int | None = 3_000
    throttle_share: float | None = 0.8
