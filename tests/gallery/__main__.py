"""`python -m tests.gallery`: writes the gallery's templates anew, after a change of a case or of a construct."""

from __future__ import annotations

from tests.gallery.synth import TEMPLATES, write

write()
print(f"The templates are in {TEMPLATES}; `make docs` writes docs/gallery.md from them.")
