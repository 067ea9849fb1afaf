"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shardwell.creation import create_table_request
from tests.unit.docs.blocks import blocks

ROOT = Path(__file__).resolve().parents[3]


def parts() -> dict[str, str]:
    """The README's example, by the file that each part is headed with."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    headed = re.split(r"^# (\w+)\.py: .*\n", code, flags=re.MULTILINE)[1:]
    return dict(zip(headed[::2], headed[1::2], strict=True))


def test_the_example_describes_stores_and_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    example = parts()
    tables = ModuleType("readme_tables")
    monkeypatch.setitem(sys.modules, tables.__name__, tables)
    exec(example["tables"], tables.__dict__)  # noqa: S102 (the README is ours)
    visits: Any = tables.__dict__["VISITS"]
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(**create_table_request(visits, name="acme-dev-visits"))
        names: dict[str, Any] = {**tables.__dict__, "Store": with_client(client), "key": b"k" * 32}
        monkeypatch.setenv("TABLE_NAME", "acme-dev-visits")
        exec("import os\n" + example["handler"], names)  # noqa: S102 (the README is ours)
    (visit,) = names["page"].items
    assert (visit["shop"], visit["visitId"], visit["day"]) == ("north", "v1", "2026-11-20")


def test_the_example_of_the_runtime_library_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    (block,) = blocks(ROOT / "runtime" / "README.md")
    names: dict[str, Any] = {}
    with mock_aws():
        exec(block.text, names)  # noqa: S102 (the README is ours)
    assert [item["parcelId"] for item in names["page"].items] == ["p1"]


def with_client(client: Any) -> Any:
    """The store, talking to moto."""
    from functools import partial

    from shardwell.store import Store

    return partial(Store, client=client)


def test_the_readme_leads_to_every_page_and_every_decision() -> None:
    linked = set(re.findall(r"\]\((docs/[^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    pages = {
        path.relative_to(ROOT).as_posix()
        for folder in ("", "decisions")
        for path in (ROOT / "docs" / folder).glob("*.md")
    }
    assert pages - linked == set()


def test_the_readme_names_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert linked
    assert [path for path in linked if not (ROOT / path).exists()] == []
