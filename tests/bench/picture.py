"""All results in one picture: how far each is on the good side of its goal, or short of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot

from tests.bench.result import Result

GOOD, SHORT, LINE = "#1a7f37", "#bc4c00", "#57606a"


def draw(results: Sequence[Result], path: Path) -> None:
    """Write the picture: a bar a benchmark, as its ratio in parts of the goal; the goal is the line at 1."""
    figure, axes = pyplot.subplots(figsize=(9, 0.7 + 0.62 * len(results)), dpi=150)
    for row, one in enumerate(results):
        margin = margin_of(one)
        axes.barh(row, margin, color=GOOD if one.holds else SHORT, height=0.55)
        text = f"{one.ratio:.2f}   (goal {one.goal.removeprefix('ratio ')})"
        plate = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(margin + 0.03, row, text, va="center", fontsize=9, color="#1f2328", bbox=plate)
    axes.axvline(1, color=LINE, linewidth=1, linestyle="--")
    axes.set_yticks(range(len(results)), [one.name for one in results])
    axes.set_xlim(0, max(map(margin_of, results)) + 0.8)
    axes.invert_yaxis()
    axes.set_xlabel("times as good as the goal asks: right of the line it holds")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    pyplot.close(figure)


def margin_of(one: Result) -> float:
    """How many times as good as its goal a result is; above 1 it holds."""
    relation, bound = one.goal.removeprefix("ratio ").split()
    return float(bound) / one.ratio if relation == "<=" else one.ratio / float(bound)
