"""What a Lambda bundle is built for: the Lambda service, or this machine."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LambdaPlatform:
    """A Python and a machine."""

    python: str
    """Its version, major and minor: `3.13`."""
    machine: str
    """What the cache tells bundles of different machines apart by."""
    wheels: str | None
    """uv's name for the machine, whose wheels are installed; None where it is this one."""


# Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc 2.34 takes every wheel made for manylinux 2.28 and older.
LAMBDA_ARM64 = LambdaPlatform(python="3.13", machine="arm64", wheels="aarch64-manylinux_2_28")
"""Lambda's Python 3.13 on arm64, as every template names it: what functions are bundled for unless told otherwise."""

THIS_MACHINE = LambdaPlatform(
    python=f"{sys.version_info.major}.{sys.version_info.minor}",
    machine=f"{sys.platform}-{platform.machine()}",
    wheels=None,
)
"""The Python that runs the synth, on its machine: for an emulator, which runs functions as processes beside it."""
