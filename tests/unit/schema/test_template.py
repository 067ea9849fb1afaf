"""Key templates by example: parse, render, read back, and every mistake named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shardwell.errors import BadKeyPart, SchemaError
from shardwell.template import Template, can_collide

SALE = Template.parse("SALE#{saleDate}#{saleId}")
LINE = Template.parse("ORDER#{order}#LINE#{pos:03d}")


@pytest.mark.parametrize(
    ("source", "fields", "key"),
    [
        ("SALE#{saleDate}#{saleId}", {"saleDate": "2025-11-01", "saleId": "s-1"}, "SALE#2025-11-01#s-1"),
        ("SALE#{saleDate}#{saleId}", {"saleDate": "2025-11-01", "saleId": 7, "more": 1}, "SALE#2025-11-01#7"),
        ("{id}", {"id": "x"}, "x"),
        ("PROFILE", {}, "PROFILE"),
        ("A#{a}#END", {"a": "x"}, "A#x#END"),
        ("ORDER#{order}#LINE#{pos:03d}", {"order": "o", "pos": 7}, "ORDER#o#LINE#007"),
        ("ORDER#{order}#LINE#{pos:03d}", {"order": "o", "pos": Decimal("7")}, "ORDER#o#LINE#007"),
        ("N#{n}", {"n": -12}, "N#-12"),
        ("N#{n}", {"n": Decimal("1E+3")}, "N#1000"),
        ("N#{n}", {"n": Decimal("1E+37")}, "N#1" + "0" * 37),  # more digits than Python's decimals divide with
        ("T#{t}", {"t": "a#b%c\n\x7f\x85"}, "T#a%23b%25c%0A%7F%C2%85"),
        ("T#{t}", {"t": "cafe\u0301"}, "T#caf\u00e9"),
        ("T#{t}", {"t": "Ab C\U0001f600"}, "T#Ab C\U0001f600"),
    ],
)
def test_a_template_renders(source: str, fields: dict[str, Any], key: str) -> None:
    assert Template.parse(source).render(fields) == key


def test_a_template_knows_its_fields_and_its_beginning() -> None:
    assert SALE.fields == ("saleDate", "saleId")
    assert SALE.prefix == "SALE#"
    assert LINE.fields == ("order", "pos")
    assert Template.parse("{id}").prefix == ""
    assert Template.parse("PROFILE").prefix == "PROFILE"
    assert [part.digits for part in LINE] == [None, 3]


@pytest.mark.parametrize(
    ("template", "key", "fields"),
    [
        (SALE, "SALE#2025-11-01#s%231", {"saleDate": "2025-11-01", "saleId": "s#1"}),
        (LINE, "ORDER#o#LINE#007", {"order": "o", "pos": "007"}),
        (LINE, "ORDER#o#LINE#7", None),
        (LINE, "ORDER#o#LINE#abc", None),
        (SALE, "SALE#2025-11-01", None),
        (SALE, "SALE#2025-11-01#a#b", None),
        (SALE, "SALE##a", None),
        (SALE, "sale#2025-11-01#a", None),
        (SALE, "SALE#2025-11-01#a%2", None),
        (SALE, "SALE#2025-11-01#%FF", None),
        (SALE, "SALE#2025-11-01#%41", None),
        (SALE, "SALE#2025-11-01#a%0a", None),
        (SALE, "SALE#2025-11-01#e\u0301", None),
        (Template.parse("PROFILE"), "PROFILE", {}),
        (Template.parse("PROFILE"), "PROFILES", None),
    ],
)
def test_a_key_is_read_back_if_the_template_made_it(
    template: Template, key: str, fields: dict[str, str] | None
) -> None:
    assert template.parse_key(key) == fields


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "A key template is empty"),
        ("A#{}", "has the field '': a field is named as an attribute is"),
        ("A#{a b}", "has the field 'a b'"),
        ("A#{1}", "has the field '1'"),
        ("A#{a.b}", "has the field 'a.b'"),
        ("A#{a:3d}", "pads a by '3d': write a padding as 03d"),
        ("A#{a:00d}", "pads a by '00d'"),
        ("A#{a:>5}", "pads a by '>5'"),
        ("A#{shard:03d}", "pads the shard: write it as {shard}"),
        ("A{a}", "has no # before {a}: two different items could share a key"),
        ("{a}{b}", "has no # before {b}"),
        ("{a}-{b}", "has no # before {b}"),
        ("{a}END", "has no # after {a}: two items could share a key"),
        ("A#{a}#{a}", "names a field twice"),
        ("A#{a", "has a stray brace or %"),
        ("A}#{a}", "has a stray brace or %"),
        ("100%#{a}", "has a stray brace or %"),
        ("A\ud800#{a}", "has half a character (a lone surrogate): remove it"),
    ],
)
def test_a_mistake_in_a_template_is_named(source: str, words: str) -> None:
    with pytest.raises(SchemaError) as caught:
        Template.parse(source)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("source", "value", "words"),
    [
        ("A#{a}", "", "a is empty, and a part of a key needs at least 1 character"),
        ("A#{a}", 1.5, "a is 1.5 of type float, but a key part is text or a whole number"),
        ("A#{a}", True, "a is True of type bool"),
        ("A#{a}", None, "a is None of type NoneType"),
        ("A#{a}", b"x", "a is b'x' of type bytes"),
        ("A#{a}", Decimal("1.5"), "a is Decimal('1.5') of type Decimal"),
        ("A#{a}", Decimal("NaN"), "a is Decimal('NaN') of type Decimal"),
        ("A#{a}", Decimal("1E+400000"), "of at most 38 digits"),
        pytest.param("A#{a}", 10**5_000, "a is a number of thousands of digits of type int", id="huge"),
        ("A#{a}", "x\ud800", "has the code point U+D800, which no key can hold: remove it"),
        ("A#{a}", "x\U0010ffff", "has the code point U+10FFFF"),
        ("A#{a:03d}", "7", "a is the text '7', but its key part holds a whole number of at most 3 digits: give an int"),
        ("A#{a:03d}", 1000, "a is 1000, but its key part holds 0 to 999"),
        ("A#{a:03d}", -1, "a is -1, but its key part holds 0 to 999"),
    ],
)
def test_a_value_that_cannot_be_part_of_a_key_is_refused(source: str, value: object, words: str) -> None:
    with pytest.raises(BadKeyPart) as caught:
        Template.parse(source).render({"a": value})
    assert words in str(caught.value)


def test_a_long_value_is_shortened_in_the_error() -> None:
    with pytest.raises(BadKeyPart) as caught:
        Template.parse("A#{a}").render({"a": "x" * 2_000 + "\ud800"})
    assert "(2001 characters)" in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("CUSTOMER#{id}", "ORDER#{id}", False),
        ("A#{id}", "A#{name}", True),
        ("A#{id}", "{kind}#B", True),
        ("A#{id}", "A#{id}#LINE", False),
        ("A#PROFILE", "A#{id}", True),
        ("A#PROFILE", "A#{pos:03d}", True),
        ("PROFILE", "PROFILE", True),
        ("PROFILE", "PROFILES", False),
        ("{id}", "PROFILE", True),
        ("{id}", "{a}#{b}", False),
    ],
)
def test_templates_that_could_make_one_key_are_told_from_those_that_cannot(one: str, other: str, meet: bool) -> None:
    assert can_collide(Template.parse(one), Template.parse(other)) is meet
    assert can_collide(Template.parse(other), Template.parse(one)) is meet
