"""Reviews and templates of any size, for what has to hold whatever the size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from review.model import Kind, PropertyChange, Review, Staged, Verdict
from tests.unit.review.specimen import specimen
from tests.unit.review.specimen_changes import change, reason, staged

STAGES = ("local", "dev", "staging", "prod")


def many(count: int, *, length: int = 80, alike: bool = True) -> Review:
    """A review of so many changes, of every verdict in turn, in all stages alike or each in its own."""
    groups: list[Staged[Any]] = []
    for number in range(count):
        verdict = Verdict(number % 4)
        one = change(
            f"Resource{number:05}",
            Kind.CHANGED,
            verdict,
            properties=tuple(
                PropertyChange(path=("Settings", f"Name{at}"), before="a " * length, after="b " * length)
                for at in range(3)
            ),
            reasons=(reason("changed", f"resource {number} is {'changed ' * 8}", verdict),),
        )
        if alike:
            groups.append(staged(one, STAGES))
        else:
            groups += [staged(replace(one, stage=stage), (stage,)) for stage in STAGES]
    changes = tuple(item for group in groups for item in group.same)
    return replace(specimen(), changes=changes, groups=tuple(groups), tables=())


def write_snapshots(folder: Path, templates: Mapping[tuple[str, str], Any]) -> Path:
    """The templates as a folder of snapshots."""
    for (stage, stack), body in templates.items():
        file = folder / stage / f"{stack}.template.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    return folder


def sizeable(resources: int, *, changed: bool) -> dict[tuple[str, str], Any]:
    """Four stages of a stack with so many resources of several types, each of which is another when `changed`."""
    kinds = ("AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::IAM::Role", "AWS::SNS::Topic")
    mark = "after" if changed else "before"

    def resource(number: int, stage: str) -> dict[str, Any]:
        kind = kinds[number % len(kinds)]
        given: dict[str, Any] = {"Tags": [{"Key": "mark", "Value": f"{mark} in {stage}"}]}
        if kind.endswith("Table"):
            given["KeySchema"] = [{"AttributeName": mark, "KeyType": "HASH"}]
            given["AttributeDefinitions"] = [{"AttributeName": mark, "AttributeType": "S"}]
        if kind.endswith("Function"):
            given |= {"Timeout": 9 if changed else 3, "Environment": {"Variables": {f"V{at}": mark for at in range(9)}}}
        if kind.endswith("Role"):
            statement = {"Effect": "Allow", "Action": f"sqs:{mark}*", "Resource": "*"}
            given["Policies"] = [{"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}]
        path = {"aws:cdk:path": f"{stage}/Stack/Resource{number}/Resource"}
        return {"Type": kind, "Properties": given, "Metadata": path}

    return {
        (stage, "stack"): {"Resources": {f"Resource{number}": resource(number, stage) for number in range(resources)}}
        for stage in STAGES
    }
