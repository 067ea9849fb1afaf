"""A backfill from a checkpoint file to its report."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from rich.text import Text

from operations.backfill import checkpoint_file
from operations.backfill.progress import progress
from operations.backfill.target import Target
from operations.local.console import Voice
from shardwell.ambient import Ambient
from shardwell.backfill import Step, Steps, backfill, beginning, rehearse
from shardwell.backfill_tally import Tally
from shardwell.backfill_write import key_text
from shardwell.connection import Connection
from shardwell.rate import RateLimit


def run(
    target: Target, *, path: Path, limit: RateLimit, segments: int | None, voice: Voice, ambient: Ambient | None = None
) -> Tally:
    """What was done to the table's records, from where an earlier run was interrupted."""
    checkpoint = checkpoint_file.load(path, identity=target.identity, segments=segments)
    if checkpoint.scan.positions:
        voice.say(f"  Resumes from {path}: {checkpoint.tally.looked_at:,} records were dealt with before.")
    # Before the first write: a file that cannot be written is found out now, and not when it is needed.
    checkpoint_file.save(path, checkpoint)
    connection = _connection(target, ambient)
    started = time.monotonic()
    steps = backfill(connection, target.table, checkpoint, limit=limit)
    last = _follow(steps, Step(checkpoint, checkpoint.tally), target, path=path, voice=voice)
    path.unlink(missing_ok=True)
    report(last.tally, before=checkpoint.tally, seconds=time.monotonic() - started, voice=voice)
    return last.tally


def dry_run(target: Target, *, segments: int | None, voice: Voice, ambient: Ambient | None = None) -> Tally:
    """What would be done to the table's records; nothing is written, to the table or to a file."""
    checkpoint = beginning(target.identity, segments=segments or checkpoint_file.SEGMENTS, rehearsal=True)
    connection = _connection(target, ambient)
    started = time.monotonic()
    steps = rehearse(connection, target.table, checkpoint)
    last = _follow(steps, Step(checkpoint, checkpoint.tally), target, path=None, voice=voice)
    report(last.tally, before=checkpoint.tally, seconds=time.monotonic() - started, voice=voice)
    voice.say("  Dry run: nothing was written.")
    return last.tally


def _connection(target: Target, ambient: Ambient | None) -> Connection:
    return Connection(target.name, target.client, ambient=ambient or Ambient())


def _follow(steps: Steps, step: Step, target: Target, *, path: Path | None, voice: Voice) -> Step:
    """The last step; each new checkpoint is kept before the next step is asked for."""
    kept = step.checkpoint
    with progress(voice.console, expected=target.items, before=step.tally) as show, closing(steps):
        for step in steps:
            if path is not None and step.checkpoint is not kept:
                checkpoint_file.save(path, step.checkpoint)
                kept = step.checkpoint
            show(step.tally)
            for fault in step.faults:
                voice.console.print(Text(f"  ! {key_text(fault.key)}: {fault.reason}"))
    return step


def report(tally: Tally, *, before: Tally, seconds: float, voice: Voice) -> None:
    """What became of the records, a line for each that there are some of."""
    counts = [
        ("looked at", tally.looked_at, ""),
        ("already had it", tally.already_had, ""),
        ("given", tally.given, ""),
        ("deleted", tally.deleted, "too old for DynamoDB ever to expire"),
        ("gone meanwhile", tally.gone, "left so"),
        ("changed meanwhile", tally.changed, "given a time to live by somebody else: left so"),
        ("undated", tally.undated, "they do not expire"),
        ("unreadable", tally.unreadable, "no date to count from: left alone, each is named above"),
        ("failed", tally.failed, "refused by DynamoDB: left alone, each is named above"),
    ]
    shown = [(name, f"{count:>13,}", note) for name, count, note in counts if count or name in _ALWAYS]
    voice.pairs([(name, f"{count}  {note}".rstrip()) for name, count, note in shown])
    speed = (tally.looked_at - before.looked_at) / max(seconds, 0.001)
    voice.say(f"  {seconds:.1f} s, {speed:,.0f} records a second, {tally.write_units:,.0f} write units")


_ALWAYS = {"looked at", "already had it", "given", "deleted"}
