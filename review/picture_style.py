"""The colours and fonts of a picture, for a light page and for a dark one."""

from __future__ import annotations

from collections.abc import Iterable

# What is painted, on a light page and on a dark one, in the order of the rules: a later one has its say.
_FILLS = (
    ("text, .ink", "#18212c", "#e8eef4"),
    (".quiet, .label, .fixed", "#566372", "#9dabb9"),
    (".paper, .stack", "#ffffff", "#0d1117"),
    (".card", "#f7f9fb", "#151b23"),
    (".tip", "#9aa7b5", "#5d6b7a"),
    (".name", "#24303d", "#dbe4ed"),
    (".on-name", "#ffffff", "#10161d"),
    (".field", "#dfecfd", "#143257"),
    (".on-field", "#0a4a96", "#a5cdff"),
    (".shard", "#ffe9bd", "#463110"),
    (".on-shard", "#7a4700", "#ffd48a"),
    (".sparse", "#f1eafd", "#2b1f47"),
    (".on-sparse", "#5a2ea6", "#d0b9ff"),
    (".one", "#cfe2fa", "#17375f"),
    (".one-item", "#3f7fce", "#69a7ee"),
    (".many", "#ffe0a0", "#4a3512"),
    (".many-item", "#c07d0c", "#e0a53c"),
)
_STROKES = (
    (".card, .stack, .rule", "#d5dce4", "#303a46"),
    (".spine", "#9aa7b5", "#5d6b7a"),
    (".icon", "#566372", "#9dabb9"),
    (".sparse", "#9872d8", "#8c66d6"),
    (".former", "#c07d0c", "#e0a53c"),
)
_FONTS = """\
text { font: 12px -apple-system, "Segoe UI", Roboto, Helvetica, Arial, "DejaVu Sans", sans-serif; }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.purpose { font-size: 15px; font-weight: 600; } .fact { font-size: 13px; } .label, .tiny { font-size: 11px; }
.strong { font-weight: 600; } .middle { text-anchor: middle; }
.icon { fill: none; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.spine { fill: none; stroke-width: 1.5; } .thin { stroke-dasharray: 4 3; }
.sparse { stroke-dasharray: 3 2; } .former { fill: none; stroke-dasharray: 2 2; }
"""


def style() -> str:
    """The style sheet."""
    light, dark = (_rules("fill", _FILLS, page) + _rules("stroke", _STROKES, page) for page in (1, 2))
    return f"<style>\n{_FONTS}{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n</style>"


def _rules(painted: str, colours: Iterable[tuple[str, str, str]], page: int) -> str:
    return "".join(f"{one[0]} {{ {painted}: {one[page]}; }}\n" for one in colours)
