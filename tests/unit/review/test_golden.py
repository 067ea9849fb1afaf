"""Each format of a review that has something of everything, as it is kept and as it must always be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from review.model import Review, Verdict
from review.render import FORMATS, rendered
from tests.unit.review.renew import golden, kept
from tests.unit.review.specimen import specimen
from tests.unit.review.specimen_changes import LEAKS, SECRETS

NOTHING = replace(
    specimen(),
    verdict=Verdict.HARMLESS,
    changes=(),
    groups=(),
    access=(),
    findings=(),
    stray_alarms=(),
    coverage=(),
    tables=(),
    problems=(),
    acknowledgements=(),
    stacks=(),
    cost=None,
)


@pytest.mark.parametrize("form", list(FORMATS))
def test_a_rendering_is_the_one_that_is_kept(form: str) -> None:
    said = "run `python -m tests.unit.review.renew`, and review what changes"
    assert kept(form) == golden(form).read_text(encoding="utf-8"), said


@pytest.mark.parametrize("form", list(FORMATS))
def test_no_secret_is_in_any_format(form: str) -> None:
    text = rendered(specimen(), form)
    assert [leak for leak in LEAKS if leak in text] == []
    assert "masked" in text


def test_the_specimen_holds_every_secret_that_must_not_be_shown() -> None:
    everything = repr(specimen())
    assert [leak for leak in LEAKS if leak not in everything] == []
    assert all(any(leak in secret for leak in LEAKS) for secret in SECRETS.values())


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_verdict_and_every_name_is_in_every_format(form: str) -> None:
    text = rendered(specimen(), form)
    for name in ("Visits", "Sales", "Archive2", "Topic", "Queue", "QueuePolicy", "E3012", "Throttled"):
        assert name in text, name
    for word in ("error", "warning") if form == "sarif" else ("blocked", "danger", "look", "harmless"):
        assert word in text


@pytest.mark.parametrize("form", ["terminal", "markdown", "html", "sarif"])
def test_nothing_that_steers_a_screen_or_turns_text_around_gets_out(form: str) -> None:
    text = rendered(specimen(), form)
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("form", list(FORMATS))
def test_a_rendering_is_the_same_each_time(form: str) -> None:
    assert rendered(specimen(), form) == rendered(specimen(), form)


def test_nothing_is_one_line_that_says_how_much_is_hidden() -> None:
    quiet: Review = replace(NOTHING, hidden=())
    assert rendered(quiet, "terminal") == "✓ harmless  nothing changes in dev, staging, prod\n"
    assert rendered(NOTHING, "terminal").count("\n") == 1
    assert "15 hidden" in rendered(NOTHING, "terminal")
