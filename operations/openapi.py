"""`python -m operations.openapi`: the OpenAPI document of every API, into docs/openapi."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from operations.setup import ROOT
from sales_intelligence import routes as sales_intelligence
from shardwell.http_openapi import openapi

FOLDER = ROOT / "docs" / "openapi"


def documents() -> dict[str, dict[str, Any]]:
    """Every document, by the name of its file."""
    return {
        "sales-intelligence.json": openapi(
            sales_intelligence.ROUTES,
            title=sales_intelligence.TITLE,
            version=sales_intelligence.VERSION,
            about=sales_intelligence.ABOUT,
        )
    }


def text(document: dict[str, Any]) -> str:
    """A document as its file holds it: sorted, so that a change shows as what it is."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(folder: Path = FOLDER) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        path = folder / name
        path.write_text(text(document), encoding="utf-8")
        print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
