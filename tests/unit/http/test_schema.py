"""Values are checked by what describes them, in sentences that say the way out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shardwell.errors import SchemaError
from shardwell.http_routes import Parameter, Route, Success, by_key
from shardwell.http_schema import Choice, Day, Fault, Listing, Number, Record, Schema, Text, Whole, faults

PRICE = Number(about="A price.", least=Decimal(0), most=Decimal("9.99"), decimals=2)
THING = Record(
    name="Thing",
    about="A thing.",
    fields={"name": Text(about="Its name."), "prices": Listing(about="Its prices.", of=PRICE)},
    required=frozenset({"name"}),
    nullable=frozenset({"prices"}),
)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (Text(about="", most=2), "日本"),
        (Text(about="", least=0), ""),
        (Text(about="", pattern="[a-z]+"), "abc"),
        (Day(about=""), "2024-02-29"),
        (Choice(about="", values=("a", "b")), "b"),
        (Whole(about="", least=1, most=3), 3),
        (Whole(about=""), Decimal("1E+3")),
        (Number(about=""), Decimal("1E-120")),
        (PRICE, Decimal("9.990")),
        (PRICE, Decimal("1E-1")),
        (PRICE, Decimal("-0")),
        (PRICE, 5),
        (THING, {"name": "x"}),
        (THING, {"name": "x", "prices": None}),
        (THING, {"name": "x", "prices": [1, Decimal("2.5")]}),
    ],
)
def test_what_is_right_passes(schema: Schema, value: Any) -> None:
    assert faults(schema, value) == []


@pytest.mark.parametrize(
    ("schema", "value", "says"),
    [
        (Text(about=""), "", "The body is empty: give at least 1 character."),
        (Text(about="", least=3), "", "The body is empty: give at least 3 characters."),
        (Text(about="", pattern="[a-z]+"), "abcD", "The body is 'abcD': give text that matches [a-z]+."),
        (Choice(about="", values=("a", "b")), "c", "The body is 'c': give one of a, b."),
        (Whole(about="", least=1), 0, "The body is 0: it may be at least 1."),
        (Whole(about="", most=1), 2, "The body is 2: it may be at most 1."),
        (Whole(about=""), Decimal("1.5"), "The body is 1.5: give a whole number."),
        (Whole(about=""), Decimal("1E+999999"), "The body is 1E+999999: give a whole number."),
        (PRICE, Decimal("1.001"), "The body is 1.001: it may have at most 2 decimals."),
        (PRICE, Decimal("1E-999999"), "The body is 1E-999999: it may have at most 2 decimals."),
        (PRICE, 1.5, "The body is a float, which is not exact: give a number."),
        (Listing(about="", of=PRICE), {}, "The body is an object: give a list."),
        (THING, [], "The body is a list: give a JSON object."),
        (THING, {}, "The body lacks name: it needs name."),
    ],
)
def test_what_is_wrong_is_said(schema: Schema, value: Any, says: str) -> None:
    assert [fault.detail for fault in faults(schema, value)] == [says]


def test_a_fault_says_where_it_is() -> None:
    assert faults(THING, {"name": None, "prices": [1, 10, "x"], "more": 1}) == [
        Fault("/name", "name is null: give text."),
        Fault("/prices/1", "prices[1] is 10: it may be from 0 to 9.99."),
        Fault("/prices/2", "prices[2] is text: give a number."),
        Fault("/more", "'more' is no field of the body: it has name, prices."),
    ]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    ANY, st.sampled_from([PRICE, THING, Text(about=""), Day(about=""), Whole(about=""), Listing(about="", of=THING)])
)
def test_any_value_is_judged_and_none_breaks_the_judge(value: Any, schema: Schema) -> None:
    for fault in faults(schema, value):
        assert fault.detail.endswith(".")


def test_a_route_describes_its_path() -> None:
    with pytest.raises(SchemaError, match=r"GET /things/{id} does not describe each parameter of its path: id"):
        Route(method="GET", path="/things/{id}", name="x", summary="", answers={200: Success(about="")})


def test_a_route_describes_a_parameter_once() -> None:
    twice = (Parameter(name="a", schema=Text(about="")),) * 2
    with pytest.raises(SchemaError, match="GET /things describes a parameter twice"):
        Route(method="GET", path="/things", name="x", summary="", parameters=twice, answers={})


@pytest.mark.parametrize(("path", "name"), [("/a", "other"), ("/b", "one")])
def test_two_routes_differ_in_path_and_in_name(path: str, name: str) -> None:
    routes = (
        Route(method="GET", path="/a", name="one", summary="", answers={}),
        Route(method="GET", path=path, name=name, summary="", answers={}),
    )
    with pytest.raises(SchemaError, match="Two routes have the same path and method, or the same name"):
        by_key(routes)
