"""Imports run one way: app → stacks → construct library → runtime library, and each system → runtime library."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEMS = frozenset(folder.parent.name for folder in (ROOT / "runtime").glob("*/__init__.py")) - {"shardwell"}
OURS = SYSTEMS | {"app", "stacks", "shardwell_cdk", "shardwell", "operations", "review", "tests"}
CDK = frozenset({"aws_cdk", "constructs", "jsii", "cdk_nag", "cdk_monitoring_constructs"})
AWS = frozenset({"boto3", "botocore", "moto"})
DESCRIPTIONS = frozenset({"tables", "routes", "records", "lake"})
"""The modules of a system that are plain data, for a stack or a review to read."""

MAY_IMPORT: dict[str, frozenset[str]] = {
    "app": frozenset({"stacks", "shardwell_cdk"}),
    "stacks": SYSTEMS | {"shardwell_cdk", "shardwell"},
    "shardwell_cdk": frozenset({"shardwell"}),
    "shardwell": frozenset(),
    "operations": SYSTEMS | {"shardwell", "review"},
    "review": SYSTEMS | {"shardwell"},
    **dict.fromkeys(SYSTEMS, frozenset({"shardwell"})),
}
NEVER: dict[str, frozenset[str]] = {
    "app": AWS,
    "stacks": AWS,
    "shardwell_cdk": AWS,
    "shardwell": CDK,
    "operations": CDK,
    "review": CDK | AWS,
    **dict.fromkeys(SYSTEMS, CDK),
}
EXCEPTIONS = {("carousel_sync", "sales_intelligence")}
"""Carousel sync writes sales through the repository of Sales Intelligence."""


def sources() -> Iterator[tuple[str, Path]]:
    """Every source file, with the package that it belongs to."""
    yield "app", ROOT / "app.py"
    for package, folder in {
        "stacks": ROOT,
        "operations": ROOT,
        "review": ROOT,
        "shardwell_cdk": ROOT / "constructs",
    }.items():
        yield from ((package, path) for path in sorted((folder / package).rglob("*.py")))
    for package in sorted(SYSTEMS | {"shardwell"}):
        yield from ((package, path) for path in sorted((ROOT / "runtime" / package).rglob("*.py")))


def imported(source: str) -> set[str]:
    """Everything that a source imports, wherever in it, as dotted names; relative imports stay in their package."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif (
            isinstance(node, ast.Call)
            and _is_import(node.func)
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(str(node.args[0].value))
    return found


def _is_import(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("import_module", "__import__")


def violations(package: str, source: str) -> list[str]:
    """What a source of this package imports and may not."""
    wrong = []
    for name in sorted(imported(source)):
        top, _, rest = name.partition(".")
        if top == package or (package, top) in EXCEPTIONS:
            continue
        forbidden = top in NEVER[package] or (top in OURS and top not in MAY_IMPORT[package])
        undescribed = package in ("stacks", "review") and top in SYSTEMS and rest.split(".")[0] not in DESCRIPTIONS
        if forbidden or undescribed:
            wrong.append(f"{package} imports {name}")
    return wrong


def test_every_package_is_looked_at() -> None:
    assert {package for package, _ in sources()} == OURS - {"tests"}
    assert {"sales_intelligence"} <= SYSTEMS


@pytest.mark.parametrize("package", sorted(OURS - {"tests"}))
def test_imports_run_one_way(package: str) -> None:
    found = {
        path: violations(package, path.read_text(encoding="utf-8")) for owner, path in sources() if owner == package
    }
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("shardwell", "import aws_cdk"),
        ("shardwell", "from constructs import Construct"),
        ("shardwell", "from sales_intelligence.tables import SALES"),
        ("shardwell", "def late():\n    from stacks import settings"),
        ("shardwell", "if TYPE_CHECKING:\n    from shardwell_cdk import SchemaTable"),
        ("shardwell", "import_module('aws_cdk.aws_dynamodb')"),
        ("shardwell_cdk", "from stacks.settings import STAGES"),
        ("shardwell_cdk", "import sales_intelligence.tables"),
        ("shardwell_cdk", "import boto3"),
        ("sales_intelligence", "import aws_cdk as cdk"),
        (
            "sales_intelligence",
            "from carousel_sync import lake",
        ),
        ("stacks", "from sales_intelligence.repository import Sales"),
        ("stacks", "from sales_intelligence import repository"),
        ("stacks", "import sales_intelligence"),
        ("stacks", "import app"),
        ("app", "from sales_intelligence.tables import SALES"),
        ("operations", "import aws_cdk"),
        ("operations", "from stacks.settings import STAGES"),
        ("review", "from sales_intelligence.repository import Sales"),
        ("review", "from stacks.settings import STAGES"),
        ("review", "import boto3"),
        ("stacks", "from tests.support import backends"),
    ],
)
def test_an_import_against_the_arrows_is_caught(package: str, source: str) -> None:
    assert len(violations(package, source)) == 1


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("app", "from stacks.settings import STAGES"),
        ("stacks", "from sales_intelligence.tables import SALES\nfrom sales_intelligence import tables"),
        ("shardwell_cdk", "from shardwell import Table\nimport aws_cdk"),
        ("sales_intelligence", "from shardwell.store import Store\nfrom . import records"),
        ("operations", "import boto3\nfrom sales_intelligence.repository import Sales"),
    ],
)
def test_an_import_with_the_arrows_is_not(package: str, source: str) -> None:
    assert violations(package, source) == []


@pytest.mark.parametrize(
    "description",
    sorted(
        f"{system}.{module}"
        for system in SYSTEMS
        for module in DESCRIPTIONS
        if (ROOT / "runtime" / system / f"{module}.py").exists()
    ),
)
def test_a_description_is_plain_data_and_loads_no_client_and_no_cdk(description: str) -> None:
    code = f"import sys, {description}; print(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert set(loaded.stdout.split()) & (CDK | AWS | {"pydantic", "aws_lambda_powertools"}) == set()
