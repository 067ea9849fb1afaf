"""The renderings of the specimen as they are kept: `python -m tests.unit.review.renew` writes them anew, for review."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from review.render import FORMATS, rendered
from tests.unit.review.specimen import specimen

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"terminal": "txt", "markdown": "md", "html": "html", "json": "json", "sarif": "sarif"}
FILES = {("prod", "sales"): "tests/snapshots/prod/sales.template.json"}
_ASSETS = re.compile(r"(?<=<style>).*?(?=</style>)|(?<=<script>).*?(?=</script>)|'sha256-[^']*'", re.DOTALL)


def golden(form: str) -> Path:
    """The file of a format."""
    return GOLDEN / f"specimen.{ENDINGS[form]}"


def kept(form: str) -> str:
    """The rendering as it is kept: a page without its style and its script, which are files of their own."""
    text = rendered(specimen(), form, FILES)
    return _ASSETS.sub("…", text).replace("><section", ">\n<section").replace("><details", ">\n<details")


def main() -> int:
    """Writes every file."""
    GOLDEN.mkdir(exist_ok=True)
    for form in FORMATS:
        golden(form).write_text(kept(form), encoding="utf-8")
        print(golden(form))
    return 0


if __name__ == "__main__":
    sys.exit(main())
