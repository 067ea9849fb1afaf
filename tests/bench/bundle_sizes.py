"""How large the deployment packages of carousel sync's functions are, unzipped, as they are made for Lambda."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import aws_cdk as cdk

from app import build
from shardwell_cdk import LAMBDA_ARM64, PythonCode, PythonFunction
from shardwell_cdk.bundle import bundle
from shardwell_cdk.bundle_trim import LAMBDA_BYTES
from stacks import carousel_sync

SPARE = 0.15
"""How much of what Lambda takes must be left."""
MOST_BYTES = int(LAMBDA_BYTES * (1 - SPARE))


def codes() -> dict[str, PythonCode]:
    """The code of each function, by the id that it has in its stack."""
    found: dict[str, PythonCode] = {}

    class Noted(PythonFunction):
        def __init__(self, scope: Any, id: str, *, code: PythonCode, **settings: Any) -> None:
            found[id] = code
            super().__init__(scope, id, code=code, **settings)

    with patch.object(carousel_sync, "PythonFunction", Noted):
        build(cdk.App(context={"stage": "dev", "aws:cdk:bundling-stacks": []}))
    return found


def sizes() -> dict[str, int]:
    """Bytes of each function's package."""
    return {name: _bytes(bundle(code, LAMBDA_ARM64).folder) for name, code in codes().items()}


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
