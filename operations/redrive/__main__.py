"""Look into the queues where failed messages wait, and move them back to where they came from, or drop them.

  list                 the queues of the stage, and how many messages wait in each
  show QUEUE           messages, decoded, with the reason where it can be known; they stay where they are
  move QUEUE --all     back to the queue or function that they failed in; positions of the table's stream are read
                       from it again and staged for the lake, while it has them (24 hours)
  drop QUEUE --all     delete them, after writing them to a file if you name one with --save

QUEUE is a URL, a name, or a part of the name of one queue that `list` shows. Nothing is lost if a command is
interrupted: a message is deleted only once it has arrived, so it may arrive twice, which changes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.text import Text

from operations.command import add_stage, add_yes, carry_out, check_stage, confirm, number
from operations.counting import counted
from operations.folded import folded
from operations.local.console import Voice
from operations.redrive.contents import title_of
from operations.redrive.drop import count, drop, new_file, write
from operations.redrive.messages import HIDDEN_SECONDS, Holding, Letter
from operations.redrive.move import Moved, move, rehearse
from operations.redrive.queues import Queue, failure_queues, find, name_of
from operations.redrive.reasons import Reasons
from operations.redrive.returning import Returning
from operations.redrive.selection import Selection
from operations.redrive.shown import lines_of
from operations.stage import LOCAL, Stage

SHOWN = 10
MOST_SHOWN = 1_000
MOST = 120_000
"""SQS lets so many messages of a queue be received and not deleted at once."""


def main(arguments: list[str]) -> int:
    """The exit code: 0 if all that was meant is done, 1 if something was left, 130 if it was interrupted."""
    chosen = parse(arguments)
    way_on = f"What was received and not dealt with is back in the queue, after {HIDDEN_SECONDS // 60} minutes at most."

    def work(reach: Callable[[], Stage], voice: Voice) -> int:
        stage = reach()
        return _COMMANDS[chosen.command](stage, stage.client("sqs"), chosen, voice)

    return carry_out(chosen, work, way_on=way_on)


def list_queues(stage: Stage, sqs: Any, chosen: argparse.Namespace, voice: Voice) -> int:  # noqa: ARG001 (as the others)
    """The queues with their counts, fullest first."""
    found = sorted(failure_queues(sqs, stage.name), key=lambda queue: (-queue.waiting, queue.name))
    voice.heading(f"Queues for what failed, stage {stage.name}")
    if not found:
        voice.say("  There are none.")
        return 0
    rows = [(short_name(queue, stage), f"{queue.waiting:,}", f"{queue.received:,}") for queue in found]
    voice.grid(("queue", "waiting", "in use"), rows)
    voice.say(f"  {counted(sum(queue.waiting for queue in found), 'message')} in {counted(len(found), 'queue')}")
    return 0


def show(stage: Stage, sqs: Any, chosen: argparse.Namespace, voice: Voice) -> int:
    """Some messages and why they failed."""
    queue, selection = find(sqs, stage.name, chosen.queue), Selection(chosen.ids, chosen.count)
    describe(queue, voice)
    reasons = Reasons(stage)
    with new_file(chosen.save) as file, Holding(sqs, queue.url) as holding:
        for letters in selection.batches(holding):
            if file is not None:
                write(file, letters)
            for letter in letters:
                show_letter(letter, reasons.of(letter, datetime.now(UTC)), voice)
    voice.say(f"\n  {counted(selection.found, 'message')} shown, and still there.")
    return missing(selection, voice)


def move_back(stage: Stage, sqs: Any, chosen: argparse.Namespace, voice: Voice) -> int:
    """Messages to where they came from."""
    queue, selection = find(sqs, stage.name, chosen.queue), Selection(chosen.ids, chosen.count)
    to = find_target(sqs, chosen.to)
    describe(queue, voice)
    returning, holding = Returning(stage, queue, sqs, to), Holding(sqs, queue.url)
    if chosen.dry_run:
        moved = rehearse(returning, selection, holding=holding, voice=voice)
        report(moved, "would go to", voice)
        voice.say("  Dry run: nothing was moved.")
    else:
        if stage.name != LOCAL and not chosen.yes:
            confirm(queue.name, what=f"moving messages of {queue.name}", voice=voice)
        moved = move(returning, selection, holding=holding, voice=voice)
        report(moved, "moved to", voice)
    return 1 if missing(selection, voice) or moved.left or moved.came_back else 0


def drop_messages(stage: Stage, sqs: Any, chosen: argparse.Namespace, voice: Voice) -> int:
    """Messages out of the queue for good."""
    queue, selection = find(sqs, stage.name, chosen.queue), Selection(chosen.ids, chosen.count)
    describe(queue, voice)
    holding = Holding(sqs, queue.url)
    if chosen.dry_run:
        many = count(queue, selection, holding=holding, voice=voice)
        voice.say(f"  {counted(many, 'message')} would be dropped.")
        voice.say("  Dry run: nothing was dropped.")
        return missing(selection, voice)
    if not chosen.yes:
        confirm(queue.name, what=f"dropping messages of {queue.name}", voice=voice)
    with new_file(chosen.save) as file:
        dropped = drop(queue, selection, holding=holding, file=file, voice=voice)
    kept = f", kept in {chosen.save}" if chosen.save else ""
    voice.say(f"  {counted(dropped.gone, 'message')} dropped{kept}.")
    if dropped.refused:
        voice.say(f"  {dropped.refused:,} were not deleted by SQS, and are still there: run the same command again.")
    return 1 if missing(selection, voice) or dropped.refused else 0


_COMMANDS: dict[str, Callable[[Stage, Any, argparse.Namespace, Voice], int]] = {
    "list": list_queues,
    "show": show,
    "move": move_back,
    "drop": drop_messages,
}


def find_target(sqs: Any, wanted: str | None) -> str | None:
    """The URL of a queue that messages are to go to."""
    if wanted is None or "/" in wanted:
        return wanted
    return str(sqs.get_queue_url(QueueName=wanted)["QueueUrl"])


def describe(queue: Queue, voice: Voice) -> None:
    """Which queue it is, and what is in it."""
    voice.heading(queue.name)
    rows = [("waiting", f"{queue.waiting:,}, and {queue.received:,} that somebody has received")]
    if queue.sources:
        rows.append(("from", ", ".join(name_of(arn.rpartition(":")[2]) for arn in queue.sources)))
    voice.pairs(rows)


def show_letter(letter: Letter, reasons: list[str], voice: Voice) -> None:
    """One message."""
    sent = f"{letter.sent:%Y-%m-%d %H:%M:%S} UTC" if letter.sent else "not known"
    voice.say()
    rows = [
        ("message", letter.id),
        ("sent", f"{sent}, received {counted(letter.received, 'time')}"),
        ("is", title_of(letter)),
    ]
    voice.pairs(rows)
    for reason in reasons:
        voice.say(folded(reason, sign="  reason   "))
    for line in lines_of(letter):
        voice.console.print(Text(f"    {line}", style="dim"))


def report(moved: Moved, what: str, voice: Voice) -> None:
    """Where messages went, and why others stayed."""
    voice.say()
    for place, many in moved.places.most_common():
        voice.say(f"  {many:>7,}  {what} {place}")
    if not moved.places and not moved.left:
        voice.say("  There was nothing to move.")
    if moved.came_back:
        voice.say(f"  {moved.came_back:>7,}  are the same as one that was moved before: left")
    if moved.left:
        voice.say(f"  {moved.left.total():>7,}  left where they are:")
        for named in moved.named:
            voice.say(folded(named, sign="    ! "))
        if moved.left.total() > len(moved.named):
            voice.say(f"    ! and {moved.left.total() - len(moved.named):,} more")


def missing(selection: Selection, voice: Voice) -> int:
    """1 if a message that was named is not there."""
    if selection.missing:
        voice.say(
            f"  {selection.missing:,} of the messages that you named are not there, or somebody has received them."
        )
    return 1 if selection.missing else 0


def short_name(queue: Queue, stage: Stage) -> str:
    """The name without what all names of the stage begin with."""
    return queue.name.removeprefix(f"shardwell-{stage.name}-")


def parse(arguments: list[str]) -> argparse.Namespace:
    """What is asked for; refuses what makes no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m operations.redrive", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="the queues and their counts")
    showing = commands.add_parser("show", help="look into messages")
    moving = commands.add_parser("move", help="move messages back")
    dropping = commands.add_parser("drop", help="delete messages")
    for one in (showing, moving, dropping):
        one.add_argument("queue", metavar="QUEUE", help="its URL, its name, or a part of its name")
        one.add_argument("--ids", type=ids, default=frozenset(), metavar="ID,ID…", help="the messages of these ids")
    showing.add_argument("--count", type=number(MOST_SHOWN), default=SHOWN, help=f"so many messages ({SHOWN})")
    showing.add_argument("--save", type=Path, metavar="FILE", help="write them to a new file too, a line each")
    for one in (moving, dropping):
        one.add_argument("--all", action="store_true", help="all messages of the queue")
        one.add_argument("--count", type=number(MOST), help="the first so many")
        one.add_argument("--dry-run", action="store_true", help="change nothing, report what would be done")
        add_yes(one)
    moving.add_argument("--to", metavar="QUEUE", help="another queue than the one they came from, by URL or name")
    dropping.add_argument("--save", type=Path, metavar="FILE", help="write them to a new file first, a line each")
    for one in (listing, showing, moving, dropping):
        add_stage(one)
    chosen = parser.parse_args(arguments)
    check_stage(parser, chosen)
    if chosen.command in ("move", "drop") and not (chosen.all or chosen.ids or chosen.count):
        parser.error(f"which messages to {chosen.command} is not said: give --all, --ids or --count")
    if chosen.command in ("move", "drop") and chosen.all and (chosen.ids or chosen.count):
        parser.error("--all is every message: leave out --ids and --count")
    return chosen


def ids(text: str) -> frozenset[str]:
    """Reads ids off the command line."""
    found = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} names no message: give ids as `show` has them, with commas")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
