"""The page of delivery names what is there: files, workflows, roles, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from operations.docs.pages import ROOT
from stacks.delivery import BOOTSTRAP_ROLES, DELIVERED
from tests.unit.workflows.workflow import text_of

PAGES = (ROOT / "docs" / "delivery.md", ROOT / "docs" / "decisions" / "0014-delivery.md")
TEXT = PAGES[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not page.parent.joinpath(link).exists()] == []


def test_the_environments_are_the_stages() -> None:
    assert f"Make the environments {', '.join(f'`{name}`' for name in list(DELIVERED)[:-1])} and `prod`" in TEXT


def test_the_roles_are_those_that_may_be_assumed() -> None:
    assert BOOTSTRAP_ROLES == ("deploy", "file-publishing")
    assert "assume the deployment role and the\nfile-publishing role of the bootstrap" in TEXT


def test_an_assembly_is_kept_as_long_as_the_page_says() -> None:
    [days] = re.findall(r"retention-days: (\d+)", text_of("deploy"))
    assert f"for {days} days" in TEXT


def test_every_target_of_make_is_one() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z-]+)`", TEXT))
    assert targets
    assert [target for target in targets if f"\n{target}:" not in makefile] == []
