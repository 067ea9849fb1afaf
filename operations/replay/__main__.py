"""Read the sales that were created in a time range from their table into the lake again.

The committer adds a sale only if the lake has no row of it, so nothing that is there changes, and the same range can be
replayed any number of times. What comes back is the sale as it is now: a sale that was deleted is not in the table any
more, and a change of a sale that the lake knows is not made up for. The range ends at least 25 hours ago: what is
younger may still be on its way from the table's stream, from which `python -m operations.redrive` reads it.

  python -m operations.replay --from 2026-11-01 --until 2026-11-02 --dry-run
  python -m operations.replay --from 2026-11-01T08:00:00Z --until 2026-11-01T12:00:00Z --stage prod --rate 2000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from carousel_sync.stage import Stager
from operations.command import add_stage, add_yes, carry_out, check_stage, confirm, number
from operations.counting import counted
from operations.folded import folded
from operations.local.__main__ import FOLDER
from operations.local.console import Voice
from operations.replay.run import Replayed, rehearse, replay
from operations.replay.time_range import TimeRange, check, moment
from operations.stage import LOCAL, SYNC_SYSTEM, Stage
from sales_intelligence.tables import SALES
from shardwell.rate import RateLimit
from shardwell.store import Store

RATE = 2_000
MOST_RATE = 40_000
SEGMENTS = 4
MOST_SEGMENTS = 100


def main(arguments: list[str]) -> int:
    """The exit code: 0 if every sale of the range is staged, 1 if some are left out, 130 if it was interrupted."""
    chosen = parse(arguments)
    wanted = TimeRange(chosen.start, chosen.end)

    def work(reach: Callable[[], Stage], voice: Voice) -> int:
        now = datetime.now(UTC)
        check(wanted, now)
        stage = reach()
        name = SALES.physical_name(stage.name)
        voice.heading(f"Replay into the lake{', dry run' if chosen.dry_run else ''}")
        voice.pairs([*stage.pairs, ("table", name), ("created", str(wanted)), ("rate", rate_text(chosen.rate))])
        store = Store(SALES, name=name, client=stage.client("dynamodb"))
        options = {"limit": RateLimit(chosen.rate), "segments": chosen.segments, "voice": voice}
        started = time.monotonic()
        if chosen.dry_run:
            done = rehearse(store, wanted, **options)
        else:
            if stage.name != LOCAL and not chosen.yes:
                confirm(name, what=f"a replay of {name}", voice=voice)
            stager = Stager(stage.client("s3"), stage.output(SYNC_SYSTEM, "StagingBucket"))
            done = replay(store, stager, wanted, folder=FOLDER, now=now, **options)
        report(done, seconds=time.monotonic() - started, dry_run=chosen.dry_run, voice=voice)
        return 1 if done.left else 0

    return carry_out(chosen, work, way_on="What is staged does no harm: the same command again does all of it.")


def rate_text(rate: int) -> str:
    """The rate, and what it comes to."""
    return f"{rate:,} read units a second at most, which is {rate / 128:,.1f} MB of the table"


def report(done: Replayed, *, seconds: float, dry_run: bool, voice: Voice) -> None:
    """What was found, and what became of it."""
    counts = [("in the range", f"{done.found:>13,}"), ("with an embedding", f"{done.with_embedding:>13,}")]
    if not dry_run:
        counts.append(("staged", f"{done.rows:>13,}  in {counted(done.objects, 'object')}"))
    if done.left:
        counts.append(("left out", f"{done.left:>13,}  they cannot be rows of the lake:"))
    voice.pairs(counts)
    for named in done.named:
        voice.say(folded(named, sign="  ! "))
    if done.left > len(done.named):
        voice.say(f"  ! and {done.left - len(done.named):,} more")
    if done.months:
        voice.grid(("month", "sales"), [(month, f"{count:,}") for month, count in sorted(done.months.items())])
    voice.say(f"  {seconds:.1f} s")
    if dry_run:
        voice.say("  Dry run: nothing was staged.")
    elif done.rows:
        voice.say("  The committer's next run adds those that the lake has no row of.")


def parse(arguments: list[str]) -> argparse.Namespace:
    """What is asked for; refuses what makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m operations.replay", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--from", dest="start", type=moment, required=True, metavar="TIME", help="created then or later: day or instant"
    )
    parser.add_argument("--until", dest="end", type=moment, required=True, metavar="TIME", help="created before then")
    parser.add_argument("--dry-run", action="store_true", help="stage nothing, report how many sales there are")
    parser.add_argument("--rate", type=number(MOST_RATE), default=RATE, help=f"read units a second ({RATE:,})")
    parser.add_argument(
        "--segments", type=number(MOST_SEGMENTS), default=SEGMENTS, help=f"parts read at once ({SEGMENTS})"
    )
    add_yes(parser)
    add_stage(parser)
    chosen = parser.parse_args(arguments)
    check_stage(parser, chosen)
    return chosen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
