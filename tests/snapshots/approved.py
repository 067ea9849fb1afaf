"""`python -m tests.snapshots.approved cdk.out`: whether every template of a synthesized app is the approved one."""

from __future__ import annotations

import sys
from pathlib import Path

from review.normalise import as_text
from tests.snapshots.synth import stacks_in

APPROVED = Path(__file__).resolve().parent


def unapproved(assembly: Path, approved: Path = APPROVED) -> list[str]:
    """The stacks, as `stage/system`, whose template differs from its snapshot, or of which one side has none."""
    made = {f"{stack.stage}/{stack.system}": as_text(stack.template) for stack in stacks_in(assembly)}
    kept = {
        f"{file.parent.name}/{file.name.removesuffix('.template.json')}": file.read_text(encoding="utf-8")
        for file in approved.rglob("*.template.json")
    }
    return sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not (Path(arguments[0]) / "manifest.json").is_file():
        print("Name one folder that `cdk synth` has written, such as cdk.out.", file=sys.stderr)
        return 2
    different = unapproved(Path(arguments[0]))
    for name in different:
        print(f"{name}: not the template that tests/snapshots has.", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
