"""A template without what changes by itself: the same text from every machine, on every day, for the same stacks.

What goes: hashes of assets (and of logical ids made from them), CDK's own metadata and its bootstrap check.
What stays is what a person can decide about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# A file asset is `<hash>.zip`, an image `repository:<hash>`; a bare hash is somebody's value and stays.
_ASSET = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?=\.[a-z])|(?<=:)[0-9a-f]{64}$")

_HASH_LENGTH = 64

_CDK_OWN = {
    "Conditions": ("CDKMetadataAvailable",),
    "Parameters": ("BootstrapVersion",),
    "Rules": ("CheckBootstrapVersion",),
}

_WIDTH = 100

# CDK ends the logical ids of these with a hash of what they were made from, so that each change makes a new one.
_HASHED_IDS = ("AWS::Lambda::Version", "AWS::ApiGateway::Deployment")
_ID_HASH = re.compile(r"[0-9a-f]{32}$")


def normalise(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template without asset hashes, hashed logical ids, CDK metadata and the bootstrap check."""
    renamed = _renamed_ids(template.get("Resources", {}))
    return {
        section: content
        for section, content in _clean(_without_cdk(template), renamed).items()
        if content != {} or section == "Resources"
    }


def as_text(template: Mapping[str, Any]) -> str:
    """The normalised template as JSON to read and compare: sorted, a type first, and what fits on a line is on one."""
    return _written(_ordered(normalise(template)), indent="") + "\n"


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value, key=lambda name: (name != "Type", name))}
    return [_ordered(each) for each in value] if isinstance(value, list) else value


def _written(value: Any, indent: str, before: int = 0) -> str:
    """JSON of `value`, whose first line stands behind `before` characters."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(line) + before <= _WIDTH:
        return line
    deeper = indent + "  "
    if isinstance(value, list):
        starts = [(deeper, each) for each in value]
    else:
        starts = [(f"{deeper}{json.dumps(name, ensure_ascii=False)}: ", each) for name, each in value.items()]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    inner = ",\n".join(start + _written(each, deeper, len(start)) for start, each in starts)
    return f"{opening}\n{inner}\n{indent}{closing}"


def _without_cdk(template: Mapping[str, Any]) -> dict[str, Any]:
    return {
        section: {
            name: value
            for name, value in content.items()
            if name not in _CDK_OWN.get(section, ()) and not _is_cdk_metadata(value)
        }
        if isinstance(content, Mapping)
        else content
        for section, content in template.items()
    }


def _is_cdk_metadata(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("Type") == "AWS::CDK::Metadata"


def _renamed_ids(resources: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _ID_HASH.sub("<hash>", name)
        for name, resource in resources.items()
        if resource.get("Type") in _HASHED_IDS
    }


def _clean(value: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {renamed.get(name, name): _clean_named(name, inner, renamed) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner, renamed) for inner in value]
    if isinstance(value, str):
        return renamed.get(value, value if len(value) < _HASH_LENGTH else _ASSET.sub("<asset>", value))
    return value


def _clean_named(name: str, value: Any, renamed: Mapping[str, str]) -> Any:
    if name == "Metadata":
        return _clean_metadata(value, renamed)
    return _clean(_opened(value) if name == "DashboardBody" else value, renamed)


def _opened(text: Any) -> Any:
    """JSON that a template holds as text, opened so that it can be read; references in it become `${Name}`."""
    try:
        parts = text["Fn::Join"][1] if isinstance(text, Mapping) and "Fn::Join" in text else [text]
        return json.loads("".join(part if isinstance(part, str) else f"${{{part['Ref']}}}" for part in parts))
    except (KeyError, IndexError, TypeError, ValueError):
        return text


def _clean_metadata(metadata: Any, renamed: Mapping[str, str]) -> Any:
    """Metadata without where CDK found an asset on this machine."""
    if not isinstance(metadata, Mapping):
        return metadata
    kept = {name: inner for name, inner in metadata.items() if not name.startswith("aws:asset:")}
    return _clean(kept, renamed)
