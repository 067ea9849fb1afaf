"""What a Lambda bundle is built for: the Lambda service, or this machine."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LambdaPlatform:
    """A Python and a machine; `wheels` is uv's name for the machine, None where it is this one."""

    python: str
    machine: str
    wheels: str | None


# Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc 2.34 takes every wheel made for manylinux 2.28 and older.
LAMBDA_ARM64 = LambdaPlatform(python="3.13", machine="arm64", wheels="aarch64-manylinux_2_28")

# An emulator runs functions as processes of this machine, so compiled dependencies must be this machine's.
THIS_MACHINE = LambdaPlatform(
    python=f"{sys.version_info.major}.{sys.version_info.minor}",
    machine=f"{sys.platform}-{platform.machine()}",
    wheels=None,
)
