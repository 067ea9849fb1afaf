"""What every folder of tests shares: fixtures, and CDK as tests need it, quick and with Node from this environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# CDK's own check of templates takes seconds a process; registered plug-ins run all the same. Set here, before any test
# is collected: the kernel behind CDK keeps the environment that it started with.
os.environ["CDK_VALIDATION"] = "false"
if (node := Path(sys.prefix) / "bin" / "node").exists():
    os.environ.setdefault("JSII_NODE", str(node))

pytest_plugins = ["tests.support.fixtures"]
