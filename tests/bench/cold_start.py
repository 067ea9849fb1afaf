"""A whole process that imports the API's handler against one that imports boto3 and makes a client."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from tests.bench.result import Result, at_most

GOAL = 1.8
ROUNDS = 15
HANDLER = "import sales_intelligence.api"
BOTO3 = "import boto3; boto3.client('dynamodb')"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "TABLE_NAME": "bench",
    "CURSOR_SECRET_ARN": "bench",
    "POWERTOOLS_SERVICE_NAME": "bench",
}


def run() -> Result:
    """Median wall time of the two processes, in turns."""
    found: dict[str, list[tuple[float, float]]] = {HANDLER: [], BOTO3: [], "pass": []}
    for code in found:
        process(code)
    for _ in range(ROUNDS):
        for code, times in found.items():
            times.append(process(code))
    wall = {code: statistics.median(pair[0] for pair in times) for code, times in found.items()}
    cpu = {code: statistics.median(pair[1] for pair in times) for code, times in found.items()}
    return at_most(
        GOAL,
        name="cold_start",
        ours=wall[HANDLER] * 1_000,
        theirs=wall[BOTO3] * 1_000,
        unit="ms a process (median)",
        what="a process that imports the API's handler, against one that imports boto3 and makes a client",
        cpu_ratio=round(cpu[HANDLER] / cpu[BOTO3], 3),
        empty_process_ms=round(wall["pass"] * 1_000, 1),
    )


def process(code: str) -> tuple[float, float]:
    """Wall and CPU seconds of a process that runs this code."""
    environment = {**ENVIRONMENT, "PATH": os.environ["PATH"]}
    before = os.times()
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    wall = time.perf_counter() - began
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, cpu
