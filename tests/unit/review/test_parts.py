"""All parts of a review together, over this repository's own templates."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from review.build import review
from review.model import Mark, Review, Verdict
from review.parts import every_part
from review.sources import of_folder
from review.tables import tables_described
from review.templates import Templates
from tests.unit.review.sides import templates

SNAPSHOTS = Path(__file__).parents[2] / "snapshots"
BASE = of_folder("base", SNAPSHOTS)


def after(change: Callable[[dict[str, Any]], None]) -> Review:
    """The review of a change that is made to the sales table's stack in every stage."""
    bodies = {key: copy.deepcopy(dict(template.body)) for key, template in BASE.stacks.items()}
    for (_, stack), body in bodies.items():
        if stack == "sales-intelligence":
            change(body["Resources"])
    head: Templates = templates(bodies, "head")
    return review(BASE, head, every_part(descriptions=tables_described(["sales_intelligence.tables"])))


def the(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    """The properties of the first resource of a type."""
    found: dict[str, Any] = next(each for each in resources.values() if each["Type"] == kind)["Properties"]
    return found


def test_the_same_templates_are_harmless() -> None:
    result = after(lambda _: None)
    assert result.verdict is Verdict.HARMLESS
    assert (result.access, result.tables, result.stray_alarms, result.findings) == ((), (), (), ())
    assert {each.item.mark for each in result.coverage} == {Mark.SAME}


def test_an_index_that_goes_is_told_by_every_part_that_it_touches() -> None:
    def drop(resources: dict[str, Any]) -> None:
        table = the(resources, "AWS::DynamoDB::GlobalTable")
        indexes = table["GlobalSecondaryIndexes"]
        table["GlobalSecondaryIndexes"] = [each for each in indexes if each["IndexName"] != "GSI2"]

    result = after(drop)
    assert result.verdict is Verdict.DANGER
    assert {stage for each in result.tables for stage in each.stages} == {"local", "dev", "staging", "prod"}
    (gone,) = [key for key in result.tables[0].item.keys if key.mark is Mark.REMOVED]
    assert (gone.index, gone.shards) == ("GSI2", 5)
    assert {stage for each in result.stray_alarms for stage in each.stages} == {"staging", "prod"}
    assert {each.item.watches.split("/")[1] for each in result.stray_alarms} == {"GSI2"}


def test_a_policy_that_widens_is_said_once_for_all_stages() -> None:
    def widen(resources: dict[str, Any]) -> None:
        for each in resources.values():
            for statement in each.get("Properties", {}).get("PolicyDocument", {}).get("Statement", ()):
                if "dynamodb:PutItem" in statement["Action"]:
                    statement["Action"] = "dynamodb:*"

    result = after(widen)
    assert result.verdict is Verdict.DANGER
    assert {each.stages for each in result.access} == {("local", "dev", "staging", "prod")}
    assert all("dynamodb:DeleteTable" in each.item.actions for each in result.access)


def test_a_route_without_its_authorizer_is_a_danger() -> None:
    def open_route(resources: dict[str, Any]) -> None:
        the(resources, "AWS::ApiGatewayV2::Route").pop("AuthorizationType")

    result = after(open_route)
    (group,) = result.groups
    assert "public-access" in {reason.rule for reason in group.item.reasons}
    assert (group.item.verdict, len(group.stages)) == (Verdict.DANGER, 4)
