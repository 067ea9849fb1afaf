"""`make pins`: the exact versions of everything, raised to the newest that the .in files allow."""

from __future__ import annotations

import sys
from pathlib import Path

from operations.setup import EMULATOR_REQUIREMENTS, REQUIREMENTS, ROOT, SetupError, uv

# One set of versions for every platform and every Python from 3.11 on, and no word of where they were fetched from.
OPTIONS = (
    *("--universal", "--python-version", "3.11", "--upgrade"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"),
)


def main() -> int:
    try:
        for pins in (REQUIREMENTS, EMULATOR_REQUIREMENTS):
            before = set(read(pins))
            uv("compile", *OPTIONS, str(pins.with_suffix(".in")), "--output-file", str(pins))
            changed = sorted(set(read(pins)) - before)
            print(f"{pins.relative_to(ROOT)}: {', '.join(changed) or 'nothing newer'}")
    except SetupError as error:
        print(f"\n  {error}", file=sys.stderr)
        return 1
    return 0


def read(pins: Path) -> list[str]:
    return pins.read_text(encoding="utf-8").splitlines() if pins.exists() else []


if __name__ == "__main__":
    sys.exit(main())
