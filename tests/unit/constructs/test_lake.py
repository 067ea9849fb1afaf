"""A lake: the table as it is created, who may do what, when the committer is called, and when somebody is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3tables as s3tables
from pyiceberg.schema import Schema, assign_fresh_schema_ids

from shardwell import lake_schema
from shardwell.lake_metric import lake_line
from shardwell.lake_table import FORMAT, PROPERTIES, Column, LakeTable
from shardwell_cdk import PythonFunction, Settings
from shardwell_cdk.commits import Commits
from shardwell_cdk.lake import Lake
from shardwell_cdk.monitoring import Monitoring
from shardwell_cdk.pipeline_alarms import LakeAlarms
from tests.unit.constructs.made import (
    CAREFUL,
    CARELESS,
    STAGES,
    Build,
    acknowledged,
    code,
    findings,
    found,
    resources,
    stack,
)

COLUMNS = (
    Column("depot", "string", required=True),
    Column("year", "int", required=True),
    Column("weight", "decimal(38, 10)"),
    Column("picture", "list<float>"),
    Column("sent_at", "timestamptz"),
)
HISTORY = LakeTable("parcels", namespace="post", columns=COLUMNS, key=("depot",), partition_by=("depot", "year"))


def lake(folder: Path, *, watched: bool = False, committer: dict[str, Any] | None = None, **more: Any) -> Build:
    def build(scope: Any, settings: Settings) -> Lake:
        return Lake(
            scope,
            "Lake",
            **{
                "table": HISTORY,
                "committer": PythonFunction(
                    scope,
                    "Committer",
                    **{
                        "code": code(folder),
                        "handler": "parcels.handler",
                        "description": "Commits.",
                        "timeout": cdk.Duration.seconds(60),
                        "retries": 0,
                        "reserved_concurrency": 1,
                        "settings": settings,
                        **(committer or {}),
                    },
                ),
                "settings": settings,
                "monitoring": Monitoring(scope, "Watch", name="post", settings=settings) if watched else None,
                **more,
            },
        )

    return build


def made_of(build: Build, settings: Settings = CAREFUL) -> cdk.Stack:
    made = stack(settings)
    build(made, settings)
    return made


def only(made: cdk.Stack, type: str) -> Any:
    [one] = resources(made, type)
    return one


def alarms(made: cdk.Stack) -> dict[str, Any]:
    return {each["AlarmName"]: each for each in resources(made, "AWS::CloudWatch::Alarm")}


def iceberg(made: cdk.Stack) -> tuple[Schema, list[dict[str, Any]]]:
    """Schema and partitions of the template, as Iceberg's own library reads them."""
    metadata = only(made, "AWS::S3Tables::Table")["IcebergMetadata"]
    described = metadata["IcebergSchemaV2"]
    fields = [{name.lower(): value for name, value in field.items()} for field in described["SchemaV2FieldList"]]
    text = json.dumps({"type": described["SchemaV2FieldType"], "fields": fields})
    return Schema.model_validate_json(text), metadata["IcebergPartitionSpec"]["Fields"]


def test_the_table_is_created_as_it_is_described(tmp_path: Path) -> None:
    schema, partitions = iceberg(made_of(lake(tmp_path)))
    columns = [(field.name, str(field.field_type), field.required) for field in schema.fields]
    assert columns == [(column.name, column.type, column.required) for column in HISTORY.columns]
    assert [(each["Name"], schema.find_column_name(each["SourceId"]), each["Transform"]) for each in partitions] == [
        ("depot", "depot", "identity"),
        ("year", "year", "identity"),
    ]


def test_it_is_the_table_that_the_committer_would_make_itself(tmp_path: Path) -> None:
    made = made_of(lake(tmp_path))
    schema, partitions = iceberg(made)
    assert schema == assign_fresh_schema_ids(lake_schema.iceberg_schema(HISTORY))
    assert [each["SourceId"] for each in partitions] == [
        field.source_id for field in lake_schema.iceberg_partitions(HISTORY).fields
    ]
    assert only(made, "AWS::S3Tables::Table")["IcebergMetadata"]["TableProperties"] == {
        "format-version": FORMAT,
        **PROPERTIES,
    }


def test_a_column_of_a_later_day_is_not_in_the_template(tmp_path: Path) -> None:
    before, _ = iceberg(made_of(lake(tmp_path)))
    later = LakeTable(
        "parcels",
        namespace="post",
        columns=(*COLUMNS, Column("courier", "string")),
        key=HISTORY.key,
        partition_by=HISTORY.partition_by,
    )
    after, _ = iceberg(made_of(lake(tmp_path / "later", table=later, created_with=len(COLUMNS))))
    assert after == before
    assert "courier" not in str(after)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, r"parcels cannot have been created with 0 columns: it describes 5"),
        (6, r"cannot have been created with 6 columns"),
        (1, r"parcels is partitioned by year, which is not among the 1 columns that it was created with"),
    ],
)
def test_a_count_of_columns_that_cannot_be_is_refused(tmp_path: Path, count: int, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        made_of(lake(tmp_path, created_with=count))


def test_s3_tables_keeps_it_in_order(tmp_path: Path) -> None:
    made = made_of(lake(tmp_path))
    table, bucket = only(made, "AWS::S3Tables::Table"), only(made, "AWS::S3Tables::TableBucket")
    assert table["Compaction"] == {"Status": "enabled", "TargetFileSizeMB": 512}
    assert table["SnapshotManagement"] == {"Status": "enabled", "MinSnapshotsToKeep": 1, "MaxSnapshotAgeHours": 72}
    assert bucket["UnreferencedFileRemoval"]["Status"] == "Enabled"
    assert bucket["EncryptionConfiguration"] == {"SSEAlgorithm": "AES256"}
    properties = table["IcebergMetadata"]["TableProperties"]
    assert properties["commit.retry.num-retries"] == "0", "a library's own retry would write an old ledger"
    assert not [name for name in properties if name.startswith("history.expire")]


def test_the_table_waits_for_its_namespace(tmp_path: Path) -> None:
    made = made_of(lake(tmp_path))
    [namespace] = found(made, "AWS::S3Tables::Namespace")
    [table] = found(made, "AWS::S3Tables::Table").values()
    assert namespace in table["DependsOn"]
    assert only(made, "AWS::S3Tables::TableBucket")["TableBucketName"] == "stack-lake"


@pytest.mark.parametrize(("settings", "policy"), [(CAREFUL, "Retain"), (CARELESS, "Delete")])
def test_it_goes_with_its_stack_only_where_it_may(tmp_path: Path, settings: Settings, policy: str) -> None:
    made = made_of(lake(tmp_path), settings)
    kinds = ("S3Tables::Table", "S3Tables::TableBucket", "S3Tables::Namespace", "S3::Bucket")
    for kind in kinds:
        [one] = found(made, f"AWS::{kind}").values()
        assert (one["DeletionPolicy"], one["UpdateReplacePolicy"]) == (policy, policy), kind


def test_the_committer_is_told_where_and_called_every_minute(tmp_path: Path) -> None:
    made = made_of(lake(tmp_path, commits=Commits(after_seconds=120, at_bytes=1_000)))
    [bucket], [tables] = found(made, "AWS::S3::Bucket"), found(made, "AWS::S3Tables::TableBucket")
    told = only(made, "AWS::Lambda::Function")["Environment"]["Variables"]
    assert told["LAKE_BUCKET"] == {"Ref": bucket}
    assert told["TABLE_BUCKET_ARN"] == {"Fn::GetAtt": [tables, "TableBucketARN"]}
    assert (told["COMMIT_AFTER_SECONDS"], told["COMMIT_BYTES"]) == ("120", "1000")
    assert only(made, "AWS::Events::Rule")["ScheduleExpression"] == "rate(1 minute)"


def statements(made: cdk.Stack) -> list[dict[str, Any]]:
    return [each for policy in resources(made, "AWS::IAM::Policy") for each in policy["PolicyDocument"]["Statement"]]


def actions(statement: dict[str, Any]) -> set[str]:
    found = statement["Action"]
    return {found} if isinstance(found, str) else set(found)


def test_the_committer_may_commit_and_delete_what_is_staged_and_nothing_else(tmp_path: Path) -> None:
    made = made_of(lake(tmp_path))
    [bucket], [table] = found(made, "AWS::S3::Bucket"), found(made, "AWS::S3Tables::Table")
    of_lake = [each for each in statements(made) if any(one.startswith("s3") for one in actions(each))]
    by_resource = {json.dumps(each["Resource"]): actions(each) for each in of_lake}
    staged = {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/staged/*"]]}
    assert by_resource == {
        json.dumps({"Fn::GetAtt": [bucket, "Arn"]}): {"s3:ListBucket"},
        json.dumps(staged): {"s3:GetObject", "s3:DeleteObject"},
        json.dumps({"Fn::GetAtt": [next(iter(found(made, "AWS::S3Tables::TableBucket"))), "TableBucketARN"]}): {
            "s3tables:GetTableBucket"
        },
        json.dumps({"Fn::GetAtt": [table, "TableARN"]}): {
            "s3tables:GetTableMetadataLocation",
            "s3tables:GetTableData",
            "s3tables:PutTableData",
            "s3tables:UpdateTableMetadataLocation",
        },
    }
    [lists] = [each for each in of_lake if "s3:ListBucket" in actions(each)]
    assert lists["Condition"] == {"StringLike": {"s3:prefix": "staged/*"}}


def test_a_reader_may_read_and_never_write(tmp_path: Path) -> None:
    made = stack()
    built: Any = lake(tmp_path)(made, CAREFUL)
    built.grant_query(iam.Role(made, "Analyst", assumed_by=iam.ServicePrincipal("athena.amazonaws.com")))
    [policy] = [each for name, each in found(made, "AWS::IAM::Policy").items() if name.startswith("Analyst")]
    [granted] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert actions(granted) >= {"s3tables:GetTableData", "s3tables:GetTableMetadataLocation", "s3tables:ListTables"}
    assert not [one for one in actions(granted) if not one.startswith(("s3tables:Get", "s3tables:List"))]
    assert len(granted["Resource"]) == 2


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"committer": {"reserved_concurrency": None}}, r"of which any number may run at once, and two would refuse"),
        ({"committer": {"reserved_concurrency": 2}}, r"Stack/Lake has a committer of which 2 may run at once"),
        ({"committer": {"timeout": cdk.Duration.seconds(61)}}, r"calls would pile up behind it: give it a timeout"),
        ({"alarms": LakeAlarms(lag_seconds=360)}, r"rings at a lag of 360 s, but lets rows wait for 360 s"),
        ({"alarms": LakeAlarms(silent_minutes=1)}, r"rings after 1 minutes without a call, but calls every 1"),
        ({"vectors_days": 0}, r"cannot keep vectors 0 days: choose a day at least"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        made_of(lake(tmp_path, **more))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"every_minutes": 0}, r"A committer cannot be called every 0 min: choose from 1 to 60"),
        ({"every_minutes": 61}, r"every 61 min"),
        ({"after_seconds": -1}, r"Nothing can be committed after -1 s"),
        ({"at_bytes": 0}, r"or at 0 bytes"),
    ],
)
def test_commits_that_cannot_be_are_refused(wrong: dict[str, int], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Commits(**wrong)


def test_a_name_too_long_for_a_table_bucket_is_refused(tmp_path: Path) -> None:
    app = cdk.App(context={"aws:cdk:bundling-stacks": []})
    with pytest.raises(ValueError, match=r"would have a table bucket named 'a{64}-lake': S3 Tables takes 3 to 63"):
        lake(tmp_path)(cdk.Stack(app, "Long", stack_name="a" * 64), CAREFUL)


def test_a_row_that_waits_rings_by_the_metric_that_the_committer_writes(tmp_path: Path) -> None:
    made = made_of(lake(tmp_path, watched=True, alarms=LakeAlarms(lag_seconds=900)))
    lag = alarms(made)["Stack-Lake-Lag-Warning"]
    [bucket] = found(made, "AWS::S3::Bucket")
    line = json.loads(lake_line("the-bucket", lag_seconds=12.5, rows=3, at=datetime(2026, 11, 1, tzinfo=UTC)))
    [described] = line["_aws"]["CloudWatchMetrics"]
    [[dimension]] = described["Dimensions"]
    assert (lag["Namespace"], lag["MetricName"]) == (described["Namespace"], described["Metrics"][0]["Name"])
    assert lag["Dimensions"] == [{"Name": dimension, "Value": {"Ref": bucket}}]
    assert (line[dimension], line["LakeLag"], line["RowsCommitted"]) == ("the-bucket", 12.5, 3)
    assert (lag["Threshold"], lag["TreatMissingData"]) == (900, "notBreaching")


def test_a_committer_that_is_not_called_rings_though_it_says_nothing(tmp_path: Path) -> None:
    made = made_of(lake(tmp_path, watched=True))
    silent = alarms(made)["Stack-Lake-Silent-Warning"]
    assert (silent["MetricName"], silent["Period"], silent["Threshold"]) == ("Invocations", 900, 1)
    assert (silent["ComparisonOperator"], silent["TreatMissingData"]) == ("LessThanThreshold", "breaching")


def test_alarms_can_be_left_out(tmp_path: Path) -> None:
    none = LakeAlarms(lag_seconds=None, silent_minutes=None)
    made = alarms(made_of(lake(tmp_path, watched=True, alarms=none)))
    assert not [name for name in made if name.startswith("Stack-Lake-")]


@pytest.mark.parametrize("settings", STAGES, ids=lambda settings: settings.stage)
def test_no_finding(tmp_path: Path, settings: Settings) -> None:
    assert findings(lake(tmp_path, watched=settings.alarms), settings=settings) == []


def test_a_star_is_accepted_for_the_prefix_alone(tmp_path: Path) -> None:
    def and_more(folder: Path) -> Build:
        def build(scope: Any, settings: Settings) -> None:
            built: Any = lake(folder)(scope, settings)
            role = iam.Role(scope, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
            built.staging.grant_vectors_read(role)
            built.staging.bucket.grant_read(role)

        return build

    assert {rule for rule, _ in findings(and_more(tmp_path / "1"))} == {
        "AwsSolutions-IAM5[Action::s3:GetBucket*]",
        "AwsSolutions-IAM5[Action::s3:GetObject*]",
        "AwsSolutions-IAM5[Action::s3:List*]",
        "AwsSolutions-IAM5[Resource::<LakeStagingBucket6D11039F.Arn>/*]",
    }
    accepted = acknowledged(and_more(tmp_path / "2"))
    assert [rule for rule, reason in accepted if "under vectors/" in reason] == [
        "AwsSolutions-IAM5[Resource::<LakeStagingBucket6D11039F.Arn>/vectors/*]"
    ]


def test_a_table_made_by_hand_is_found() -> None:
    def by_hand(scope: Any, settings: Settings) -> None:
        s3tables.CfnTable(
            scope,
            "Bare",
            namespace="post",
            open_table_format="ICEBERG",
            table_bucket_arn="arn:aws:s3tables:eu-west-1:000000000000:bucket/post",
            table_name="parcels",
            compaction=s3tables.CfnTable.CompactionProperty(status="disabled"),
        )

    assert findings(by_hand) == [("LakeMaintenance", "Stack/Bare"), ("LakeProtection", "Stack/Bare")]
