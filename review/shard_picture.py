"""The partitions that one value of a key has its items in: one column, or a column a shard."""

from __future__ import annotations

from review.drawing import box, number, sans
from review.key_facts import KeyForm, listed
from shardwell.sharding import Sharding

HEIGHT = 112.0
_MOST = 24
_COLUMN = 46.0
_ITEM = 3.0


def partitions(form: KeyForm, x: float, y: float, width: float) -> str:
    """The columns, and beneath them how many there are and for what."""
    sharding = form.key.sharding
    drawn = _single(x, y) if sharding is None else _shards(sharding, x, y, width)
    said = ["1 partition" if sharding is None else f"{sharding.count} shards"]
    said.append(f"for each {listed(form.partition_fields)}" if form.partition_fields else "in all")
    if sharding is not None:
        said.append(f"shard = crc32({sharding.by}) mod {sharding.count}")
        said += [f"some items still by mod {count}" for count in sharding.layouts[1:]]
    styles = ["strong", *["quiet tiny"] * (len(said) - 1)]
    below = y + _COLUMN + 36
    return drawn + "".join(sans(x, below + 16 * n, line, styles[n]) for n, line in enumerate(said))


def _single(x: float, y: float) -> str:
    behind = "".join(box(x + offset, y + 8 - offset / 2, 34, _COLUMN + 10, "stack", round=6) for offset in (20, 10))
    return behind + box(x, y + 8, 34, _COLUMN + 10, "stack", round=6) + _column(x + 7, y + 13, 20, "one", seed=3)


def _shards(sharding: Sharding, x: float, y: float, width: float) -> str:
    shown = _shown(sharding.shards)
    pitch = min(20.0, (width - 34) / len(shown))
    thick = pitch * 0.72
    frame = pitch * len(shown) - (pitch - thick) + 14
    drawn = [box(x + offset, y + 8 - offset / 2, frame, _COLUMN + 10, "stack", round=6) for offset in (20, 10, 0)]
    for place, shard in enumerate(shown):
        at = x + 7 + place * pitch
        if shard is None:
            drawn.append(sans(at + thick / 2, y + 13 + _COLUMN / 2, "…", "quiet middle"))
        elif shard < sharding.count:
            drawn.append(_column(at, y + 13, thick, "many", seed=shard))
        else:
            drawn.append(box(at, y + 13, thick, _COLUMN, "former", round=min(3, thick / 2)))
    return "".join(drawn)


def _shown(shards: range) -> list[int | None]:
    """The shards to draw: all, or the first and the last of very many with a gap between."""
    if len(shards) <= _MOST:
        return list(shards)
    return [*shards[: _MOST - 7], None, *shards[-3:]]


def _column(x: float, y: float, width: float, kind: str, *, seed: int) -> str:
    """One partition with items in it; how many is only for the eye, and differs a little, as it does in life."""
    items = 6 + (seed * 7 + 3) % 3
    drawn = [box(x, y, width, _COLUMN, kind, round=min(3, width / 2))]
    inset = min(3.0, width / 5)
    for item in range(items):
        drawn.append(_item(x + inset, y + 4 + item * (_ITEM + 1.9), width - 2 * inset, kind))
    return "".join(drawn)


def _item(x: float, y: float, width: float, kind: str) -> str:
    return (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(_ITEM)}" class="{kind}-item"/>'
    )
