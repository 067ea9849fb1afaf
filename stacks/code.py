"""Where the code of the systems is."""

from __future__ import annotations

from pathlib import Path

from shardwell_cdk import PythonCode

ROOT = Path(__file__).resolve().parent.parent


def system_code(
    package: str,
    *,
    services: tuple[str, ...],
    group: str | None = None,
    beside: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> PythonCode:
    """The bundle of one system's package; `services` are the AWS services that its functions call."""
    return PythonCode(
        source=ROOT / "runtime",
        package=package,
        beside=beside,
        group=group,
        requirements=ROOT / "requirements.txt",
        services=services,
        without=without,
        cache=ROOT / ".build",
    )
