"""`python -m operations.local up|down|status|demo|token`: the whole system on this machine, without an AWS account."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from operations.local import guard
from operations.local.console import Voice
from operations.local.problem import Problem
from operations.local.turn import turn

FOLDER = Path(__file__).resolve().parents[2] / ".local"


def main(arguments: list[str]) -> int:
    chosen = parse(arguments)
    # First of all: no code below this line, ours or a library's, finds this person's profiles and keys.
    guard.enclose(port=chosen.port or guard.DEFAULT_PORT)
    signal.signal(signal.SIGTERM, as_interruption)
    FOLDER.mkdir(exist_ok=True)
    voice = Voice()
    try:
        return run(chosen, voice)
    except (BotoCoreError, ClientError) as error:
        voice.failure(f"{error}", f"The emulator's log, {FOLDER / 'emulator.log'}, may tell more.")
        return 1
    except Problem as problem:
        voice.failure(str(problem), problem.detail)
        return 1
    except KeyboardInterrupt:
        again = "again" if chosen.command == "down" else "continues from here, `make down` stops what runs"
        voice.failure(f"Interrupted: `make {chosen.command}` {again}.", "")
        return 130


def run(chosen: argparse.Namespace, voice: Voice) -> int:
    match chosen.command:
        case "up":
            from operations.local.up import up

            with turn(FOLDER, "up"):
                up(FOLDER, port=chosen.port, voice=voice)
        case "down":
            from operations.local.down import down

            with turn(FOLDER, "down"):
                down(FOLDER, voice=voice)
        case "demo":
            from operations.local.demo import demonstrate_again

            demonstrate_again(FOLDER, voice=voice)
        case "status":
            from operations.local.status import status

            return 0 if status(FOLDER, voice=voice) else 3
        case "token":
            from operations.local.sign_in import token

            print(token(FOLDER, tenant=chosen.tenant))
    return 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m operations.local", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status", "demo", "token"))
    parser.add_argument("--port", type=port_number, help=f"port of 127.0.0.1 for the emulator ({guard.DEFAULT_PORT})")
    parser.add_argument("--tenant", default="maison-nord", help="whose token (maison-nord, which the samples are of)")
    return parser.parse_args(arguments)


def port_number(text: str) -> int:
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port that a user may open: choose one from 1024 to 65535")
    return int(text)


def as_interruption(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
