"""SARIF that holds to the schema of OASIS (schemas/sarif-2.1.0.json), and says the same of the same change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from review.model import Review
from review.render import rendered
from review.render_sarif import FINGERPRINT, MOST_RESULTS
from tests.unit.review.large import many
from tests.unit.review.renew import FILES
from tests.unit.review.sides import reviewed, table
from tests.unit.review.specimen import specimen

VALIDATOR = jsonschema_rs.validator_for(
    json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
)


def run(review: Review) -> dict[str, Any]:
    """The one run of its log."""
    log = json.loads(rendered(review, "sarif", FILES))
    VALIDATOR.validate(log)
    (found,) = log["runs"]
    return found


def of(review: Review, rule: str) -> list[dict[str, Any]]:
    """The results of a rule."""
    return [result for result in run(review)["results"] if result["ruleId"] == rule]


@pytest.mark.parametrize(
    "review", [specimen(), many(30), reviewed({"T": table()}, {"T": table()})], ids=["specimen", "many", "nothing"]
)
def test_it_holds_to_the_schema(review: Review) -> None:
    assert run(review)["properties"]["verdict"] == review.verdict.word


def test_what_does_not_hold_to_the_schema_is_caught() -> None:
    log = json.loads(rendered(specimen(), "sarif"))
    log["runs"][0]["results"][0]["level"] = "danger"
    assert not VALIDATOR.is_valid(log)


def test_every_rule_of_a_result_is_described_once() -> None:
    found = run(specimen())
    rules = found["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in found["results"])


def test_a_result_is_at_its_template_and_its_resource() -> None:
    (result,) = of(specimen(), "data-lost")
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "tests/snapshots/prod/sales.template.json"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "prod/sales/Sales"
    assert (result["level"], location["logicalLocations"][0]["kind"]) == ("error", "resource")


def test_what_is_acknowledged_is_suppressed_with_its_reason() -> None:
    (result,) = of(specimen(), "renamed")
    assert result["suppressions"][0]["justification"] == "the bucket is empty (until 2030-01-31)"
    assert "suppressions" not in of(specimen(), "data-lost")[0]


def test_findings_that_were_there_before_are_not_told_again() -> None:
    assert of(specimen(), "E3012")
    assert not of(specimen(), "W3005")


def test_a_fingerprint_stays_when_other_things_change_and_not_when_the_change_does() -> None:
    def fingerprint(review: Review) -> str:
        return str(of(review, "data-lost")[0]["partialFingerprints"][FINGERPRINT])

    first = specimen()
    kept = first.groups[1:3]
    fewer = replace(first, groups=kept, changes=tuple(item for group in kept for item in group.same), access=())
    assert fingerprint(first) == fingerprint(fewer)
    (item,) = first.groups[1].same
    other = replace(item, digest="f" * 16)
    group = replace(first.groups[1], item=other, same=(other,))
    assert fingerprint(first) != fingerprint(replace(first, groups=(group,), changes=(other,)))


def test_fingerprints_tell_results_apart() -> None:
    prints = [result["partialFingerprints"][FINGERPRINT] for result in run(specimen())["results"]]
    assert len(set(prints)) == len(prints)


def test_no_more_results_than_are_taken_the_worst_first() -> None:
    found = run(many(MOST_RESULTS // 4 + 10))
    assert len(found["results"]) == MOST_RESULTS
    assert found["properties"]["leftOut"] > 0
    levels = [result["level"] for result in found["results"]]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
