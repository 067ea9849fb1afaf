"""Thousands of calls made up from the OpenAPI document: none is a 5xx, none gets an answer that is not documented."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from operations.local.sign_in import IDENTITY, token_of
from tests.e2e.conftest import Cloud
from tests.e2e.http_calls import api_id

pytestmark = pytest.mark.heavy

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi" / "sales-intelligence.json"
CALLS = 2_000
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_no_server_error_and_no_undocumented_answer(cloud: Cloud, tmp_path: Path) -> None:
    host = f"{api_id(cloud.output('shardwell-local-sales-intelligence', 'ApiUrl'))}.execute-api.localhost:{cloud.port}"
    pool, client = (cloud.output(IDENTITY, name) for name in ("UserPoolId", "UserPoolClientId"))
    token = token_of(cloud.client("cognito-idp"), pool, client, tenant="fuzzed")
    report = tmp_path / "report"
    ran = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "schemathesis"), "run", str(DOCUMENT)),
            *("--url", f"http://127.0.0.1:{cloud.port}", "--checks", CHECKS, "--continue-on-failure"),
            *("--header", f"Host: {host}", "--header", f"Authorization: Bearer {token}"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "250", "--generation-deterministic"),
            *("--workers", "2", "--report", "ndjson", "--report-dir", str(report), "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6_000:] + ran.stderr[-2_000:]
    assert calls_in(report) >= CALLS


def calls_in(report: Path) -> int:
    """How many requests a run reports to have sent."""
    (file,) = report.glob("*.ndjson")
    return sum(count_requests(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())


def count_requests(found: object) -> int:
    """How many interactions with the API an event of the report holds."""
    if isinstance(found, dict):
        own = 1 if "request" in found and "response" in found else 0
        return own + sum(count_requests(value) for value in found.values())
    return sum(map(count_requests, found)) if isinstance(found, list) else 0
