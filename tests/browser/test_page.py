"""The page of a review in headless Chromium, from a file and with no network; its pictures go to .build/review."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operations.setup import ROOT
from review.__main__ import main
from review.build import review
from review.parts import every_part
from review.render import rendered
from tests.browser.conftest import PICTURES, Browser
from tests.unit.review.large import sizeable
from tests.unit.review.sides import reviewed, table, templates
from tests.unit.review.specimen import specimen
from tests.unit.review.specimen_changes import ALL, HOSTILE

pytestmark = pytest.mark.heavy
Seen = dict[str, Any]


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Seen]:
    """Opens a page by its text, and keeps its pictures by a name."""

    def opened(name: str, text: str) -> Seen:
        page = tmp_path_factory.mktemp(name) / "review.html"
        page.write_text(text, encoding="utf-8")
        return browser.sees(page, PICTURES / name)

    return opened


@pytest.fixture(scope="module")
def seen(opened: Callable[[str, str], Seen]) -> Seen:
    """The page of the specimen, which has something of everything, hostile markup too."""
    return opened("specimen", rendered(specimen(), "html"))


def test_it_opens_from_a_file_and_asks_for_nothing(seen: Seen) -> None:
    assert seen["title"] == "Template review: blocked"
    assert seen["requests"] == []
    assert seen["errors"] == []


def test_hostile_markup_is_only_text(seen: Seen) -> None:
    assert "<img src=x onerror=" in "".join(row["title"] for row in seen["all"])
    assert seen["titleAtEnd"] == "Template review: blocked"
    assert seen["strangers"] == {"scripts": 1, "images": 0, "handlers": 0}


def test_a_script_that_comes_into_the_page_all_the_same_does_not_run(seen: Seen) -> None:
    assert seen["blockedByPolicy"] == "Template review: blocked"


def test_search_finds_what_is_in_closed_entries_too(seen: Seen) -> None:
    assert [row["title"] for row in seen["found"]] == ["Fn"]
    assert seen["cleared"] == len(seen["all"])


def test_filters_leave_what_has_the_verdict_and_is_in_the_stage(seen: Seen) -> None:
    dangers = [row for row in seen["all"] if row["verdict"] == "danger"]
    assert 0 < len(dangers) < len(seen["all"])
    assert seen["dangers"] == dangers
    assert seen["dangersOfFirst"] == [row for row in dangers if "0" in row["stages"].split()]
    assert seen["unfiltered"] == len(seen["all"])


def test_all_is_opened_and_closed_at_once(seen: Seen) -> None:
    assert seen["expanded"] > 5
    assert seen["collapsed"] == 0


def test_the_keyboard_does_all_of_it(seen: Seen) -> None:
    assert seen["keys"] == [0, 1, 2, 1, 0]
    assert (seen["entered"], seen["escaped"], seen["right"], seen["left"]) == (1, 0, 1, 0)
    assert (seen["slash"], seen["typed"]) == ("search", "/j")
    assert seen["outline"] == "solid"


def test_light_and_dark_follow_the_reader_and_the_button(seen: Seen) -> None:
    assert seen["light"] != seen["dark"]
    assert seen["toggled"] == seen["dark"]
    assert seen["toggledBack"] == seen["light"]


def test_it_fits_a_phone_closed_and_opened(seen: Seen) -> None:
    assert (seen["phoneOverflow"], seen["phoneOverflowOpen"]) == (0, 0)


def test_it_is_printed_opened_and_without_its_buttons(seen: Seen) -> None:
    assert seen["printedTools"] is False
    assert seen["printedOpen"] == seen["expanded"]
    assert seen["afterPrint"] == seen["collapsed"]


def test_it_is_read_without_javascript_too(seen: Seen) -> None:
    assert seen["withoutScript"] is True


def test_its_stages_are_there_to_filter_by(seen: Seen) -> None:
    assert seen["stages"] == list(ALL)
    assert seen["tableSeen"] == 1


def test_pictures_are_kept_to_be_looked_at(seen: Seen) -> None:
    names = {"desktop-light", "desktop-dark", "desktop-open", "phone-light", "phone-open"}
    assert all((PICTURES / "specimen" / f"{name}.png").stat().st_size > 10_000 for name in names)


def test_a_hostile_template_is_reviewed_and_shown_without_harm(opened: Callable[[str, str], Seen]) -> None:
    before = {HOSTILE: table(), "T": table()}
    after = {HOSTILE: {"Type": HOSTILE, "Properties": {HOSTILE: HOSTILE}}, "T": table(TableName=HOSTILE)}
    seen = opened("hostile", rendered(reviewed(before, after, stage=HOSTILE, parts=every_part()), "html"))
    assert (seen["errors"], seen["requests"]) == ([], [])
    assert seen["strangers"] == {"scripts": 1, "images": 0, "handlers": 0}
    assert seen["titleAtEnd"] == seen["title"]
    assert (seen["phoneOverflow"], seen["phoneOverflowOpen"]) == (0, 0)


def test_300_resources_in_4_stages_are_used_like_any_other(opened: Callable[[str, str], Seen], tmp_path: Path) -> None:
    sides = [templates(sizeable(300, changed=changed)) for changed in (False, True)]
    seen = opened("large", rendered(review(*sides, every_part()), "html"))
    assert (seen["errors"], seen["requests"]) == ([], [])
    assert len(seen["all"]) >= 300
    assert seen["phoneOverflow"] == 0


def test_the_reviewers_page_has_pictures_of_a_review(
    opened: Callable[[str, str], Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PICTURES / "gallery.html"
    monkeypatch.chdir(ROOT / "tests" / "gallery" / "templates" / "change_two_indexes")
    assert main(["--base", "before", "--head", "after", "--format", "html", "--out", str(page)]) == 2
    assert opened("gallery", page.read_text(encoding="utf-8"))["errors"] == []
    for shown in ("desktop-light", "desktop-dark", "phone-light"):
        made, kept = PICTURES / "gallery" / f"{shown}.png", ROOT / "docs" / "images" / f"review-{shown}.png"
        if os.environ.get("RENEW_PICTURES"):
            kept.parent.mkdir(exist_ok=True)
            shutil.copy(made, kept)
        # Of the same page, not of the same pixels: those are the browser's.
        assert _size(made) == pytest.approx(_size(kept), rel=0.05)


def _size(picture: Path) -> tuple[int, int]:
    """Width and height, as the header of a PNG says them."""
    content = picture.read_bytes()
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
