"""Pictures of tables: all that a description says is in them, and they can be read."""

from __future__ import annotations

import re
import subprocess
import sys
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from operations.docs.pages import ROOT, RUNTIME
from operations.docs.table_pages import described
from review.key_facts import facts_of, key_facts
from review.pictures import MARGIN, PANEL, WIDTH, picture
from sales_intelligence.tables import SALES
from shardwell import Key, Shape, Table, Ttl

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = Table(
    "{stage}-orders",
    shapes={
        "order": Shape(
            Key(PK="ORDER#{orderId}", SK="ORDER"),
            {"ByValue": Key(state=str, value=Decimal).projecting("customer").serves("orders of a state by value")},
        ),
        "line": Shape(Key(PK="ORDER#{orderId}", SK="LINE#{position:03d}").serves("an order's lines")),
    },
)
RESHARDED = Table(
    "events-{stage}",
    key=Key(id=str),
    indexes={"ByDay": Key(P="DAY#{day}#{shard}", S="{at}").sharded(10, by="id", former=(40,)).keys_only()},
    ttl=Ttl("gone", days=1),
    version="version",
)
TABLES = [SALES, SHAPES, RESHARDED, Table("plain-{stage}", key=Key(id=str))]


def texts(table: Table) -> list[str]:
    """Every text of a picture."""
    return ["".join(node.itertext()) for node in ElementTree.fromstring(picture(table)).iter(f"{SVG}text")]  # noqa: S314 (the picture is ours)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name_template)
def test_a_picture_says_all_that_the_description_says(table: Table) -> None:
    said = texts(table)
    assert table.name_template in said
    for _, sentence in facts_of(table):
        assert sentence in said
    for one in key_facts(table):
        assert (one.index or "table") in said
        for form in one.forms:
            assert form.purpose[:1].upper() + form.purpose[1:] in said
            for attribute in form.key.attributes:
                assert attribute.name in said
            for field in form.key.fields:
                assert any(field in text for text in said)


def test_keys_stand_there_as_they_are_described() -> None:
    joined = "".join(texts(SALES))
    assert "GSI1PKTENANT#tenant#CATEGORY#category#SEASON#season#SHARD#shard" in joined
    assert 'query("GSI1", tenant=…, category=…, season=…).between(saleDate, …)' in joined


def test_shards_are_counted_and_drawn() -> None:
    said = texts(SALES)
    assert {"10 shards", "5 shards", "shard = crc32(saleId) mod 10", "shard = crc32(productId) mod 5"} <= set(said)
    assert len(re.findall(r'class="many"', picture(SALES))) == 15


def test_a_former_shard_count_is_seen() -> None:
    assert "some items still by mod 40" in texts(RESHARDED)
    assert 'class="former"' in picture(RESHARDED)
    assert 'class="former"' not in picture(SALES)


def test_what_an_index_lacks_is_seen() -> None:
    said = texts(SALES)
    assert said.count("only items with") == 2
    assert said.count("every item") == 1
    assert "keys and customer" in texts(SHAPES)
    assert "each order with" in texts(SHAPES)
    assert "keys and gone, id" not in texts(RESHARDED)
    assert "keys and gone" in texts(RESHARDED)


def test_shapes_have_their_own_keys_and_purposes() -> None:
    said = texts(SHAPES)
    assert {"order", "line", "An order's lines", "position:03d"} <= set(said)
    assert 'of("line").query(orderId=…).between(position, …)' in said


@pytest.mark.parametrize("table", [*TABLES, *described(RUNTIME).values()], ids=lambda table: table.name_template)
def test_nothing_leaves_the_picture(table: Table) -> None:
    root = ElementTree.fromstring(picture(table))  # noqa: S314 (ours)
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    for node in root.iter():
        if "x" in node.attrib:
            right = float(node.attrib["x"]) + float(node.attrib.get("width", node.attrib.get("textLength", 0)))
            assert 0 <= float(node.attrib["x"]) <= right <= width, ElementTree.tostring(node)
            assert 0 <= float(node.attrib["y"]) <= height, ElementTree.tostring(node)


def test_a_long_key_is_broken_and_never_runs_into_the_shards() -> None:
    template = "#".join(f"KIND{n}#{{field{n}}}" for n in range(12))
    drawn = ElementTree.fromstring(picture(Table("wide-{stage}", key=Key(PK=template))))  # noqa: S314 (ours)
    chips = [node for node in drawn.iter(f"{SVG}rect") if "chip" in node.attrib["class"]]
    assert len({node.attrib["y"] for node in chips}) > 1
    assert max(float(n.attrib["x"]) + float(n.attrib["width"]) for n in chips) <= WIDTH - MARGIN - PANEL


def test_a_name_with_markup_is_text() -> None:
    table = Table("plain-{stage}", key=Key(PK="<b>#{id}#</b>").serves('"<script>" & all'))
    assert '"<script>" & all' in texts(table)
    assert "<script>" not in picture(table)


def test_both_kinds_of_page_are_thought_of_and_nothing_is_fetched() -> None:
    drawn = picture(SALES)
    assert drawn.count("@media (prefers-color-scheme: dark)") == 1
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert "@import" not in drawn
    assert "url(" not in drawn


def test_drawing_needs_neither_cdk_nor_boto3() -> None:
    code = (
        "import sys, review.pictures; "
        "print([m for m in sys.modules if m.split('.')[0] in ('aws_cdk', 'jsii', 'boto3', 'botocore')])"
    )
    finished = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"


def test_every_system_has_a_picture() -> None:
    systems = {file.parent.name.replace("_", "-") for file in RUNTIME.glob("*/tables.py")}
    assert {name for name in systems if not any(one.startswith(name) for one in described(RUNTIME))} == set()
