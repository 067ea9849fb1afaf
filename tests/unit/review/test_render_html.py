"""The page: nothing in it comes from elsewhere, and nothing of a template is more than a text in it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from review.build import review
from review.model import Review
from review.parts import every_part
from review.render import rendered
from review.render_html import ASSETS
from tests.unit.review.large import many, sizeable
from tests.unit.review.sides import reviewed, table, templates
from tests.unit.review.specimen import specimen
from tests.unit.review.specimen_changes import HOSTILE

MOST_BYTES = 2_000_000
VOID = {"meta", "input", "br", "wbr", "link", "img"}
DRAWN = {"svg", "symbol", "path", "use", "rect", "text", "g"}
# fmt: off
OTHERS = {
    "html", "head", "title", "style", "body", "header", "main", "section", "div", "span", "h1", "h2", "code",
    "p", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "dl", "dt", "dd",
    "pre", "strong", "footer", "button", "kbd", "script"
}
# fmt: on
KNOWN = (VOID - {"link", "img"}) | DRAWN | OTHERS


class Page(HTMLParser):
    """What a browser would find: the elements, their attributes, and whether each one is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


REVIEWS = {
    "specimen": specimen(),
    "many": many(30),
    "nothing": reviewed({"T": table()}, {"T": table()}),
    "hostile": reviewed(
        {HOSTILE: table(), "T": table()},
        {HOSTILE: {"Type": HOSTILE, "Properties": {HOSTILE: HOSTILE}}, "T": table(TableName=HOSTILE, Tags=[HOSTILE])},
        stage=HOSTILE,
        parts=every_part(),
    ),
}


@pytest.fixture(params=list(REVIEWS))
def page(request: pytest.FixtureRequest) -> Page:
    """The page of each review."""
    return Page(rendered(REVIEWS[request.param], "html"))


def test_every_element_is_one_of_ours_and_is_closed(page: Page) -> None:
    assert {tag for tag, _ in page.found} <= KNOWN
    assert (page.wrong, page.open) == ([], [])
    assert [tag for tag, _ in page.found].count("script") == 1


def test_no_element_runs_or_asks_for_anything(page: Page) -> None:
    for tag, given in page.found:
        assert not [name for name in given if name.startswith("on") or name in ("src", "srcset", "style", "action")]
        assert given.get("href") is None or (tag == "use" and str(given["href"]).startswith("#"))


def test_no_address_is_in_style_or_script() -> None:
    for asset in ("review.css", "review.js"):
        assert not re.search(r"url\(|@import|https?:|fetch|XMLHttp|innerHTML|eval", (ASSETS / asset).read_text("utf-8"))


def test_the_policy_allows_its_own_style_and_script_and_nothing_else() -> None:
    text = rendered(specimen(), "html")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    parts = dict(part.strip().split(" ", 1) for part in policy[1].split(";"))
    assert parts["default-src"] == "'none'"
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        inline = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert inline is not None
        digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
        assert parts[name] == f"'sha256-{digest}'"


def test_stages_are_columns_and_say_what_happens_in_each() -> None:
    row = re.search(r'<details class="row v-danger".*?</summary>', rendered(specimen(), "html"), re.DOTALL)
    assert row is not None
    cells = re.findall(r'class="cell( on)?"', row[0])
    assert cells == ["", "", " on"]
    assert "only prod" in row[0]


def test_there_is_an_entry_for_each_change_and_what_it_is_found_by() -> None:
    found = Page(rendered(many(300), "html")).found
    rows = [given for _, given in found if "row" in (given.get("class") or "").split()]
    assert len(rows) >= 300
    assert {given["data-verdict"] for given in rows} == {"harmless", "look", "danger", "blocked"}


@pytest.mark.parametrize(("alike", "length"), [(True, 10), (True, 2000), (False, 10), (False, 2000)])
def test_300_resources_in_4_stages_are_a_page_of_less_than_2_mb(alike: bool, length: int) -> None:
    text = rendered(many(300, alike=alike, length=length), "html")
    assert len(text.encode()) < MOST_BYTES
    assert text.count('<span class="title">Resource') >= 300


def test_a_real_review_of_that_size_is_one_too() -> None:
    sides = [templates(sizeable(300, changed=changed)) for changed in (False, True)]
    text = rendered(review(*sides, every_part()), "html")
    assert len(text.encode()) < MOST_BYTES


def test_a_table_has_the_verdict_of_its_change() -> None:
    tables = re.search(r'<section id="tables".*?</section>', rendered(specimen(), "html"), re.DOTALL)
    assert tables is not None
    assert re.findall(r'data-verdict="(\w+)"', tables[0]) == ["blocked"]


def test_pictures_are_left_out_where_there_are_too_many() -> None:
    (group,) = specimen().tables
    large = replace(group, item=replace(group.item, svg=f"<svg>{' ' * 150_000}</svg>"))
    text = rendered(replace(specimen(), tables=(large,) * 9), "html")
    assert text.count('class="picture"') == 2
    assert len(text.encode()) < MOST_BYTES


def test_a_value_is_cut_in_the_middle_and_an_entry_is_shown() -> None:
    topic: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "x" * 3000}}
    text = rendered(reviewed({"A": {"Type": "AWS::SNS::Topic"}}, {"A": topic, "B": topic}), "html")
    assert "&quot;Type&quot;: &quot;AWS::SNS::Topic&quot;" in text
    assert max(len(code) for code in re.findall(r"<code>(.*?)</code>", text)) < 700


def test_a_review_without_stages_is_a_page() -> None:
    empty: Review = replace(specimen(), stages=(), groups=(), changes=(), tables=(), access=(), coverage=())
    assert not Page(rendered(empty, "html")).wrong
