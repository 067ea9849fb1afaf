"""Give every record without a time to live its own.

A run that was killed resumes from its checkpoint file: run the same command again. The stage `local` is the emulator on
this machine; any other one is reached with your own AWS credentials, and asks before it begins.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from operations.backfill.confirm import confirm, describe
from operations.backfill.run import dry_run, run
from operations.backfill.tables import TABLES
from operations.backfill.target import LOCAL, Target, aws_target, local_port, local_target
from operations.local import guard
from operations.local.__main__ import FOLDER, as_interruption, port_number
from operations.local.console import Voice
from operations.local.problem import Problem
from shardwell.errors import ShardwellError
from shardwell.rate import RateLimit

RATE = 500
MOST_RATE = 40_000
MOST_SEGMENTS = 1_000


def main(arguments: list[str]) -> int:
    chosen = parse(arguments)
    if chosen.stage == LOCAL:
        # First of all: no code below this line, ours or a library's, finds this person's profiles and keys.
        chosen.port = local_port(chosen.port, FOLDER)
        guard.enclose(port=chosen.port)
    signal.signal(signal.SIGTERM, as_interruption)
    voice = Voice()
    path = chosen.checkpoint or FOLDER / f"backfill-{chosen.table}-{chosen.stage}.json"
    way_on = "" if chosen.dry_run else f"The same command goes on from {path}."
    try:
        return carry_out(chosen, path, voice)
    except (BotoCoreError, ClientError, ShardwellError) as error:
        voice.failure(str(error), way_on if path.exists() else "")
        return 1
    except Problem as problem:
        voice.failure(str(problem), problem.detail)
        return 1
    except KeyboardInterrupt:
        voice.failure("Interrupted.", way_on if path.exists() else "")
        return 130


def carry_out(chosen: argparse.Namespace, path: Path, voice: Voice) -> int:
    voice.heading(f"TTL backfill of {chosen.table}{', dry run' if chosen.dry_run else ''}")
    target = reach(chosen)
    describe(target, rate=chosen.rate, voice=voice)
    if chosen.dry_run:
        tally = dry_run(target, segments=chosen.segments, voice=voice)
    else:
        if target.stage != LOCAL and not chosen.yes:
            confirm(target, voice=voice)
        tally = run(target, path=path, limit=RateLimit(chosen.rate), segments=chosen.segments, voice=voice)
    return 1 if tally.faults else 0


def reach(chosen: argparse.Namespace) -> Target:
    table = TABLES[chosen.table]
    if chosen.stage == LOCAL:
        return local_target(table, port=chosen.port)
    return aws_target(table, stage=chosen.stage)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m operations.backfill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", required=True, choices=sorted(TABLES), help="the table, by its system's name")
    parser.add_argument("--stage", required=True, help="local, dev, staging, prod …: there is no default")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, report what would be done")
    parser.add_argument(
        "--rate", type=number(MOST_RATE), default=RATE, help=f"write units a second, indexes' included ({RATE})"
    )
    parser.add_argument(
        "--segments", type=number(MOST_SEGMENTS), help="parts of the table, up to 16 read at a time (4)"
    )
    parser.add_argument(
        "--checkpoint", type=Path, metavar="FILE", help="how far it has come (.local/backfill-TABLE-STAGE.json)"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask, on a stage other than local")
    parser.add_argument("--port", type=port_number, help="port of the emulator (that of the one that runs here)")
    chosen = parser.parse_args(arguments)
    if chosen.dry_run and chosen.checkpoint:
        parser.error("a dry run keeps no checkpoint: leave --checkpoint out")
    if chosen.port and chosen.stage != LOCAL:
        parser.error(f"--port is of the emulator, and the stage {chosen.stage} is on AWS: leave it out")
    return chosen


def number(most: int) -> Callable[[str], int]:
    """Reads a whole number from 1 to `most` off the command line."""

    def read(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {most:,}")
        return int(text)

    return read


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
