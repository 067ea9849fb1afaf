"""What can happen to a request, as faults for a wire."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from tests.support.wire import Fault, Forward, Sent, answer, refusal


class Crash(Exception):
    """The process has died here: nothing of it goes on."""


def times(most: int, fault: Fault, when: Callable[[Sent], bool] = lambda _: True) -> Fault:
    """`fault` for each of the first `most` requests that `when` chooses; every other goes through."""
    left = Counter({"left": most})
    lock = Lock()

    def disturb(sent: Sent, forward: Forward) -> AWSResponse:
        if sent.operation == "DescribeTable" or not when(sent):
            return forward()
        with lock:
            left["left"] -= 1
            hit = left["left"] >= 0
        return fault(sent, forward) if hit else forward()

    return disturb


def always(fault: Fault, when: Callable[[Sent], bool] = lambda _: True) -> Fault:
    """`fault` for every request that `when` chooses."""
    return times(1_000_000, fault, when)


def lost_answer(sent: Sent, forward: Forward) -> AWSResponse:
    """The request is carried out, and its answer never comes."""
    forward()
    raise ReadTimeoutError(endpoint_url="the test")


def never_arrived(sent: Sent, forward: Forward) -> AWSResponse:
    """The request is lost on its way."""
    raise ReadTimeoutError(endpoint_url="the test")


def throttled(sent: Sent, forward: Forward) -> AWSResponse:
    """DynamoDB refuses for lack of capacity."""
    return refusal("ProvisionedThroughputExceededException")


def broken(sent: Sent, forward: Forward) -> AWSResponse:
    """DynamoDB has a fault of its own."""
    return refusal("InternalServerError", status=500)


def denied(sent: Sent, forward: Forward) -> AWSResponse:
    """A refusal that no retry helps against."""
    return refusal("AccessDeniedException")


def crash_after(number: int) -> Fault:
    """Nothing is sent any more after the `number`-th request, whose answer does not come back either."""
    counted = Counter({"sent": 0})
    lock = Lock()

    def disturb(sent: Sent, forward: Forward) -> AWSResponse:
        if sent.operation == "DescribeTable":
            return forward()
        with lock:
            counted["sent"] += 1
            mine = counted["sent"]
        if mine <= number:
            done = forward()
            if mine < number:
                return done
        raise Crash(f"after {number} requests")

    return disturb


def only_some_writes(refused: Callable[[dict[str, Any]], bool]) -> Fault:
    """Of a batch of writes those that `refused` chooses are left undone, as UnprocessedItems says."""

    def disturb(sent: Sent, forward: Forward) -> AWSResponse:
        if sent.operation != "BatchWriteItem":
            return forward()
        ((table, requests),) = sent.body["RequestItems"].items()
        left = [one for one in requests if refused(one)]
        taken = [one for one in requests if one not in left]
        if taken:
            forward({"RequestItems": {table: taken}})
        return answer(200, {"UnprocessedItems": {table: left} if left else {}})

    return disturb


def only_some_reads(refused: Callable[[dict[str, Any]], bool]) -> Fault:
    """Of a batch of keys those that `refused` chooses are not read, as UnprocessedKeys says."""

    def disturb(sent: Sent, forward: Forward) -> AWSResponse:
        if sent.operation != "BatchGetItem":
            return forward()
        ((table, request),) = sent.body["RequestItems"].items()
        left = [one for one in request["Keys"] if refused(one)]
        taken = [one for one in request["Keys"] if one not in left]
        done = forward({"RequestItems": {table: {**request, "Keys": taken}}}) if taken else None
        found = json.loads(done.content)["Responses"] if done is not None else {}
        unprocessed = {table: {**request, "Keys": left}} if left else {}
        return answer(200, {"Responses": found, "UnprocessedKeys": unprocessed})

    return disturb


def refused_twice_each() -> Callable[[dict[str, Any]], bool]:
    """Each write or key is refused the first two times, and goes through at the third."""
    seen: Counter[str] = Counter()
    lock = Lock()

    def refused(one: dict[str, Any]) -> bool:
        with lock:
            seen[str(one)] += 1
            return seen[str(one)] <= 2

    return refused
