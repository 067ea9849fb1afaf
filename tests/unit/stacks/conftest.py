"""CDK as unit tests of stacks need it: as those of constructs do."""

from __future__ import annotations

import tests.unit.constructs.conftest  # noqa: F401 (quick synthesis, Node of this environment)
