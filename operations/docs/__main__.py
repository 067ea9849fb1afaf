"""`make docs`: writes the generated pages anew, and says what changed."""

from __future__ import annotations

import sys

from operations.docs.pages import FOLDERS, ROOT, pages


def main() -> int:
    made = pages()
    changed = []
    for path, text in made.items():
        file = ROOT / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(path)
    left_over = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*") if file.is_file()]
    for file in left_over:
        if file.relative_to(ROOT).as_posix() not in made:
            file.unlink()
            changed.append(f"{file.relative_to(ROOT).as_posix()} (removed)")
    print("\n".join(changed) or f"All {len(made)} pages are as the code is.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
