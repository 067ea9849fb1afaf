"""A review as SARIF 2.1.0: a result for each reason of each stage, for code scanning to show at its template."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from review.model import (
    AccessChange,
    Acknowledgement,
    AcknowledgementState,
    Change,
    Finding,
    FindingState,
    Reason,
    Review,
    Verdict,
)
from review.templates import Key
from review.version import VERSION
from review.wording import MEANINGS, finding_title, printable, reason_text, shortened, title_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "shardwellReview/v1"
LEVELS = {Verdict.HARMLESS: "note", Verdict.LOOK: "warning", Verdict.DANGER: "error", Verdict.BLOCKED: "error"}
MOST_RESULTS = 5000
"""Code scanning shows no more of one run; the worst come first."""

Files = Mapping[Key, str]
"""The template file of each stage and stack, relative to the repository."""
Result = dict[str, Any]


def sarif(review: Review, files: Files) -> str:
    """The review as one SARIF log; acknowledged changes are suppressed results with their reasons."""
    ranked = sorted(_results(review, files), key=lambda pair: -pair[0])
    results = [result for _, result in ranked[:MOST_RESULTS]]
    names = sorted({result["ruleId"] for result in results})
    places = {name: place for place, name in enumerate(names)}
    worst: dict[str, Verdict] = {}
    for verdict, result in ranked:
        worst.setdefault(result["ruleId"], verdict)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "shardwell-review",
                "semanticVersion": VERSION,
                "rules": [_rule(name, worst[name]) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": "template-review/"},
        "results": [{**result, "ruleIndex": places[result["ruleId"]]} for result in results],
        "properties": {"verdict": review.verdict.word, "leftOut": len(ranked) - len(results)},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"


def _rule(name: str, verdict: Verdict) -> dict[str, Any]:
    words = name.replace("-", " ").replace("_", " ")
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in words.split()),
        "shortDescription": {"text": f"{words[:1].upper()}{words[1:]}."},
        "defaultConfiguration": {"level": LEVELS[verdict]},
    }


def _results(review: Review, files: Files) -> Iterator[tuple[Verdict, Result]]:
    for change in review.changes:
        yield from _of_item(change, f"{title_of(change)} {change.kind}", files)
    for group in review.access:
        for access in group.same:
            yield from _of_item(access, access.logical_id, files)
    for findings in review.findings:
        for finding in findings.same:
            if finding.state is FindingState.NEW:
                yield finding.verdict, _of_finding(finding, files)
    for stack in review.stacks:
        for reason in stack.reasons:
            yield reason.verdict, _result(reason, stack.stage, stack.stack, "", stack.stack, stack.stack, files)
    for alarms in review.stray_alarms:
        for alarm in alarms.same:
            yield (
                alarm.reason.verdict,
                _result(
                    alarm.reason, alarm.stage, alarm.stack, alarm.logical_id, alarm.watches, alarm.logical_id, files
                ),
            )
    for coverage in review.coverage:
        for covered in coverage.same:
            for reason in covered.reasons:
                title = covered.logical_id
                yield (
                    reason.verdict,
                    _result(reason, covered.stage, covered.stack, covered.logical_id, reason.text, title, files),
                )
    yield from _failures(review, files)


def _failures(review: Review, files: Files) -> Iterator[tuple[Verdict, Result]]:
    for problem in review.problems:
        reason = Reason(rule="not-reviewed", text=problem.text, verdict=problem.verdict)
        result = _result(reason, problem.stage, problem.stack, "", problem.text, problem.side, files)
        yield problem.verdict, result
    for check in review.acknowledgements:
        if check.state is not AcknowledgementState.MATCHED:
            line = check.acknowledgement
            reason = Reason(rule=f"acknowledgement-{check.state}", text=check.text, verdict=check.verdict)
            title = line.logical_id
            yield check.verdict, _result(reason, line.stage, line.stack, line.logical_id, line.digest, title, files)


def _of_item(item: Change | AccessChange, title: str, files: Files) -> Iterator[tuple[Verdict, Result]]:
    """Every reason of an item; the verdict alone where it has none."""
    plain = Reason(rule="changed", text=MEANINGS[item.verdict], verdict=item.verdict)
    for reason in item.reasons or (plain,):
        result = _result(reason, item.stage, item.stack, item.logical_id, item.digest, title, files)
        if item.acknowledged is not None:
            result["suppressions"] = [_suppression(item.acknowledged)]
        yield reason.verdict, result


def _of_finding(finding: Finding, files: Files) -> Result:
    reason = Reason(rule=finding.rule or finding.tool, text=finding_title(finding), verdict=finding.verdict)
    result = _result(
        reason, finding.stage, finding.stack, finding.logical_id, finding.message, finding.logical_id, files
    )
    if finding.suppressed is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": printable(finding.suppressed)}
        ]
    return result


def _suppression(line: Acknowledgement) -> dict[str, str]:
    until = line.expires.isoformat()
    return {"kind": "external", "status": "accepted", "justification": f"{printable(line.reason)} (until {until})"}


def _result(reason: Reason, stage: str, stack: str, logical_id: str, content: str, title: str, files: Files) -> Result:
    """One result; what is the same change for the same reason has the same fingerprint, whatever else changes."""
    where = [part for part in (stage, stack, logical_id) if part]
    location: dict[str, Any] = {
        "logicalLocations": [
            {
                "name": printable(where[-1]) if where else "review",
                "fullyQualifiedName": printable("/".join(where)) or "review",
                "kind": "resource" if logical_id else "module",
            }
        ]
    }
    if (stage, stack) in files:
        location["physicalLocation"] = {"artifactLocation": {"uri": files[stage, stack]}, "region": {"startLine": 1}}
    said = shortened(f"{stage}: {printable(title)}: {reason_text(reason)}" if title else reason_text(reason), 2000)
    return {
        "ruleId": reason.rule,
        "level": LEVELS[reason.verdict],
        "message": {"text": said},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: _fingerprint([*where, reason.rule, content])},
    }


def _fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
