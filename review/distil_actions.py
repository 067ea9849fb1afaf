"""The list of which actions each service has, distilled from cfn-lint's list of them.

`python -m review.distil_actions` writes review/data/actions.json.gz anew. It needs cfn-lint, and for the spelling of
the actions the service models of botocore and the managed policies in moto, all three as files; a review needs none.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from review.distil import packed, schemas_folder

ACTIONS = Path(__file__).parent / "data" / "actions.json.gz"
_WRITTEN = re.compile(r'"([a-z0-9-]+):([A-Za-z0-9]+)"')
_OPERATION = re.compile(r'"name":\s*"([A-Z][A-Za-z0-9]+)"')


def distilled(policies: Mapping[str, Any], spelled: Mapping[str, str], dated: str) -> dict[str, Any]:
    """The whole list as JSON: by service its actions, in the spelling that AWS uses where that is known."""
    return {
        "dated": dated,
        "services": {
            service: " ".join(
                spelled.get(f"{service}:{action}") or spelled.get(action) or action
                for action in sorted(found.get("Actions", {}))
            )
            for service, found in sorted(policies.items())
        },
    }


def spellings() -> dict[str, str]:
    """How AWS spells an action, by `service:action` in lower case, and by the action alone for operations."""
    found: dict[str, str] = {}
    for name in _operations():
        found.setdefault(name.lower(), name)
    managed = _installed("moto") / "iam" / "aws_managed_policies.py"
    for service, name in _WRITTEN.findall(managed.read_text(encoding="utf-8")):
        if name != name.lower():
            found[f"{service}:{name.lower()}"] = name
    return found


def _operations() -> Iterator[str]:
    for file in sorted((_installed("botocore") / "data").rglob("service-2.json.gz")):
        text = gzip.decompress(file.read_bytes()).decode()
        yield from _OPERATION.findall(text)


def _installed(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed; it has the spelling of actions: install requirements")
    return Path(found.origin).parent


def main() -> int:
    """Writes the list; 0 when it is done."""
    folder = schemas_folder()
    policies = json.loads((folder.parent / "AdditionalSpecs" / "Policies.json").read_text(encoding="utf-8"))
    dated = json.loads((folder / "version.json").read_text(encoding="utf-8"))["schema_date"]
    table = distilled(policies, spellings(), dated)
    ACTIONS.write_bytes(packed(table))
    names = [name for found in table["services"].values() for name in found.split()]
    spelled = sum(name != name.lower() for name in names)
    print(f"{len(names)} actions of {len(policies)} services of {dated}, {spelled} spelled: {ACTIONS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
