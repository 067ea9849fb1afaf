"""What a terminal and a comment have room for: what is left out is detail, and never a verdict."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from review.markdown_text import cell, code, plain
from review.model import Verdict
from review.render import coloured, rendered
from review.render_markdown import MARKER, MOST, markdown
from review.render_terminal import WIDTH
from review.wording import SYMBOLS, printable, shortened, sum_text, tally
from tests.unit.review.large import STAGES, many
from tests.unit.review.specimen import specimen
from tests.unit.review.specimen_changes import HOSTILE


@pytest.mark.parametrize("review", [specimen(), many(300), many(300, alike=False)], ids=["specimen", "alike", "apart"])
def test_a_terminal_of_100_columns_is_wide_enough(review: object) -> None:
    lines = rendered(review, "terminal").splitlines()
    assert max(map(len, lines)) <= WIDTH


def test_a_terminal_without_colours_gets_none_and_says_the_same() -> None:
    plain_text, colours = rendered(specimen(), "terminal"), coloured(specimen(), WIDTH)
    assert "\x1b[" in colours
    without = re.sub(r"\x1b\[[0-9;]*m", "", colours)
    assert [line.rstrip() for line in without.splitlines()] == plain_text.splitlines()


def test_the_summary_is_before_the_detail_and_the_worst_is_first() -> None:
    text = rendered(specimen(), "terminal")
    order = [
        text.index(word) for word in ("9 changes", "staging", "1 blocked ─", "2 danger ─", "5 look ─", "1 harmless ─")
    ]
    assert order == sorted(order)


def test_each_verdict_has_a_symbol_and_a_word_of_its_own() -> None:
    assert len(set(SYMBOLS.values())) == len(Verdict)
    assert all(f"{SYMBOLS[verdict]} {verdict.word}" in rendered(specimen(), "terminal") for verdict in Verdict)


@pytest.mark.parametrize("count", [1, 40, 300, 800])
@pytest.mark.parametrize("alike", [True, False])
def test_a_comment_is_never_too_long_and_keeps_every_verdict(count: int, alike: bool) -> None:
    review = many(count, length=300, alike=alike)
    text = rendered(review, "markdown")
    assert len(text) <= MOST
    assert text.startswith(f"{MARKER}\n")
    for stage in review.stages:
        assert f"{stage.stage}** |" in text or f"| {stage.stage} |" in text
    for verdict, found in tally(review.groups):
        assert not found or f"**{SYMBOLS[verdict]} {found} {verdict.word}**" in text


@pytest.mark.parametrize("most", [12_000, 6_000, 4_000, 2_500, 1_800, 1_200])
def test_a_shorter_comment_closes_what_it_opens_and_says_that_it_is_shorter(most: int) -> None:
    text = markdown(specimen(), most)
    assert len(text) <= most
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    assert "✖ blocked" in text
    assert ("Shortened" in text or "too long" in text) == (len(markdown(specimen())) > most)


def test_dangers_are_told_when_harmless_things_are_only_counted() -> None:
    text = rendered(many(1200, length=10), "markdown")
    assert "`Resource00002`" in text
    assert "`Resource00000`" not in text


def test_names_that_are_very_long_do_not_break_the_limit() -> None:
    first = specimen()
    stages = tuple(replace(first.stages[0], stage=f"stage-{number}-{'x' * 60}") for number in range(900))
    text = markdown(replace(first, stages=stages))
    assert len(text) <= MOST
    assert "too long for a comment" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>", "\\<b\\>"),
        ("@team and #12", "@\u200bteam and #\u200b12"),
        ("http://x", "http\\://x"),
        ("www.x.org", "www\u200b.x.org"),
        ("a*b_c`d[e](f)", "a\\*b\\_c\\`d\\[e\\](f)"),
        ("a\n# b", "a⏎# b"),
        (":tada:", "\\:tada:"),
    ],
)
def test_a_text_is_no_markup_no_mention_and_no_link_in_a_comment(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("text", ["`", "``", "a`b", "`a", "a|b", "", HOSTILE])
def test_code_is_closed_where_it_ends(text: str) -> None:
    found = code(text)
    fence = re.match(r"`+", found)
    assert fence is not None
    assert found.endswith(fence[0])
    assert fence[0] not in re.sub(rf"^{fence[0]}|{fence[0]}$", "", found)
    assert not re.search(r"(?<!\\)\|", cell(found))


def test_a_mention_in_a_comment_is_only_in_code() -> None:
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", rendered(specimen(), "markdown"))
    assert "@team" not in outside
    assert not re.search(r"(?<!\\)<(?!/?(details|summary|sub)\b|!-- shardwell-review --)", outside)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[2Jb", "a\\u001b[2Jb"), ("a\u202eb", "a\\u202eb"), ("a\nb", "a⏎b"), ("\ud800", "\\ud800")],
)
def test_what_steers_a_screen_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = shortened("abc" * 100 + "xyz", 30)
    assert (len(text), text[:3], text[-3:]) == (30, "abc", "xyz")


def test_a_stage_that_only_production_has_stands_out() -> None:
    assert "only prod" in rendered(specimen(), "terminal")
    assert "**only prod**" in rendered(specimen(), "markdown")
    assert STAGES[-1] == "prod"


def test_a_sum_of_which_nothing_is_known_is_no_zero() -> None:
    assert sum_text(Decimal(0), 3, "USD") == "unknown"
    assert sum_text(Decimal(0), 0, "USD") == "0.00 USD"
    assert sum_text(Decimal("1.5"), 3, "USD") == "1.50 USD"
