"""cdk.json has the feature flags that the installed CDK recommends for a new app."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import aws_cdk

ROOT = Path(__file__).resolve().parents[3]


def test_flags_are_the_recommended_ones() -> None:
    [package] = (Path(aws_cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(package, "r|gz") as archive:
        recommended = next(
            json.load(archive.extractfile(member))
            for member in archive
            if member.name == "package/recommended-feature-flags.json"
        )
    assert json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"] == recommended
