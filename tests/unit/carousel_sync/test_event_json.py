"""Reading events: exact where it matters, fast where it does not, and the same either way."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from carousel_sync.event_json import read_event_json


def slowly(text: str) -> Any:
    """The plain way to the same value."""
    return json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize(
    "text",
    [
        '{"embedding": [0.5, 1, -25e-2], "salePrice": 0.1}',
        '{"embedding" : \n[0.5]}',
        '{"sales": [{"embedding": [0.5]}, {"embedding": [0.25]}, {"embedding": []}], "embedding": [1]}',
        '{"embedding": [0.5], "embedding": [0.25]}',
        r'{"description": "x \"embedding\":[0.5] y", "embedding": [0.25]}',
        r'{"description": "x \\", "embedding": [0.25]}',
        r'{"description": "\\\"embedding\": [0.5", "embedding": [0.25]}',
        '{"a": "embedding", "b": ["embedding", [0.5]]}',
        '{"embedding": [[0.5], [0.25]]}',
        '{"embedding": ["]", 0.5]}',
        '{"embedding": [{"embedding": [0.5]}, true, null, false]}',
        r'{"embed\u0064ing": [0.5]}',
        '{"embedding": "[0.5]"}',
        '{"description": "to Infinity", "embedding": [0.5]}',
        '["embedding"]',
        '"embedding"',
    ],
)
def test_the_value_is_the_same_as_read_plainly(text: str) -> None:
    assert read_event_json(text) == slowly(text)


def test_an_embedding_is_floats_and_everything_else_is_exact() -> None:
    found = read_event_json('{"embedding": [0.1], "salePrice": 0.1, "other": [0.1]}')
    assert [type(one) for one in (found["embedding"][0], found["salePrice"], found["other"][0])] == [
        float,
        Decimal,
        Decimal,
    ]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_are_let_through_for_their_sale_to_be_refused(constant: str) -> None:
    found = read_event_json(f'[{{"embedding": [{constant}, 0.5]}}, {{"salePrice": {constant}}}]')
    assert str(found[0]["embedding"][0]) == str(found[1]["salePrice"]) == str(Decimal(constant))


@pytest.mark.parametrize(
    "text",
    [
        '{"embedding": [0.5}',
        '{"embedding": [0.5',
        '{"embedding": [0.5,]}',
        '{"embedding": [0.5 0.5]}',
        '{"embedding": [.5]}',
        '{"embedding": [1_0]}',
        '{"embedding": [0.5]} x',
        '{"a" "embedding": [0.5]}',
        'x"embedding":[0.5]',
        '"embedding":[0.5]',
        "",
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_event_json(text)
    with pytest.raises(ValueError, match=r"."):
        slowly(text)


def test_what_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read_event_json("[" * 100_000)
