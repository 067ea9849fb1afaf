"""The page for another team: its code as it stands there, without the wheels (tests/reuse has them too)."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from moto import mock_aws

from operations.docs.pages import ROOT
from shardwell import client as clients
from shardwell.creation import create_table_request
from shardwell.queue_events import Message
from shardwell.values import encode_item
from shardwell_cdk import SchemaTable, Settings
from shardwell_cdk.monitoring import Monitoring
from tests.support.ambient import Surroundings
from tests.support.lake import LocalLake, rows_of
from tests.support.objects import Bucket
from tests.support.sold import queue_event
from tests.unit.constructs.made import findings
from tests.unit.docs.blocks import blocks, write_project

PAGE = ROOT / "docs" / "reuse.md"
WORK = ("deliveries/tables.py", "deliveries/nightly.py", "deliveries/routes.py", "deliveries/api.py")
FURTHER = ("deliveries/arriving.py", "deliveries/history.py", "deliveries/staging.py", "deliveries/committing.py")
STACKS = ("events.py", "lake.py")
CONTEXT = SimpleNamespace(
    function_name="api",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:x:1:function:api",
    aws_request_id="1",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    write_project(PAGE, tmp_path)
    (tmp_path / "requirements.txt").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.split(".")[0] == "deliveries"]:
        del sys.modules[name]


@pytest.fixture
def client(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    tables = importlib.import_module("deliveries.tables")
    with mock_aws():
        made = boto3.client("dynamodb", region_name="eu-west-1")
        for name in ("PARCELS", "DAYS"):
            table = getattr(tables, name)
            monkeypatch.setenv(name, table.physical_name("prod"))
            made.create_table(**create_table_request(table, name=table.physical_name("prod")))
        clients.shared_client.cache_clear()
        yield made
    clients.shared_client.cache_clear()


def block(file: str) -> str:
    """The text of a block that names its file."""
    [found] = [one.text for one in blocks(PAGE) if one.file == file]
    return found


def lines_of(text: str) -> int:
    """Lines of a block that say something of their own: no comment, no import."""
    return sum(1 for line in text.splitlines() if line.strip() and not line.startswith(("#", "import ", "from ")))


def test_it_is_thirty_lines_and_thirty_that_deploy_it() -> None:
    assert sum(lines_of(block(file)) for file in WORK) <= 30
    assert lines_of(block("app.py")) <= 30


def test_the_project_bundles_its_own_package() -> None:
    assert "deliveries" in tomllib.loads(block("pyproject.toml"))["dependency-groups"]


def test_every_block_is_code_that_some_test_runs() -> None:
    run = {*WORK, *FURTHER, *STACKS, "app.py", "pyproject.toml", "tests/test_deliveries.py"}
    assert {one.file for one in blocks(PAGE) if one.language != "sh"} == run


@pytest.mark.parametrize("target", ["wheels", "docs"])
def test_the_page_is_true_of_make(target: str) -> None:
    said = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"python -m operations.{target}" in said


def test_the_links_of_the_page_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", PAGE.read_text(encoding="utf-8"))
    assert len(links) >= 3
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


def test_the_pipeline_fills_what_the_api_answers(client: Any) -> None:
    nightly = importlib.import_module("deliveries.nightly")
    for number in range(5):
        state = "delivered" if number else "lost"
        parcel = {"tenant": "acme", "parcelId": f"p{number}", "state": state, "day": "2026-11-20"}
        nightly.parcels.put(parcel)
    assert nightly.handler({}, None) == 1
    assert nightly.handler({}, None) == 1
    assert answered(day="2026-11-20", tenant="acme") == (200, {"count": 4})
    assert answered(day="2026-11-21", tenant="acme") == (200, {"count": 0})
    assert answered(day="2026-11-20", tenant="other") == (200, {"count": 0})
    assert answered(day="yesterday", tenant="acme")[0] == 400
    assert answered(day="2026-11-20", tenant=None)[0] == 403


def answered(*, day: str, tenant: str | None) -> tuple[int, Any]:
    """Status and body that the API answers a user of a tenant."""
    api: ModuleType = importlib.import_module("deliveries.api")
    claims = {} if tenant is None else {"custom:tenant": tenant}
    path = f"/days/{day}"
    event = {
        "version": "2.0",
        "routeKey": "GET /days/{day}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "pathParameters": {"day": day},
        "requestContext": {
            "requestId": "r1",
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
            "http": {"method": "GET", "path": path},
        },
        "isBase64Encoded": False,
    }
    answer = api.handler(event, CONTEXT)
    return answer["statusCode"], json.loads(answer["body"])


def test_the_stack_passes_every_guard_rail(project: Path) -> None:
    template = json.loads((synthesized(project, block("app.py")) / "Deliveries.template.json").read_text("utf-8"))
    types = [one["Type"] for one in template["Resources"].values()]
    assert types.count("AWS::DynamoDB::GlobalTable") == 2
    assert types.count("AWS::ApiGatewayV2::Route") == 1
    assert types.count("AWS::Lambda::Function") == 2


def test_a_careless_stack_does_not_pass(project: Path) -> None:
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        synthesized(project, block("app.py").replace("recovery_days=35", "recovery_days=None"))
    report = json.loads((project / "out" / "validation-report.json").read_text(encoding="utf-8"))
    broken = [one["ruleName"] for plugin in report["pluginReports"] for one in plugin["violations"]]
    assert broken == ["TableRecovery"]


def synthesized(project: Path, source: str) -> Path:
    """The assembly of the page's app, nothing bundled."""
    made = cdk.App(outdir=str(project / "out"), context={"aws:cdk:bundling-stacks": []})
    code_of = compile(source.replace("cdk.App()", "APP"), str(project / "app.py"), "exec")
    exec(code_of, {"APP": made, "__file__": str(project / "app.py")})  # noqa: S102 (ours)
    return project / "out"


def test_the_lakes_packages_are_in_groups_that_the_page_names() -> None:
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    groups = tomllib.loads("\n".join(re.findall(r"`(deliveries_\w+ = \[.*?\])`", text)))
    assert groups == {
        "deliveries_staging": ["arro3-core", "arro3-io"],
        "deliveries_committing": ["pyarrow", "pyiceberg"],
    }
    named = re.findall(r'group="(\w+)"', block("lake.py"))
    assert sorted(named) == sorted(groups)
    install = next(one.text for one in blocks(PAGE) if one.language == "sh" and "pyiceberg" in one.text)
    assert set(install.splitlines()[0].split()[4:]) == {name for names in groups.values() for name in names}


def test_events_are_parcels_once_and_bad_ones_come_again(client: Any) -> None:
    arriving = importlib.import_module("deliveries.arriving")
    parcel = {"tenant": "acme", "parcelId": "p1", "state": "sent", "day": "2026-11-20"}
    details = [parcel, parcel, {"tenant": "acme"}]
    bodies = [json.dumps({"source": "depot", "detail": detail}) for detail in details]
    failed = arriving.handler(
        queue_event(*(Message(f"m{n}", body) for n, body in enumerate([*bodies, "no JSON"]))), None
    )
    assert failed == {"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m3"}]}
    assert arriving.parcels.get({"tenant": "acme", "parcelId": "p1"})["state"] == "sent"


def test_changes_are_rows_of_the_lake_once(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    surroundings, lake = Surroundings(), LocalLake()
    bucket = Bucket(lambda: surroundings.now)
    environment = {
        "LAKE_BUCKET": "lake",
        "TABLE_BUCKET_ARN": "arn:aws:s3tables:eu-west-1:000000000000:bucket/history",
        "COMMIT_AFTER_SECONDS": "0",
        "COMMIT_BYTES": "1000000",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    staging, committing = (importlib.import_module(f"deliveries.{name}") for name in ("staging", "committing"))
    monkeypatch.setattr(staging, "objects", bucket)
    monkeypatch.setattr(committing, "objects", bucket)
    monkeypatch.setattr("shardwell.lake_catalog.open_catalog", lambda _arn, **_: lake)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
    sent = {"tenant": "acme", "parcelId": "p1", "state": "sent", "day": "2026-11-20"}
    delivered = {**sent, "state": "delivered"}
    batch = parcels_event(("INSERT", None, sent), ("MODIFY", sent, delivered), ("REMOVE", delivered, None))
    for _ in range(2):
        assert staging.handler(batch, None) == {"state": {}}
        committing.handler({}, context)
    assert staging.handler({"Records": [], "shardId": "s", "isFinalInvokeForWindow": True}, None) == {"state": {}}
    rows = rows_of(lake.load_table(("deliveries", "parcels")))
    told = sorted((row["sequence"], row["operation"], row["state"]) for row in rows)
    assert [(operation, state) for _, operation, state in told] == [
        ("insert", "sent"),
        ("change", "delivered"),
        ("delete", "delivered"),
    ]


def parcels_event(*told: tuple[str, dict[str, Any] | None, dict[str, Any] | None]) -> dict[str, Any]:
    """The event of a stream with these changes, each with the item before and after."""
    records = [
        {
            "eventName": name,
            "dynamodb": {
                "SequenceNumber": str(number),
                "ApproximateCreationDateTime": 1_795_000_000,
                **({} if before is None else {"OldImage": encode_item(before)}),
                **({} if after is None else {"NewImage": encode_item(after)}),
            },
        }
        for number, (name, before, after) in enumerate(told, start=1)
    ]
    return {"Records": records, "shardId": "shardId-1", "state": {}}


@pytest.mark.parametrize(("file", "function"), [("events.py", "take_parcels"), ("lake.py", "keep_history")])
def test_the_stacks_of_events_and_lake_pass_every_guard_rail(project: Path, file: str, function: str) -> None:
    names: dict[str, Any] = {}
    exec(block(file), names)  # noqa: S102 (ours)
    tables = importlib.import_module("deliveries.tables")
    source = block("app.py")
    app_names: dict[str, Any] = {"__file__": str(project / "app.py")}
    exec(source[: source.index("app = cdk.App()")], app_names)  # noqa: S102 (ours)
    settings: Settings = app_names["PROD"]

    def build(stack: cdk.Stack, _: Settings) -> None:
        monitoring = Monitoring(stack, "Monitoring", name="deliveries", settings=settings)
        of_stage = {"settings": settings, "monitoring": monitoring}
        parcels = SchemaTable(stack, "Parcels", schema=tables.PARCELS, **of_stage)
        names[function](stack, parcels, app_names["CODE"], **of_stage)

    assert findings(build, settings=settings) == []
