"""Where the code of the systems is."""

from __future__ import annotations

from pathlib import Path

from shardwell_cdk import PythonCode

ROOT = Path(__file__).resolve().parent.parent


def system_code(package: str, *, services: tuple[str, ...]) -> PythonCode:
    """The bundle of one system's package; `services` are the AWS services that its functions call."""
    return PythonCode(
        source=ROOT / "runtime",
        package=package,
        requirements=ROOT / "requirements.txt",
        services=services,
        cache=ROOT / ".build",
    )
