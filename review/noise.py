"""How many differences a review left out, by their sort: what changes by itself is hidden, and counted."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from review.difference import Sort, differences, identical
from review.model import ABSENT, Hidden
from review.normalise import normalise
from review.templates import Body, Pair

ASSET = "asset hash"
HASHED_ID = "hashed logical id"
CDK = "CDK metadata"
_HASH = re.compile(r"[0-9a-f]{64}")


def hidden_in(pair: Pair, more: Counter[str]) -> tuple[Hidden, ...]:
    """What normalising the two sides hid, and `more` that the comparison itself left out."""
    found = Counter(more)
    if pair.before is not None and pair.after is not None and not pair.same:
        found.update(_of_sections(pair.before.body, pair.after.body, pair.before.normal, pair.after.normal))
        found.update(_of_resources(pair.before.body["Resources"], pair.after.body["Resources"]))
    return tuple(Hidden(stage=pair.stage, stack=pair.stack, sort=sort, count=found[sort]) for sort in sorted(+found))


def _of_sections(before: Body, after: Body, old: Body, new: Body) -> Iterator[str]:
    """CDK's own parameters, conditions and rules, where they differ."""
    for section in sorted({*before, *after} - {"Resources"}):
        changed = not identical(before.get(section, ABSENT), after.get(section, ABSENT))
        if changed and identical(old.get(section, ABSENT), new.get(section, ABSENT)):
            yield CDK


def _of_resources(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if "AWS::CDK::Metadata" in ((old or {}).get("Type"), (new or {}).get("Type")):
            yield CDK
        elif old is None or new is None:
            if new is not None and name not in normalise({"Resources": {name: new}})["Resources"]:
                yield HASHED_ID
        elif _HASH.search(json.dumps(old)):
            yield from _assets(old, new)


def _assets(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for difference in differences(old, new):
        if difference.sort is Sort.VALUE and difference.path[0] != "Metadata":
            before, after = _normal(difference.before), _normal(difference.after)
            if identical(before, after):
                yield ASSET


def _normal(value: Any) -> Any:
    if value is ABSENT:
        return value
    return normalise({"Resources": {"It": {"Type": "", "Properties": {"Value": value}}}})["Resources"]["It"]
