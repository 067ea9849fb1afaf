"""Another team has the two wheels and nothing else of this repository: it builds, deploys and reads its own."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from operations.setup import LIBRARIES, ROOT
from operations.wheels import build_wheels
from tests.reuse.conftest import PAGE, UNREACHABLE, Team
from tests.unit.docs.blocks import blocks

pytestmark = pytest.mark.heavy


def test_a_wheel_holds_its_library_and_no_system(tmp_path: Path) -> None:
    held = {wheel.name.split("-")[0]: zipfile.ZipFile(wheel).namelist() for wheel in build_wheels(tmp_path)}
    assert sorted(held) == ["shardwell", "shardwell_cdk", "shardwell_review"]
    del held["shardwell_review"]  # test_review_wheel.py
    for library, names in held.items():
        own = [name for name in names if not name.split("/")[0].endswith(".dist-info")]
        assert {name.split("/")[0] for name in own} == {library}
        assert f"{library}/py.typed" in own
        assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
        folder = next(path / library for path in LIBRARIES if (path / library).is_dir())
        sources = {path.relative_to(folder.parent).as_posix() for path in folder.rglob("*.py")}
        assert sources == {name for name in own if name.endswith(".py")}


def test_a_wheel_tells_of_no_system(tmp_path: Path) -> None:
    """Its extras are for other teams; what our bundles need is in dependency groups, which wheels leave out."""
    extras = {}
    for wheel in build_wheels(tmp_path):
        archive = zipfile.ZipFile(wheel)
        [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        lines = archive.read(metadata).decode().partition("\n\n")[0].splitlines()
        extras[wheel.name.split("-")[0]] = [line for line in lines if line.startswith("Provides-Extra")]
    assert extras == {
        "shardwell": ["Provides-Extra: http"],
        "shardwell_cdk": [],
        "shardwell_review": ["Provides-Extra: lint"],
    }


def test_a_wheel_is_the_same_whenever_it_is_built(tmp_path: Path) -> None:
    once, again = ([wheel.read_bytes() for wheel in build_wheels(tmp_path / name)] for name in ("once", "again"))
    assert once == again


def test_nothing_of_this_repository_is_on_their_path(team: Team) -> None:
    code = """
import importlib.util, json, os, sys
import shardwell.store, shardwell.http_api, shardwell_cdk, shardwell_cdk.monitoring, shardwell_cdk.service_api
print(json.dumps({
    "path": [os.path.realpath(path) for path in sys.path],
    "files": sorted({m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)}),
    "ours": importlib.util.find_spec("sales_intelligence") is not None,
}))
"""
    found = json.loads(team.python("-c", code))
    assert [path for path in [*found["path"], *found["files"]] if Path(path).is_relative_to(ROOT)] == []
    assert any("/shardwell/store.py" in file for file in found["files"])
    assert not found["ours"]


def test_their_app_is_synthesized_and_its_functions_bundled(team: Team) -> None:
    commands = [one.text.strip() for one in blocks(PAGE) if one.language == "sh"]
    team.run("sh", "-euc", commands[1])
    out = team.folder / "cdk.out"
    template = json.loads((out / "Deliveries.template.json").read_text(encoding="utf-8"))
    assert found(template, "AWS::DynamoDB::GlobalTable").keys() == {"acme-prod-parcels", "acme-prod-days"}
    report = json.loads((out / "validation-report.json").read_text(encoding="utf-8"))
    assert [one for plugin in report["pluginReports"] for one in plugin["violations"]] == []
    assets = [path for path in out.iterdir() if path.name.startswith("asset.") and (path / "deliveries").is_dir()]
    [bundle] = assets
    for name in ("deliveries/api.py", "shardwell/store.py", "boto3", "aws_lambda_powertools", "botocore/data/dynamodb"):
        assert (bundle / name).exists(), f"{name} is not in the bundle"
    assert not (bundle / "sales_intelligence").exists()


def test_a_guard_rail_stops_their_careless_app(team: Team) -> None:
    source = (team.folder / "app.py").read_text(encoding="utf-8")
    (team.folder / "careless.py").write_text(source.replace("recovery_days=35", "recovery_days=None"), encoding="utf-8")
    unbundled = json.dumps({"aws:cdk:bundling-stacks": []})
    said = team.refused("careless.py", CDK_CONTEXT_JSON=unbundled, CDK_OUTDIR=str(team.folder / "careless.out"))
    assert "TableRecovery" in said


def test_the_table_that_the_store_reads_is_the_one_that_the_stack_makes(team: Team) -> None:
    template = json.loads((team.folder / "cdk.out" / "Deliveries.template.json").read_text(encoding="utf-8"))
    made = found(template, "AWS::DynamoDB::GlobalTable")["acme-prod-parcels"]
    code = """
import json
from deliveries.tables import PARCELS
from shardwell.creation import create_table_request
print(json.dumps(create_table_request(PARCELS, name=PARCELS.physical_name("prod"))))
"""
    asked = json.loads(team.python("-c", code))
    assert asked["KeySchema"] == made["KeySchema"]
    by_name = {index["IndexName"]: index["KeySchema"] for index in made["GlobalSecondaryIndexes"]}
    assert {index["IndexName"]: index["KeySchema"] for index in asked["GlobalSecondaryIndexes"]} == by_name


def test_they_write_and_read_their_table(team: Team, server: str) -> None:
    team.python("tests/test_deliveries.py", PYTHONPATH=str(team.folder), ENDPOINT=server)


def test_their_pipeline_runs(team: Team, server: str) -> None:
    code = """
from deliveries.tables import DAYS
from deliveries import nightly
nightly.handler({}, None)
print(nightly.days.get({"tenant": "acme", "day": "2026-11-20"})["count"])
"""
    where = {"AWS_ENDPOINT_URL": server, "AWS_DEFAULT_REGION": "eu-west-1"}
    counted = team.python("-c", code, PARCELS="acme-try-parcels", DAYS="acme-try-days", **where)
    assert counted.strip() == "101"


def test_their_lake_has_each_change_once(team: Team, server: str) -> None:
    install = next(one.text for one in blocks(PAGE) if one.language == "sh" and "pyiceberg" in one.text)
    installed = team.finished("sh", "-euc", install)
    if any(words in installed.stderr for words in UNREACHABLE):
        pytest.skip(f"No package registry can be reached: {' '.join(installed.stderr.split())[-300:]}")
    assert installed.returncode == 0, installed.stderr
    where = {"AWS_ENDPOINT_URL": server, "AWS_DEFAULT_REGION": "eu-west-1"}
    team.python("-c", "import events, lake, deliveries.arriving", PARCELS="acme-try-parcels", **where)
    code = """
import os
import boto3
from types import SimpleNamespace
from shardwell.values import encode_item
boto3.client("s3").create_bucket(Bucket="history", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
os.environ["LAKE_BUCKET"] = "history"
os.environ["TABLE_BUCKET_ARN"] = boto3.client("s3tables").create_table_bucket(name="acme-history")["arn"]
os.environ["COMMIT_AFTER_SECONDS"], os.environ["COMMIT_BYTES"] = "0", "1000000"
from deliveries import committing, staging
parcel = {"tenant": "acme", "parcelId": "p1", "state": "sent", "day": "2026-11-20"}
change = {"SequenceNumber": "7", "ApproximateCreationDateTime": 1_795_000_000, "NewImage": encode_item(parcel)}
for _ in range(2):
    staging.handler({"Records": [{"eventName": "INSERT", "dynamodb": change}], "shardId": "shardId-1"}, None)
    committing.handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
print([(row["parcel_id"], row["state"]) for row in committing.load_table().scan().to_arrow().to_pylist()])
"""
    said = team.python("-c", code, **where)
    assert said.splitlines()[-1] == "[('p1', 'sent')]"


def found(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by the name of the table."""
    of_kind = [one["Properties"] for one in template["Resources"].values() if one["Type"] == kind]
    return {one["TableName"]: one for one in of_kind}
