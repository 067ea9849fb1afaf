"""The table of which properties replace a resource, distilled from the resource schemas in the cfn-lint wheel.

`python -m review.distil [--region us-east-1]` writes review/data/replacement.json.gz anew. It needs cfn-lint, a review
does not.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "data" / "replacement.json.gz"
REGION = "us-east-1"
"""The region that has the most types."""


def schemas_folder() -> Path:
    """Where the installed cfn-lint keeps the schemas."""
    found = find_spec("cfnlint")
    if found is None or found.origin is None:
        raise ModuleNotFoundError(
            "cfn-lint is not installed; it carries the schemas, so install requirements.txt first"
        )
    return Path(found.origin).parent / "data" / "schemas"


def distilled(folder: Path, region: str) -> dict[str, Any]:
    """The whole table as JSON, with the date of the schemas."""
    types = json.loads((folder / "providers" / f"{region}.json").read_text(encoding="utf-8"))
    return {
        "dated": json.loads((folder / "version.json").read_text(encoding="utf-8"))["schema_date"],
        "region": region,
        "source": f"cfn-lint {metadata.version('cfn-lint')}",
        "types": {
            name: _of_schema(json.loads((folder / "resources" / f"{digest}.json").read_text(encoding="utf-8")))
            for name, digest in sorted(types.items())
        },
    }


def packed(table: Mapping[str, Any]) -> bytes:
    """The table in as few bytes as gzip gives, and the same bytes each time."""
    text = json.dumps(table, separators=(",", ":"), sort_keys=True)
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _of_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    read_only = _paths(schema, "readOnlyProperties")
    create_only = _paths(schema, "createOnlyProperties")
    identifiers, primary = _identifiers(schema, create_only, read_only)
    facts = {
        "create": [path for path in create_only if path not in read_only],
        "maybe": _paths(schema, "conditionalCreateOnlyProperties"),
        "names": identifiers,
        "secondary": bool(identifiers) and not primary,
        "fixed": "handlers" in schema and "update" not in schema["handlers"],
        "first": schema.get("replacementStrategy") == "delete_then_create",
        "sets": _unordered(schema, create_only),
    }
    return {name: value for name, value in facts.items() if value}


def _paths(schema: Mapping[str, Any], name: str) -> list[str]:
    return sorted(path.removeprefix("/properties/") for path in schema.get(name, ()))


def _identifiers(
    schema: Mapping[str, Any], create_only: Iterable[str], read_only: Iterable[str]
) -> tuple[list[str], bool]:
    """The properties that name the resource in its account, and whether they are its identifier itself.

    A resource whose identifier is made by AWS, an ARN, may still have a name that no second one can have.
    """
    primary = _paths(schema, "primaryIdentifier")
    if not set(primary) & set(read_only):
        return primary, True
    kind = schema["typeName"].split("::")[-1]
    return [path for path in create_only if path.endswith("Name") and kind.endswith(path.removesuffix("Name"))], False


def _unordered(schema: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Those of the top-level properties that are lists whose order means nothing."""
    found = []
    for name in names:
        declared = schema.get("properties", {}).get(name, {})
        reference = declared.get("$ref", "")
        resolved = schema.get("definitions", {}).get(reference.removeprefix("#/definitions/"), declared)
        if resolved.get("type") == "array" and resolved.get("insertionOrder") is False:
            found.append(name)
    return sorted(found)


def main(arguments: Sequence[str]) -> int:
    """Writes the table; 0 when it is done."""
    parser = argparse.ArgumentParser(prog="python -m review.distil", description=main.__doc__)
    parser.add_argument("--region", default=REGION)
    asked = parser.parse_args(arguments)
    table = distilled(schemas_folder(), asked.region)
    TABLE.write_bytes(packed(table))
    print(f"{len(table['types'])} types of {table['dated']}, {TABLE.stat().st_size} bytes: {TABLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
