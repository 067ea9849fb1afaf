"""`make down`: ends the emulator and all that it started."""

from __future__ import annotations

from pathlib import Path

from operations.local import emulator
from operations.local.console import Voice


def down(folder: Path, *, voice: Voice) -> None:
    """Stops what this checkout started and nothing else; says what that was."""
    found = emulator.read_record(folder)
    ended = emulator.stop(folder)
    if found is None or not ended:
        voice.say("Nothing runs: there was no emulator of this checkout to stop.")
        return
    workers = len(ended) - 1
    functions = {0: "", 1: " and 1 function process"}.get(workers, f" and {workers} function processes")
    voice.say(f"Stopped the emulator on port {found.port} (process {found.pid}){functions}. Its data are gone with it.")
