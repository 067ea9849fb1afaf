"""The demonstration's last part: the lake has what the table has, tenant by tenant, and answers questions in SQL."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from botocore.exceptions import ClientError

from carousel_sync.lake import SALES_HISTORY
from operations.lake.dataset import files_of, load_table
from operations.lake.session import Answer, ask, session
from operations.local.console import Voice
from operations.local.demo_progress import waiting
from operations.local.problem import Problem
from operations.stage import SYNC_SYSTEM, Stage
from sales_intelligence.tables import SALES

PATIENCE = 90.0
"""Seconds that the lake is waited for."""
MEMORY = "500MB"
PER_TENANT = "SELECT tenant_id, count(*) AS sales FROM sales_history GROUP BY ALL"
QUESTION = """\
SELECT year, month, count(*) AS sales, sum(sale_price) AS total, count(embedding) AS embeddings
FROM sales_history WHERE tenant_id = 'carousel-labs' AND year = {year} AND month >= 1
GROUP BY ALL ORDER BY ALL"""

Counts = Mapping[str, int]


def show_lake(stage: Stage, *, year: int, voice: Voice) -> None:
    """Waits until the lake has every sale of the table, and shows what both of them have."""
    outputs = stage.outputs(SYNC_SYSTEM)
    voice.heading("The lake: every sale of the table, whichever way it came")
    table, lake = wait_for_lake(stage, outputs, voice=voice)
    rows = [(tenant, f"{table[tenant]:,}", f"{lake[tenant]:,}") for tenant in sorted({*table, *lake})]
    total = ("together", f"{sum(table.values()):,}", f"{sum(lake.values()):,}")
    voice.grid(("tenant", "items in the table", "rows in the lake"), [*rows, total])
    show_question(stage, QUESTION.format(year=year), voice=voice)


def show_question(stage: Stage, question: str, *, voice: Voice) -> None:
    """A question in SQL, and what the lake says to it."""
    voice.heading("A question to the lake: what carousel-labs sold, month by month")
    for text in question.splitlines():
        voice.say(f"    {text}")
    voice.say()
    started = time.monotonic()
    answer = answer_of(stage, question)
    rows = [
        (f"{year}-{month:02d}", f"{sales:,}", f"{total:,.2f}", f"{vectors:,}")
        for year, month, sales, total, vectors in answer.rows
    ]
    seconds = time.monotonic() - started
    voice.grid(("month", "sales", "total", "embeddings"), rows)
    voice.say(f"    answered in {seconds * 1000:.0f} ms, from the files of this tenant and year alone")


def wait_for_lake(stage: Stage, outputs: Mapping[str, str], *, voice: Voice) -> tuple[Counter[str], Counter[str]]:
    """How many sales each tenant has in the table and in the lake, once these are the same."""
    table = in_table(stage)
    deadline = time.monotonic() + PATIENCE
    with waiting(voice, "lake", "sales in the lake", expected=sum(table.values())) as (step, show):
        while True:
            commit(stage, outputs["CommitFunction"])
            lake = in_lake(stage)
            if lake == table:
                break
            if time.monotonic() > deadline:
                raise Problem(
                    f"After {PATIENCE:.0f} s the lake has {sum(lake.values()):,} of the table's "
                    f"{sum(table.values()):,} sales: the logs of the functions {outputs['StageFunction']} and "
                    f"{outputs['CommitFunction']} say why."
                )
            show(sum(lake.values()), "")
            time.sleep(0.3)
            table = in_table(stage)
        step.detail = f"{sum(lake.values()):,} sales, as many as in the table"
    return table, lake


def commit(stage: Stage, function: str) -> None:
    """Has what is staged committed, rather than wait for the schedule's minute; one that runs already is enough."""
    functions = stage.client("lambda")
    try:
        answer = functions.invoke(FunctionName=function, Payload=b"{}")
    except ClientError as error:
        if error.response["Error"]["Code"] != "TooManyRequestsException":
            raise
        return
    said = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise Problem(f"The function {function} failed.", detail=said)


def in_table(stage: Stage) -> Counter[str]:
    """How many sales each tenant has in the table."""
    pages = stage.client("dynamodb").get_paginator("scan")
    found = pages.paginate(TableName=SALES.physical_name(stage.name), ProjectionExpression="tenant")
    return Counter(item["tenant"]["S"] for page in found for item in page["Items"])


def in_lake(stage: Stage) -> Counter[str]:
    """How many sales each tenant has in the lake, deleted ones not among them."""
    counts: dict[str, int] = dict(map(tuple, answer_of(stage, PER_TENANT).rows))
    return Counter(counts)


def answer_of(stage: Stage, sql: str) -> Answer:
    """The lake's answer, of its newest snapshot."""
    dataset = files_of(SALES_HISTORY, load_table(stage, SALES_HISTORY)).dataset
    return ask(session(SALES_HISTORY, dataset, memory=MEMORY), sql)
