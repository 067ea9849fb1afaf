"""The page of Carousel sync: the tests it names exist, its alarms and figures are the stack's, its picture is sound."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatchcase
from functools import cache
from typing import Any
from xml.etree import ElementTree

import aws_cdk as cdk
import pytest

from carousel_sync.embedding import MOST_DIMENSIONS
from carousel_sync.outcomes import OUTCOMES
from carousel_sync.sweep import DAYS_BACK
from shardwell.lake_metric import LAG, ROWS
from tests.unit.constructs.made import found, resources
from tests.unit.docs.blocks import ROOT
from tests.unit.stacks.deployed import stacks_of

DOCS = ROOT / "docs"
TEXT = (DOCS / "carousel-sync.md").read_text(encoding="utf-8")
SVG = "{http://www.w3.org/2000/svg}"

ASKED = (
    "poison message",
    "unknown tenant",
    "oversize event",
    "NaN in an embedding",
    "wrong dimension",
    "date in the future by years",
    "EventBridge entry over 256 KB",
    "S3 down for minutes",
    "catalog down for minutes",
    "clock skew",
)
"""The failures that the page has to tell of, whatever else it does."""


def section(title: str) -> str:
    """What stands under a heading of the second order."""
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of the tables in a text, their heads left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| failure |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


FAILURES = rows(section("What happens at each failure"))


@cache
def cases_in(path: str) -> frozenset[str]:
    """The tests of a file, at its top or in a class."""
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def prod() -> cdk.Stack:
    return stacks_of("prod")["CarouselSync"]


@cache
def alarms() -> tuple[str, ...]:
    """The names of the stack's alarms, without what all have in common."""
    names = [one["AlarmName"] for one in resources(prod(), "AWS::CloudWatch::Alarm")]
    return tuple(name.removeprefix("shardwell-prod-carousel-sync-").removesuffix("-Warning") for name in names)


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row[0].split("**")[1])
def test_a_failure_is_told_of_in_full_and_shown_by_tests_that_exist(row: list[str]) -> None:
    assert len(row) == 6
    assert all(row)
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[5])
    assert named
    assert re.sub(r"`[^`]+`", "", row[5]).strip() == ""
    assert [f"{path}::{name}" for path, name in named if name not in cases_in(path)] == []


@pytest.mark.parametrize("failure", ASKED)
def test_every_failure_that_is_asked_for_has_one_row(failure: str) -> None:
    assert len([row for row in FAILURES if row[0].startswith(f"**{failure}**")]) == 1


def test_the_alarms_are_those_of_the_stack() -> None:
    patterns = [pattern for row in rows(section("When an alarm rings")) for pattern in re.findall(r"`([^`]+)`", row[0])]
    assert {name for name in alarms() if sum(fnmatchcase(name, one) for one in patterns) != 1} == set()
    assert [one for one in patterns if not any(fnmatchcase(name, one) for name in alarms())] == []


def test_who_hears_of_a_failure_is_an_alarm_or_a_metric_that_there_is() -> None:
    for row in FAILURES:
        for told in re.findall(r"`([A-Z][\w-]*)`", row[3]):
            if told not in {*(one.capitalize() for one in OUTCOMES), LAG, ROWS, "Failures"}:
                assert any(name == told or name.startswith(f"{told}-") for name in alarms()), told


def test_the_figures_are_those_of_the_stack() -> None:
    values = {row[0]: row[1] for row in rows(section("Settings"))}
    mappings = resources(prod(), "AWS::Lambda::EventSourceMapping")
    of_queue = next(one for one in mappings if "ScalingConfig" in one)
    of_stream = next(one for one in mappings if "ScalingConfig" not in one)
    queue = next(one for one in resources(prod(), "AWS::SQS::Queue") if one.get("RedrivePolicy"))
    functions = found(prod(), "AWS::Lambda::Function").values()
    environments: list[Any] = [one["Properties"].get("Environment", {}).get("Variables", {}) for one in functions]
    commit = next(one for one in environments if "COMMIT_BYTES" in one)
    window, attempts = of_queue["MaximumBatchingWindowInSeconds"], queue["RedrivePolicy"]["maxReceiveCount"]
    assert values["messages in a batch"] == f"{of_queue['BatchSize']:,}, or those of {window} s"
    assert values["calls of sync at a time"] == f"{of_queue['ScalingConfig']['MaximumConcurrency']}"
    assert values["attempts at a message"].startswith(f"{attempts}, each {queue['VisibilityTimeout']} s after")
    stream_window = of_stream["MaximumBatchingWindowInSeconds"]
    assert values["changes in a batch"] == f"{of_stream['BatchSize']:,}, or those of {stream_window} s"
    hours = of_stream["MaximumRecordAgeInSeconds"] // 3_600
    assert values["attempts at a change"] == f"{of_stream['MaximumRetryAttempts']} retries within {hours} hours"
    megabytes = int(commit["COMMIT_BYTES"]) // 1024**2
    assert values["a commit is due"].startswith(f"after {commit['COMMIT_AFTER_SECONDS']} s or at {megabytes} MB;")
    bucket = next(one for one in resources(prod(), "AWS::S3::Bucket") if "LifecycleConfiguration" in one)
    days = {one["Id"]: one.get("ExpirationInDays") for one in bucket["LifecycleConfiguration"]["Rules"]}
    assert values["vectors are kept"].startswith(f"{days['old-vectors']} days")
    assert f"from 1 to {MOST_DIMENSIONS:,}" in values["numbers in an embedding"]
    assert f"after {DAYS_BACK} days" in TEXT


def test_the_links_of_the_page_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT)
    assert len(links) >= 8
    assert [link for link in links if not (DOCS / link).exists()] == []


def test_the_picture_says_what_it_is_stays_within_its_paper_and_fetches_nothing() -> None:
    drawn = (DOCS / "carousel-sync.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(drawn)  # noqa: S314 (ours)
    assert root.attrib["aria-label"]
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    paper = next(node for node in root.iter(f"{SVG}rect") if node.attrib.get("class") == "paper")
    # Text is dark and stands on paper of its own: so it can be read on a dark page too.
    assert (float(paper.attrib["width"]), float(paper.attrib["height"])) == (width, height)
    for node in root.iter():
        if "x" in node.attrib:
            assert 0 <= float(node.attrib["x"]) + float(node.attrib.get("width", 0)) <= width
            assert 0 <= float(node.attrib["y"]) + float(node.attrib.get("height", 0)) <= height
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_the_picture_has_every_function_and_queue_of_the_flow() -> None:
    root = ElementTree.parse(DOCS / "carousel-sync.svg").getroot()  # noqa: S314 (ours)
    titles = {node.text for node in root.iter(f"{SVG}text") if node.attrib.get("class") == "title"}
    assert titles >= {"sync", "stage", "commit", "Queue", "Undelivered", "Dead letters", "Skipped", "Staged files"}
