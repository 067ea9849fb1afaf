"""The templates in a folder that CDK synthesized an app into, by its manifests: they know the stacks and the stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from review.reading import UnreadableError, parsed

MANIFEST = "manifest.json"
ONLY_STAGE = "app"
"""The stage of stacks that are in none."""
_ASSET = "aws:asset:path"


@dataclass(frozen=True)
class StackFile:
    """A template of an assembly, not read yet."""

    stage: str
    stack: str
    stack_name: str
    file: Path


def stacks_of(folder: Path, stage: str = ONLY_STAGE) -> Iterator[StackFile | tuple[Path, str]]:
    """Every stack of an assembly and of the assemblies in it, or the file that could not be read and why."""
    file = folder / MANIFEST
    try:
        manifest = parsed(file.read_bytes())
        artifacts = manifest["artifacts"] if isinstance(manifest, dict) and "artifacts" in manifest else {}
        entries = [(name, _kind(entry), _properties(entry)) for name, entry in sorted(artifacts.items())]
    except (OSError, UnreadableError, AttributeError) as error:
        yield file, str(error)
        return
    for name, kind, properties in entries:
        if kind == "cdk:cloud-assembly":
            inner = str(properties.get("directoryName", ""))
            yield from stacks_of(_inside(folder, inner), inner.removeprefix("assembly-"))
        elif kind == "aws:cloudformation:stack":
            called = str(properties.get("stackName", name))
            yield StackFile(stage, _short(called, stage), called, _inside(folder, str(properties.get("templateFile"))))


def nested_of(folder: Path, resources: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """The nested stacks of a template: their logical ids and the files of their templates."""
    for name, resource in resources.items():
        if resource["Type"] == "AWS::CloudFormation::Stack":
            asset = resource.get("Metadata", {}).get(_ASSET)
            if isinstance(asset, str) and asset.endswith(".template.json"):
                yield name, _inside(folder, asset)


def _inside(folder: Path, name: str) -> Path:
    """A path in the folder, and never one outside of it: a manifest is not to be trusted."""
    file = (folder / name).resolve()
    return file if file.is_relative_to(folder.resolve()) else folder / "outside-of-the-assembly"


def _short(called: str, stage: str) -> str:
    """The stack's name without its stage, so that it is the same in each of them."""
    words = called.split("-")
    if stage in words:
        kept = [word for word in words if word != stage]
        return "-".join(kept) if kept else called
    return called


def _kind(entry: Any) -> str:
    return str(entry.get("type")) if isinstance(entry, Mapping) else ""


def _properties(entry: Any) -> Mapping[str, Any]:
    found = entry.get("properties") if isinstance(entry, Mapping) else None
    return found if isinstance(found, Mapping) else {}
