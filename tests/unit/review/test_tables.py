"""Tables before and after in one picture: keys, indexes, settings, what changed, and hostile names."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from review.model import KeyOf, Mark, TableKey, TablePicture
from review.parts import every_part
from review.table_mermaid import table_mermaid
from review.table_svg import table_svg
from review.tables import tables_described
from sales_intelligence.tables import SALES
from shardwell import Table
from tests.unit.review.sides import index, reviewed, table

SVG = "{http://www.w3.org/2000/svg}"


def pictures(before: dict[str, Any], after: dict[str, Any], *described: Table) -> list[TablePicture]:
    rest = {"Q": {"Type": "AWS::SQS::Queue"}}
    result = reviewed({**rest, **before}, {**rest, **after}, parts=every_part(descriptions=described))
    return [each.item for each in result.tables]


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - our own picture, which has to be well-formed


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def marks(picture: TablePicture) -> dict[str, Mark]:
    return {key.index: key.mark for key in picture.keys}


def with_indexes(*indexes: Any, **more: Any) -> dict[str, Any]:
    return {"T": table(GlobalSecondaryIndexes=list(indexes), **more)}


def test_indexes_that_come_go_change_and_stay() -> None:
    before = with_indexes(index("Gone", "A"), index("Same", "A"), index("Other", "A"))
    after = with_indexes(index("Same", "A"), index("Other", "B", "KEYS_ONLY"), index("New", "B"))
    (picture,) = pictures(before, after)
    assert marks(picture) == {
        "": Mark.SAME,
        "Gone": Mark.REMOVED,
        "New": Mark.ADDED,
        "Other": Mark.CHANGED,
        "Same": Mark.SAME,
    }
    (other,) = [key for key in picture.keys if key.index == "Other"]
    assert other.notes == (
        "partition key: A (S) becomes B (S)",
        "projection: whole items becomes keys only",
    )
    assert (picture.mark, picture.keys[0].of, picture.keys[0].partition) == (Mark.CHANGED, KeyOf.TABLE, ("PK (S)",))


def test_a_key_schema_that_changes_is_marked() -> None:
    key = [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}]
    (picture,) = pictures({"T": table()}, {"T": table(KeySchema=key)})
    assert picture.keys[0].notes == ("sort key: none becomes SK (S)",)


def test_settings_show_both_sides() -> None:
    on = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    ttl = {"TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True}}
    (picture,) = pictures({"T": table(**on)}, {"T": table(**ttl)})
    facts = {name: (before, after) for name, before, after in picture.facts}
    assert facts["point-in-time recovery"] == ("on", "off")
    assert facts["time to live"] == ("off", "ttl")
    assert facts["deletion protection"] == ("off", "off")
    assert "point-in-time recovery: on → off" in texts(picture.svg)


def test_a_table_of_which_nothing_that_is_shown_differs_has_no_picture() -> None:
    assert pictures({"T": table()}, {"T": table()}) == []
    assert pictures({"T": table()}, {"T": table(Tags=[{"Key": "a", "Value": "b"}])}) == []


def test_tables_that_come_go_and_are_renamed() -> None:
    assert [each.mark for each in pictures({}, {"T": table()})] == [Mark.ADDED]
    assert [each.mark for each in pictures({"T": table()}, {})] == [Mark.REMOVED]
    (renamed,) = pictures({"T": table(TableName="same")}, {"New": table(TableName="same")})
    assert (renamed.logical_id, marks(renamed)) == ("New", {"": Mark.SAME})


def test_a_description_adds_shards_and_access_patterns() -> None:
    assert SALES in tables_described(["sales_intelligence.tables"])
    name = {"TableName": "shardwell-prod-sales-intelligence"}
    (picture,) = pictures(with_indexes(**name), with_indexes(index("GSI1", "A"), **name), SALES)
    (key,) = [each for each in picture.keys if each.index == "GSI1"]
    assert (key.shards, key.patterns) == (10, ("a category's sales in a season by date",))
    assert {"10", "a category's sales in a season by date"} < set(texts(picture.svg))
    assert "10 shards" in picture.mermaid


def test_local_indexes_and_keys_of_several_attributes() -> None:
    several = index("G", "A")
    several["KeySchema"].append({"AttributeName": "B", "KeyType": "HASH"})
    (picture,) = pictures({"T": table()}, with_indexes(several, LocalSecondaryIndexes=[index("L", "PK")]))
    assert [(key.of, key.partition) for key in picture.keys] == [
        (KeyOf.TABLE, ("PK (S)",)),
        (KeyOf.GLOBAL_INDEX, ("A (S)", "B (S)")),
        (KeyOf.LOCAL_INDEX, ("PK (S)",)),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"GlobalSecondaryIndexes": {"Fn::If": ["C", [], []]}},
        {"GlobalSecondaryIndexes": [{"Fn::If": ["C", index("G", "A"), {"Ref": "AWS::NoValue"}]}]},
        {"GlobalSecondaryIndexes": [None, 1, "x", [], {}]},
        {"KeySchema": {"Ref": "K"}},
        {"KeySchema": [{"Ref": "K"}]},
        {"AttributeDefinitions": 7, "Replicas": [1], "TimeToLiveSpecification": "x"},
    ],
)
def test_what_only_the_deployment_can_tell_is_shown_as_that(given: dict[str, Any]) -> None:
    (picture,) = pictures({"T": table()}, {"T": table(**given)})
    assert texts(picture.svg)
    assert all(key.partition for key in picture.keys)


HOSTILE = '</svg><script>alert(1)</script>"\'&]]>\x00\x07\ud800 `;|%% \n click t "javascript:x"'


def key(name: str, mark: Mark = Mark.ADDED) -> TableKey:
    return TableKey(
        of=KeyOf.GLOBAL_INDEX,
        index=name,
        partition=(name,),
        sort=(name,),
        projection=name,
        shards=None,
        patterns=(name,),
        mark=mark,
        notes=(name,),
    )


def test_hostile_names_do_nothing_in_the_svg() -> None:
    svg = table_svg(HOSTILE, (key(HOSTILE), key(HOSTILE)), ((HOSTILE, HOSTILE, "x"),), Mark.CHANGED)
    found = parsed(svg)
    assert {element.tag.removeprefix(SVG) for element in found.iter()} == {"svg", "text", "rect", "path"}
    svg.encode()
    assert "style" not in svg
    assert "class=" not in svg


def test_hostile_names_do_nothing_in_mermaid() -> None:
    text = table_mermaid(HOSTILE, (key("x"), key(HOSTILE)), Mark.CHANGED)
    nodes = [line for line in text.splitlines() if '["' in line]
    labels = [line[line.index('["') + 2 : -2] for line in nodes]
    assert len(labels) == 2
    for label in labels:
        plain = re.sub(r"#\d+;", "", label.replace("<br/>", ""))
        assert all(letter.isalnum() or letter in " .,·…" for letter in plain)
    assert "script#62;" in labels[0]
    ours = re.compile(r"flowchart LR|  (t|k0)\[.*|  t --> k0|  classDef \w+ [\w:#,. -]+|  class (t|k0) \w+")
    assert all(ours.fullmatch(line) for line in text.splitlines())


def test_very_many_indexes_are_cut_and_it_says_so() -> None:
    many = tuple(key(str(at)) for at in range(300))
    assert "and 250 more" in texts(table_svg("T", many, (), Mark.CHANGED))
    text = table_mermaid("T", many, Mark.CHANGED)
    assert ("and 275 more" in text, len(text) < 10_000) == (True, True)


def test_what_changed_is_said_in_a_word_too() -> None:
    svg = table_svg("T", (key("A", Mark.SAME), key("B", Mark.REMOVED)), (), Mark.CHANGED)
    assert {"changed", "removed"} <= set(texts(svg))
    text = table_mermaid("T", (key("A", Mark.SAME), key("B", Mark.REMOVED)), Mark.CHANGED)
    assert "B · removed" in text
    assert "t -.-> k0" in text
