"""What the commands on a stage share: how the stage is chosen and reached, and how they end."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from operations.local import guard
from operations.local.__main__ import FOLDER, as_interruption, port_number
from operations.local.console import Voice
from operations.local.problem import Problem
from operations.stage import LOCAL, Stage, aws_stage, local_port, local_stage
from shardwell.errors import ShardwellError

_STAGE = re.compile(r"[a-z][a-z0-9-]{0,30}", re.ASCII)


def add_stage(parser: argparse.ArgumentParser) -> None:
    """The options by which a stage is chosen."""
    parser.add_argument(
        "--stage", type=stage_name, default=LOCAL, help="local (unless given), or dev, staging, prod … with your keys"
    )
    parser.add_argument("--port", type=port_number, help="port of the emulator (that of the one that runs here)")


def add_yes(parser: argparse.ArgumentParser) -> None:
    """The option of a command that would ask before it begins."""
    parser.add_argument("--yes", action="store_true", help="do not ask before it begins")


def check_stage(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    """Refuse a port of a stage that has none."""
    if chosen.port and chosen.stage != LOCAL:
        parser.error(f"--port is of the emulator, and the stage {chosen.stage} is on AWS: leave it out")


def carry_out(chosen: argparse.Namespace, work: Callable[[Callable[[], Stage], Voice], int], *, way_on: str) -> int:
    """The exit code of `work`, which is given a way to reach the stage; errors are said in a sentence.

    `way_on` is what to do after an interruption.
    """
    if chosen.stage == LOCAL:
        # First of all: no code below this line, ours or a library's, finds this person's profiles and keys.
        chosen.port = local_port(chosen.port, FOLDER)
        guard.enclose(port=chosen.port)
    before = signal.signal(signal.SIGTERM, as_interruption)
    voice = Voice()

    def reach() -> Stage:
        return local_stage(port=chosen.port) if chosen.stage == LOCAL else aws_stage(chosen.stage)

    try:
        return work(reach, voice)
    except (BotoCoreError, ClientError, ShardwellError) as error:
        voice.failure(str(error), "")
        return 1
    except Problem as problem:
        voice.failure(str(problem), problem.detail)
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` has; Python must not complain about the rest at exit.
        sys.stdout = None
        return 0
    except KeyboardInterrupt:
        voice.failure("Interrupted.", way_on)
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)


def confirm(word: str, *, what: str, voice: Voice, ask: Callable[[str], str] = input) -> None:
    """Returns once the person has typed `word`; refuses otherwise. `what` is what is about to happen."""
    if not sys.stdin.isatty():
        raise Problem(f"Nobody is there to confirm {what}: add --yes to do without.")
    voice.say()
    if ask(f"  Type {word} to begin: ").strip() != word:
        raise Problem(f"That is not {word}: nothing was done.")


def stage_name(text: str) -> str:
    """Reads the name of a stage off the command line."""
    if not _STAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a stage: use a to z, 0 to 9 and -")
    return text


def number(most: int) -> Callable[[str], int]:
    """Reads a whole number from 1 to `most` off the command line."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {most:,}")
        return int(text)

    return read
