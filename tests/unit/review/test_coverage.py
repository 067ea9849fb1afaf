"""Which resources have which recommended alarms, and which alarms watch what is not there."""

from __future__ import annotations

from typing import Any

from review.build import review
from review.model import Coverage, Mark, StrayAlarm, Verdict
from review.parts import every_part
from tests.unit.review.sides import index, reviewed, table, templates


def alarm(metric: str, dimension: str, value: Any, namespace: str = "AWS/Lambda", **more: Any) -> dict[str, Any]:
    dimensions = [{"Name": dimension, "Value": value}]
    given = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions, **more}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": given}


def math(metric: str, dimension: str, value: Any) -> dict[str, Any]:
    inner = {"Namespace": "AWS/X", "MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}]}
    metrics = [{"Id": "e", "Expression": "FILL(m, 0)"}, {"Id": "m", "MetricStat": {"Metric": inner, "Period": 60}}]
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": metrics}}


FUNCTION = {"Type": "AWS::Lambda::Function"}
QUEUE = {"Type": "AWS::SQS::Queue"}


def coverage(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Coverage]:
    result = reviewed(before, after, parts=every_part())
    return {each.item.logical_id: each.item for each in result.coverage}


def stray(before: dict[str, Any], after: dict[str, Any]) -> list[StrayAlarm]:
    return [each.item for each in reviewed(before, after, parts=every_part()).stray_alarms]


def named(covered: Coverage) -> dict[str, tuple[str, ...]]:
    return {each.name: each.after for each in covered.alarms}


def test_an_alarm_counts_by_its_metric_and_its_dimension() -> None:
    side = {
        "F": FUNCTION,
        "Errors": alarm("Errors", "FunctionName", {"Ref": "F"}),
        "Throttles": math("Throttles", "FunctionName", {"Ref": "F"}),
        "Other": alarm("Duration", "FunctionName", {"Ref": "F"}),
    }
    covered = coverage(side, side)["F"]
    assert named(covered) == {"errors": ("Errors",), "throttles": ("Throttles",)}
    assert (covered.mark, covered.verdict, covered.reasons) == (Mark.SAME, Verdict.HARMLESS, ())


def test_an_alarm_that_goes_is_missed() -> None:
    before = {"F": FUNCTION, "A": alarm("Errors", "FunctionName", {"Ref": "F"})}
    covered = coverage(before, {"F": FUNCTION})["F"]
    assert (covered.mark, covered.verdict) == (Mark.CHANGED, Verdict.LOOK)
    assert [reason.rule for reason in covered.reasons] == ["alarm-lost"]


def test_an_alarm_that_is_switched_off_tells_nobody() -> None:
    sides = [
        {"F": FUNCTION, "A": alarm("Errors", "FunctionName", {"Ref": "F"}, ActionsEnabled=enabled)}
        for enabled in (True, False)
    ]
    assert [reason.rule for reason in coverage(*sides)["F"].reasons] == ["alarm-silenced"]
    assert coverage(sides[1], sides[0])["F"].reasons == coverage(sides[1], sides[1])["F"].reasons == ()


def test_what_is_new_should_have_alarms_where_others_have() -> None:
    watched = {"F": FUNCTION, "A": alarm("Errors", "FunctionName", {"Ref": "F"})}
    assert coverage(watched, {**watched, "Q": QUEUE})["Q"].verdict is Verdict.LOOK
    assert coverage({"F": FUNCTION}, {"F": FUNCTION, "Q": QUEUE})["Q"].verdict is Verdict.HARMLESS


def test_a_dead_letter_queue_should_have_another_alarm() -> None:
    redrive = {"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["D", "Arn"]}}}
    side = {
        "Q": {**QUEUE, "Properties": redrive},
        "D": QUEUE,
        "A": alarm("ApproximateNumberOfMessagesVisible", "QueueName", {"Fn::GetAtt": ["D", "QueueName"]}),
    }
    found = coverage(side, side)
    assert named(found["D"]) == {"messages": ("A",)}
    assert named(found["Q"]) == {"oldest message": ()}


def test_a_function_that_reads_a_stream_should_not_fall_behind() -> None:
    mapping = {"FunctionName": {"Fn::GetAtt": ["F", "Arn"]}, "StartingPosition": "LATEST"}
    side = {"F": FUNCTION, "M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}}
    assert "age of records" in named(coverage(side, side)["F"])


def test_each_index_of_a_table_should_have_an_alarm() -> None:
    watch = alarm("WriteThrottleEvents", "TableName", {"Ref": "T"}, "AWS/DynamoDB")
    watch["Properties"]["Dimensions"].append({"Name": "GlobalSecondaryIndexName", "Value": "G"})
    side = {"T": table(GlobalSecondaryIndexes=[index("G", "A")]), "A": watch}
    found = named(coverage(side, side)["T"])
    assert (found["write throttles of G"], found["write throttles"]) == (("A",), ())


def test_what_is_gone_and_what_is_renamed() -> None:
    named_queue = {**QUEUE, "Properties": {"QueueName": "same"}}
    watch = alarm("ApproximateAgeOfOldestMessage", "QueueName", "same")
    found = coverage({"Q": named_queue, "F": FUNCTION, "A": watch}, {"New": named_queue, "A": watch})
    assert {name: each.mark for name, each in found.items()} == {"New": Mark.SAME, "F": Mark.REMOVED}
    assert found["New"].alarms[0].before == ("A",)


def test_an_alarm_in_another_stack_is_found_through_an_export() -> None:
    export = {"Value": {"Ref": "F"}, "Export": {"Name": "shop-F"}}
    side = templates(
        {
            ("prod", "shop"): {"Resources": {"F": FUNCTION}, "Outputs": {"O": export}},
            ("prod", "watch"): {
                "Resources": {"A": alarm("Errors", "FunctionName", {"Fn::ImportValue": "shop-F"})},
            },
        }
    )
    (covered,) = [each.item for each in review(side, side, every_part()).coverage]
    assert named(covered)["errors"] == ("A",)


# --- Stray alarms


def test_an_alarm_on_an_index_that_goes_is_stray() -> None:
    watch = alarm("WriteThrottleEvents", "TableName", {"Ref": "T"}, "AWS/DynamoDB")
    watch["Properties"]["Dimensions"].append({"Name": "GlobalSecondaryIndexName", "Value": "G"})
    before = {"T": table(GlobalSecondaryIndexes=[index("G", "A")]), "A": watch}
    (found,) = stray(before, {"T": table(), "A": watch})
    assert (found.logical_id, found.watches, found.reason.verdict) == ("A", "T/G", Verdict.LOOK)


def test_an_alarm_that_names_what_is_replaced_is_stray() -> None:
    watch = alarm("Errors", "FunctionName", "old")
    sides = [{"F": {**FUNCTION, "Properties": {"FunctionName": name}}, "A": watch} for name in ("old", "new")]
    (found,) = stray(*sides)
    assert (found.watches, "replaced" in found.reason.text) == ("old", True)
    referring = [{**side, "A": alarm("Errors", "FunctionName", {"Ref": "F"})} for side in sides]
    assert stray(*referring) == []


def test_an_alarm_that_refers_to_nothing_is_refused() -> None:
    watch = alarm("Errors", "FunctionName", {"Ref": "F"})
    (found,) = stray({"F": FUNCTION, "Q": QUEUE, "A": watch}, {"Q": QUEUE, "A": watch})
    assert (found.watches, found.reason.verdict) == ("F", Verdict.BLOCKED)


def test_what_is_not_of_the_templates_is_not_stray() -> None:
    watch = alarm("Errors", "FunctionName", "somebody-else")
    assert stray({"A": watch}, {"A": watch, "Q": QUEUE}) == []
