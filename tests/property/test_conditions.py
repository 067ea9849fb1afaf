"""Conditions: what `F` says in Python is what DynamoDB does, by moto, by an evaluator in memory and by plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from shardwell.errors import BadQuery
from shardwell.expressions import Condition, F, Placeholders, every
from shardwell.values import encode_item
from tests.property.evaluator import Invalid, Reader

Predicate = Callable[[dict[str, Any]], bool]
Pair = tuple[Condition, Predicate]

NAMES = ("size", "a-b", ":v0", "#n0", "AND", "é", "map", "list")
texts = st.sampled_from(["", "a", "ab", "b", "é", "1", ":v1", "#n1", "a AND b", "\U0001f600", "\uffff"])
numbers = st.sampled_from([0, 1, -1, 2, Decimal("1.0"), Decimal("1.5"), 10**20])
scalars = texts | numbers | st.booleans() | st.none() | st.sampled_from([b"a", b"ab", b"\xff"])
values = scalars | st.sets(texts, min_size=1, max_size=3) | st.sets(numbers, min_size=1, max_size=2)
attributes = (
    values | st.lists(scalars, max_size=2) | st.dictionaries(st.sampled_from(["x", "size"]), scalars, max_size=2)
)
items = st.dictionaries(st.sampled_from(NAMES), attributes, max_size=5)
paths = st.sampled_from([*NAMES, "map.x", "map.size", "list[0]", "list[1]", "list[0].x", "é[0]"])
MISSING = object()


def found(item: dict[str, Any], path: str) -> Any:
    """What a path leads to in a Python item."""
    head, _, rest = path.replace("[", ".[").partition(".")
    value: Any = item.get(head, MISSING)
    for step in rest.split(".") if rest else ():
        if step.startswith("[") and isinstance(value, list):
            number = int(step[1:-1])
            value = value[number] if number < len(value) else MISSING
        else:
            value = value.get(step, MISSING) if isinstance(value, dict) and not step.startswith("[") else MISSING
    return value


def kind(value: Any) -> str:
    """The type of a value as far as comparisons see it."""
    if isinstance(value, set):
        return "set of " + kind(next(iter(value)))
    return "number" if type(value) in (int, Decimal) else type(value).__name__


def equal(left: Any, right: Any) -> bool:
    if left is MISSING or kind(left) != kind(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[name], right[name]) for name in left)
    return bool(left == right)


def less(left: Any, right: Any) -> bool:
    if left is MISSING or kind(left) != kind(right) or kind(left) not in ("str", "number", "bytes"):
        return False
    return bool(left.encode() < right.encode() if isinstance(left, str) else left < right)


def begins(value: Any, beginning: Any) -> bool:
    return kind(value) == kind(beginning) and kind(value) in ("str", "bytes") and value.startswith(beginning)


def holds(value: Any, part: Any) -> bool:
    if isinstance(value, str | bytes):
        return kind(value) == kind(part) and part in value
    return isinstance(value, list | set) and any(equal(one, part) for one in value)


def at_least(left: Any, right: Any) -> bool:
    same = left is not MISSING and right is not MISSING and kind(left) == kind(right)
    return same and kind(left) in ("str", "number", "bytes") and not less(left, right)


COMPARISONS: dict[str, tuple[Callable[[F, Any], Condition], Callable[[Any, Any], bool]]] = {
    "==": (lambda f, v: f == v, equal),
    "!=": (lambda f, v: f != v, lambda left, right: not equal(left, right)),
    "<": (lambda f, v: f < v, less),
    "<=": (lambda f, v: f <= v, lambda left, right: at_least(right, left)),
    ">": (lambda f, v: f > v, lambda left, right: left is not MISSING and less(right, left)),
    ">=": (lambda f, v: f >= v, at_least),
}
TYPED = {"size": numbers, "\u00e9": texts, ":v0": texts, "map.size": texts, "list[0]": numbers, "list[1]": numbers}
typed_items = st.fixed_dictionaries(
    {},
    optional={
        "size": numbers,
        "\u00e9": texts,
        ":v0": texts,
        "map": st.fixed_dictionaries({}, optional={"size": texts}),
        "list": st.lists(numbers, max_size=2),
    },
)


@st.composite
def comparisons(draw: st.DrawFn, typed: Mapping[str, st.SearchStrategy[Any]] | None = None) -> Pair:
    """A comparison of any path with any value, or of those in `typed` with a value of their type."""
    path = draw(paths if typed is None else st.sampled_from(sorted(typed)))
    any_of_them = draw(st.sampled_from([texts, numbers])) if typed is None else typed[path]
    asked = F(path)
    choice = draw(st.sampled_from(["compare", "in", "between", "begins", "contains", "exists", "missing"]))
    if choice == "compare":
        name = draw(st.sampled_from(sorted(COMPARISONS)))
        value = draw(values if typed is None and name in ("==", "!=") else any_of_them)
        condition, test = COMPARISONS[name]
        return condition(asked, value), lambda item: test(found(item, path), value)
    if choice == "in":
        several = draw(st.lists(scalars if typed is None else any_of_them, min_size=1, max_size=3))
        return asked.is_in(several), lambda item: any(equal(found(item, path), one) for one in several)
    if choice == "between":
        low, high = draw(st.tuples(any_of_them, any_of_them))
        low, high = (high, low) if less(high, low) else (low, high)
        return asked.between(
            low, high
        ), lambda item: at_least(found(item, path), low) and at_least(high, found(item, path))
    if choice == "begins" and kind(draw(any_of_them)) == "str":
        beginning = draw(texts)
        return asked.begins_with(beginning), lambda item: begins(found(item, path), beginning)
    if choice == "contains" and kind(part := draw(any_of_them)) == "str":
        return asked.contains(part), lambda item: holds(found(item, path), part)
    if choice == "exists":
        return asked.exists(), lambda item: found(item, path) is not MISSING
    return asked.missing(), lambda item: found(item, path) is MISSING


def combined(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    def both(one: Pair, other: Pair) -> Pair:
        return one[0] & other[0], lambda item: one[1](item) and other[1](item)

    def either(one: Pair, other: Pair) -> Pair:
        return one[0] | other[0], lambda item: one[1](item) or other[1](item)

    def negated(one: Pair) -> Pair:
        return ~one[0], lambda item: not one[1](item)

    return st.builds(both, inner, inner) | st.builds(either, inner, inner) | st.builds(negated, inner)


conditions = st.recursive(comparisons(), combined, max_leaves=5)
typed_conditions = st.recursive(comparisons(TYPED), combined, max_leaves=5)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        yield client


@given(items, conditions)
def test_a_condition_means_in_memory_what_it_says(item: dict[str, Any], pair: Pair) -> None:
    condition, predicate = pair
    placeholders = Placeholders()
    reader = Reader(condition.text(placeholders), placeholders.names, placeholders.values)
    assert reader.condition()(encode_item(item)) == predicate(item)
    assert reader.used == {*placeholders.names, *placeholders.values}, "DynamoDB refuses placeholders without use"


@given(typed_items, typed_conditions)
def test_a_condition_means_to_moto_what_it_says(client: Any, item: dict[str, Any], pair: Pair) -> None:
    """Each attribute is of one type here: moto fails on comparisons across types, which DynamoDB answers with no."""
    condition, predicate = pair
    placeholders = Placeholders()
    text = condition.text(placeholders)
    client.put_item(TableName="t", Item={**encode_item(item), "id": {"S": "1"}})
    answer = client.scan(TableName="t", FilterExpression=text, **placeholders.request())
    assert (answer["Count"] == 1) == predicate(item)


@given(st.lists(st.none() | comparisons(), max_size=4), items)
def test_every_is_all_of_them(pairs: list[Pair | None], item: dict[str, Any]) -> None:
    together = every(*(None if pair is None else pair[0] for pair in pairs))
    expected = all(pair[1](item) for pair in pairs if pair is not None)
    if together is None:
        assert all(pair is None for pair in pairs)
    else:
        placeholders = Placeholders()
        text = together.text(placeholders)
        assert Reader(text, placeholders.names, placeholders.values).condition()(encode_item(item)) == expected


@given(st.text(max_size=8), st.text(max_size=8))
def test_no_text_is_ever_taken_for_syntax(name: str, value: str) -> None:
    placeholders = Placeholders()
    try:
        text = (F(name) == value).text(placeholders)
    except BadQuery:
        return
    reader = Reader(text, placeholders.names, placeholders.values)
    try:
        reader.condition()
    except Invalid as error:
        raise AssertionError(f"{text!r} is no condition") from error
    assert all(placeholders.names.values()), "DynamoDB refuses empty names"


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[1", "a]", "[0]", "a[0]b", "a[-1]"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(BadQuery, match="path"):
        F(path).exists()


@pytest.mark.parametrize(
    "mistake", [lambda: (F("a") == 1) and (F("b") == 2), lambda: not F("a").exists(), lambda: 1 < F("a") < 3]
)
def test_pythons_own_words_for_and_or_not_are_refused(mistake: Callable[[], Any]) -> None:
    with pytest.raises(BadQuery, match="combine conditions with"):
        mistake()


@pytest.mark.parametrize("count", [0, 101])
def test_in_takes_1_to_100_values(count: int) -> None:
    with pytest.raises(BadQuery, match=f"compared with {count} values"):
        F("a").is_in(range(count))
