"""What became of each sale of a batch: a line of the log each, metrics that count them, and the messages that failed.

A message that failed comes again, up to three times, and with it the outcomes of all its sales.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, get_args

from aws_lambda_powertools.logging.logger import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "Shardwell"
MOST_SHOWN = 100
"""Characters of a tenant or an id in a line, which is of the producer's making where it is invalid."""

Outcome = Literal["written", "duplicate", "conflict", "invalid"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_FAILURES = frozenset({"conflict", "invalid"})


class Outcomes:
    """The outcomes of one batch, logged as they come; leaving the `with` counts them, whatever it is left for."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger
        self._counts: Counter[Outcome] = Counter()
        self.failed: set[str] = set()
        """The ids of the messages that are to come again."""
        self._not_stored: set[str] = set()

    @property
    def hopeless(self) -> set[str]:
        """The ids of those that fail however often they come: all of their sales have an outcome, and a bad one."""
        return self.failed - self._not_stored

    def report(
        self,
        outcome: Outcome,
        *,
        tenant: object,
        sale_id: object,
        message: str,
        reason: str | None = None,
        ignored: Sequence[str] = (),
    ) -> None:
        """Log and count what became of one sale; `message` is the id of the message that it came in."""
        self._counts[outcome] += 1
        if outcome in _FAILURES:
            self.failed.add(message)
        line = {"tenant": _shown(tenant), "saleId": _shown(sale_id), "outcome": outcome, "messageId": message}
        if reason is not None:
            line["reason"] = reason
        if ignored:
            line["ignored"] = ", ".join(ignored)[:MOST_SHOWN]
        (self._logger.warning if outcome in _FAILURES else self._logger.info)("sale", extra=line)

    def not_stored(self, *, tenant: str, sale_id: str, message: str, error: Exception) -> None:
        """Log that a sale is not known to be stored. It has no outcome yet: its message comes again."""
        self.failed.add(message)
        self._not_stored.add(message)
        line = {"tenant": _shown(tenant), "saleId": _shown(sale_id), "messageId": message, "reason": str(error)}
        self._logger.error("sale not stored", extra=line)

    def __enter__(self) -> Outcomes:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        metrics = EphemeralMetrics(namespace=NAMESPACE, service=self._logger.service)
        for outcome in OUTCOMES:
            metrics.add_metric(name=outcome.capitalize(), unit=MetricUnit.Count, value=self._counts[outcome])
        metrics.flush_metrics()


def _shown(value: object) -> str:
    """The beginning of a text; the empty one for what is none, as Powertools leaves out what is None."""
    return value[:MOST_SHOWN] if isinstance(value, str) else ""
