"""Which resources of a stage have which recommended alarms, and which alarms watch what is no longer there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from review.intrinsics import is_intrinsic
from review.model import Change, Coverage, Kind, Mark, Reason, RecommendedAlarm, StrayAlarm, Verdict
from review.names import construct_path
from review.overlay import TABLES
from review.subjects import properties_of
from review.templates import Comparison, Pair
from review.watched import NAMED, Place, Stage, Watch

_INDEXES = "GlobalSecondaryIndexes"


@dataclass(frozen=True)
class Wanted:
    """One recommended alarm: any of these metrics of this resource, or of an index of it."""

    name: str
    metrics: frozenset[str]
    index: str = ""


def _wanted(**alarms: str) -> tuple[Wanted, ...]:
    return tuple(Wanted(name.replace("_", " "), frozenset(metrics.split())) for name, metrics in alarms.items())


RECOMMENDED: Mapping[str, tuple[Wanted, ...]] = {
    **dict.fromkeys(
        TABLES,
        _wanted(
            read_throttles="ReadThrottleEvents ThrottledRequests",
            write_throttles="WriteThrottleEvents ThrottledRequests",
            system_errors="SystemErrors",
        ),
    ),
    "AWS::ElastiCache::ReplicationGroup": _wanted(memory="DatabaseMemoryUsagePercentage", evictions="Evictions"),
    "AWS::Kinesis::Stream": _wanted(
        age_of_records="GetRecords.IteratorAgeMilliseconds", throttles="WriteProvisionedThroughputExceeded"
    ),
    "AWS::Lambda::Function": _wanted(errors="Errors", throttles="Throttles"),
    "AWS::OpenSearchService::Domain": _wanted(red="ClusterStatus.red", free_storage="FreeStorageSpace"),
    "AWS::RDS::DBCluster": _wanted(processor="CPUUtilization"),
    "AWS::RDS::DBInstance": _wanted(processor="CPUUtilization", free_storage="FreeStorageSpace"),
    "AWS::SQS::Queue": _wanted(oldest_message="ApproximateAgeOfOldestMessage"),
    "AWS::StepFunctions::StateMachine": _wanted(failures="ExecutionsFailed"),
}
"""What a resource of each type should have."""
_DEAD_LETTERS = _wanted(messages="ApproximateNumberOfMessagesVisible NumberOfMessagesReceived")
_STREAM_READERS = _wanted(age_of_records="IteratorAge")
_FAILURES = frozenset(
    {"deadLetterTargetArn", "DeadLetterConfig", "OnFailure", "DeadLetterArn", "DeadLetterQueue", "deadLetterQueue"}
)


def coverage_of(comparison: Comparison, changes: Iterable[Change]) -> tuple[Coverage, ...]:
    """Every resource that should have alarms, those that are gone included, with the alarms that it has."""
    renamed = _renamed(changes)
    found: list[Coverage] = []
    for stage, pairs in _stages(comparison):
        found += _of_stage(pairs, {key[1:]: name for key, name in renamed.items() if key[0] == stage})
    return tuple(found)


def stray_alarms(comparison: Comparison, changes: Iterable[Change]) -> tuple[StrayAlarm, ...]:
    """Every alarm of the head side that watches what is removed, replaced under another name, or not there."""
    by_place = {(change.stage, change.stack, change.logical_id): change.kind for change in changes}
    found: dict[tuple[str, str, str, str], StrayAlarm] = {}
    for stage, pairs in _stages(comparison):
        if all(pair.same for pair in pairs):
            continue
        before = Stage(pair.before for pair in pairs if pair.before is not None)
        after = Stage(pair.after for pair in pairs if pair.after is not None)
        was = {place: target for watch in before.watches() if (target := watch.target) and (place := _key(watch))}
        for watch in after.watches():
            told = _stray(watch, after, was.get(_key(watch)))
            if told is not None:
                kind = by_place.get((stage, *(was.get(_key(watch)) or ("", ""))))
                watches, reason = told[0], _with_kind(told[1], kind)
                key = (stage, watch.stack, watch.alarm, watches)
                found.setdefault(
                    key,
                    StrayAlarm(stage=stage, stack=watch.stack, logical_id=watch.alarm, watches=watches, reason=reason),
                )
    return tuple(found.values())


def _key(watch: Watch) -> tuple[str, str]:
    return watch.dimension, watch.value


def _with_kind(reason: Reason, kind: Kind | None) -> Reason:
    if kind not in (Kind.REPLACED, Kind.MAYBE_REPLACED, Kind.RENAMED):
        return reason
    return Reason(rule=reason.rule, text=f"{reason.text}: that one is {kind}", verdict=reason.verdict)


def _stray(watch: Watch, after: Stage, was: Place | None) -> tuple[str, Reason] | None:
    """What a stray alarm watches and why it is one; None for one that is not."""
    if watch.missing:
        text = f"it refers to {watch.missing}, which is not in the template: CloudFormation refuses that"
        return watch.missing, Reason(rule="alarm-refers-to-nothing", text=text, verdict=Verdict.BLOCKED)
    if watch.target is None:
        if was is None:
            return None
        text = f"it watches {watch.value}, which no resource of the stage is called any more"
        return watch.value, Reason(rule="alarm-watches-nothing", text=text, verdict=Verdict.LOOK)
    if watch.index:
        indexes = _indexes(after.resource(watch.target))
        if indexes is not None and watch.index not in indexes:
            name = f"{watch.target[1]}/{watch.index}"
            text = f"it watches index {watch.index} of {watch.target[1]}, which is not there"
            return name, Reason(rule="alarm-watches-nothing", text=text, verdict=Verdict.LOOK)
    return None


def _of_stage(pairs: list[Pair], renamed: Mapping[Place, str]) -> Iterator[Coverage]:
    before = Stage(pair.before for pair in pairs if pair.before is not None)
    after = Stage(pair.after for pair in pairs if pair.after is not None)
    # The base side by the names of the head side, so that a renamed resource is the same.
    olds, news = _alarms(before, renamed), _alarms(after, {})
    was, now = _wanted_of(before, renamed), _wanted_of(after, {})
    any_alarm = bool(news)
    for place in [*now, *(place for place in was if place not in now)]:
        wanted = tuple(dict.fromkeys((*now.get(place, ()), *was.get(place, ()))))
        alarms = tuple(
            RecommendedAlarm(
                name=each.name,
                before=_having(each, olds.get(place, ())),
                after=_having(each, news.get(place, ())),
            )
            for each in wanted
        )
        resource = after.resource(place) or _before(before, renamed, place)
        mark = _mark(place in was, place in now, alarms)
        still = {each.name for each in now.get(place, ())}
        silenced = _heard(wanted, olds.get(place, ())) - _heard(wanted, news.get(place, ()))
        reasons = tuple(_reasons(mark, alarms, any_alarm, still, silenced))
        yield Coverage(
            stage=pairs[0].stage,
            stack=place[0],
            logical_id=place[1],
            type=(resource or {}).get("Type", ""),
            path=construct_path(resource),
            mark=mark,
            alarms=alarms,
            verdict=max((reason.verdict for reason in reasons), default=Verdict.HARMLESS),
            reasons=reasons,
        )


def _heard(wanted: Iterable[Wanted], watches: Iterable[Watch]) -> set[str]:
    """The recommended alarms that tell somebody."""
    loud = [watch for watch in watches if not watch.silent]
    return {each.name for each in wanted if _having(each, loud)}


def _reasons(
    mark: Mark, alarms: Iterable[RecommendedAlarm], any_alarm: bool, wanted: set[str], silenced: set[str]
) -> Iterator[Reason]:
    if mark is Mark.REMOVED:
        return
    for alarm in alarms:
        if alarm.after and alarm.name in silenced:
            text = f"its alarm on {alarm.name} tells nobody any more: its actions are switched off"
            yield Reason(rule="alarm-silenced", text=text, verdict=Verdict.LOOK)
        if alarm.before and not alarm.after and alarm.name in wanted:
            text = f"nothing watches its {alarm.name} any more: {', '.join(alarm.before)} did"
            yield Reason(rule="alarm-lost", text=text, verdict=Verdict.LOOK)
    missing = [alarm.name for alarm in alarms if not alarm.after and alarm.name in wanted]
    if mark is Mark.ADDED and missing and any_alarm:
        text = f"it is new, and nothing watches its {', '.join(missing)}"
        yield Reason(rule="alarm-missing", text=text, verdict=Verdict.LOOK)


def _mark(was: bool, now: bool, alarms: Iterable[RecommendedAlarm]) -> Mark:
    if not was:
        return Mark.ADDED
    if not now:
        return Mark.REMOVED
    return Mark.SAME if all(bool(alarm.before) == bool(alarm.after) for alarm in alarms) else Mark.CHANGED


def _alarms(stage: Stage, renamed: Mapping[Place, str]) -> Mapping[Place, list[Watch]]:
    found: dict[Place, list[Watch]] = defaultdict(list)
    for watch in stage.watches():
        if watch.target is not None:
            found[_renamed_place(watch.target, renamed)].append(watch)
    return found


def _having(wanted: Wanted, watches: Iterable[Watch]) -> tuple[str, ...]:
    names = (watch.alarm for watch in watches if watch.metric in wanted.metrics and watch.index == wanted.index)
    return tuple(sorted(set(names)))


def _wanted_of(stage: Stage, renamed: Mapping[Place, str]) -> Mapping[Place, tuple[Wanted, ...]]:
    """What each resource of a side should have, by its place on the head side."""
    dead, readers = _dead_letters(stage), _stream_readers(stage)
    found: dict[Place, tuple[Wanted, ...]] = {}
    for template in stage.templates.values():
        for name, resource in template.resources.items():
            place = (template.stack, name)
            if resource["Type"] not in NAMED:
                continue
            wanted = RECOMMENDED[resource["Type"]]
            if place in dead:
                wanted = _DEAD_LETTERS
            if place in readers:
                wanted = (*wanted, *_STREAM_READERS)
            for index in sorted(_indexes(resource) or ()):
                wanted = (*wanted, Wanted(f"write throttles of {index}", frozenset({"WriteThrottleEvents"}), index))
            found[_renamed_place(place, renamed)] = wanted
    return found


def _dead_letters(stage: Stage) -> frozenset[Place]:
    """The queues that take what others failed at."""
    found: set[Place] = set()
    for template in stage.templates.values():
        for resource in template.resources.values():
            for value in _failures(properties_of(resource), 12):
                place = stage.target(template, value)
                if place:
                    found.add(place)
    return frozenset(found)


def _failures(value: Any, deepest: int) -> Iterator[Any]:
    if isinstance(value, dict) and deepest:
        for key, inner in value.items():
            if key in _FAILURES:
                yield inner
            else:
                yield from _failures(inner, deepest - 1)
    elif isinstance(value, list) and deepest:
        for inner in value:
            yield from _failures(inner, deepest - 1)


def _stream_readers(stage: Stage) -> frozenset[Place]:
    found: set[Place] = set()
    for template in stage.templates.values():
        for resource in template.resources.values():
            given = properties_of(resource)
            if resource["Type"] == "AWS::Lambda::EventSourceMapping" and "StartingPosition" in given:
                place = stage.target(template, given.get("FunctionName"), "FunctionName")
                if place:
                    found.add(place)
    return frozenset(found)


def _indexes(resource: Mapping[str, Any] | None) -> frozenset[str] | None:
    """The global indexes of a table; None where only CloudFormation can tell, or for what is no table."""
    if resource is None or resource["Type"] not in TABLES:
        return None
    entries = properties_of(resource).get(_INDEXES, [])
    if not isinstance(entries, list) or any(not isinstance(each, Mapping) or is_intrinsic(each) for each in entries):
        return None
    names = [each.get("IndexName") for each in entries]
    return frozenset(name for name in names if isinstance(name, str)) if all(map(_is_text, names)) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _before(before: Stage, renamed: Mapping[Place, str], place: Place) -> Mapping[str, Any] | None:
    old = next((key for key, name in renamed.items() if (key[0], name) == place), place)
    return before.resource(old)


def _renamed_place(place: Place, renamed: Mapping[Place, str]) -> Place:
    return place[0], renamed.get(place, place[1])


def _renamed(changes: Iterable[Change]) -> Mapping[tuple[str, str, str], str]:
    return {
        (change.stage, change.stack, change.renamed_from): change.logical_id
        for change in changes
        if change.kind is Kind.RENAMED and change.renamed_from and not change.moved_from
    }


def _stages(comparison: Comparison) -> Iterator[tuple[str, list[Pair]]]:
    for stage, pairs in groupby(comparison.pairs, key=lambda pair: pair.stage):
        yield stage, list(pairs)
