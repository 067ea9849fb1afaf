"""How many events or changes a call of a function gets, and how long they are waited for."""

from __future__ import annotations

from dataclasses import dataclass

# SQS batches of up to ten are collected as they come; larger ones want some time.
_WITHOUT_WINDOW = 10


@dataclass(frozen=True, kw_only=True)
class EventBatch:
    """How many events a call of the function gets, and how long they are waited for. Full batches do not wait."""

    size: int = 100
    """From 1 to 10,000; Lambda makes a batch smaller that would be over 6 MB."""
    window_seconds: int = 5
    """From 0 to 300; a batch of more than ten takes a second at least."""

    def __post_init__(self) -> None:
        if not 1 <= self.size <= 10_000:
            raise ValueError(f"A batch of {self.size:,} events is none: Lambda takes from 1 to 10,000.")
        if not 0 <= self.window_seconds <= 300:
            raise ValueError(f"A batch cannot wait {self.window_seconds:,} s: Lambda waits from 0 to 300 s.")
        if self.size > _WITHOUT_WINDOW and self.window_seconds == 0:
            raise ValueError(
                f"A batch of {self.size:,} events needs a window: give it window_seconds=1 at least, or a size of at "
                f"most {_WITHOUT_WINDOW}."
            )


@dataclass(frozen=True, kw_only=True)
class StreamBatch:
    """How many changes a call of the function gets, and how long they are waited for. Full batches do not wait."""

    size: int = 1_000
    """From 1 to 10,000; Lambda makes a batch smaller that would be over 6 MB."""
    window_seconds: int = 60
    """From 0 to 300."""

    def __post_init__(self) -> None:
        if not 1 <= self.size <= 10_000:
            raise ValueError(f"A batch of {self.size:,} changes is none: Lambda takes from 1 to 10,000.")
        if not 0 <= self.window_seconds <= 300:
            raise ValueError(f"A batch cannot wait {self.window_seconds:,} s: Lambda waits from 0 to 300 s.")
