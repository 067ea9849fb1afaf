"""Hostile and broken files: an answer or a sentence, and never a template that is not one."""

from __future__ import annotations

import json

import pytest

from review.reading import DEEPEST, MOST_BYTES, MOST_RESOURCES, UnreadableError, template

GOOD = {"Resources": {"It": {"Type": "AWS::SNS::Topic"}}}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"Resources:\n  It:\n    Type: AWS::SNS::Topic\n", "not JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[]", "a list, not a template"),
        (b"null", "missing or null"),
        (b'"text"', "a text"),
        (b"{}", "Resources are missing"),
        (b'{"Resources": []}', "Resources are a list"),
        (b'{"Resources": {"A": 1}}', "'A' is a number"),
        (b'{"Resources": {"A": {}}}', "'A' has no Type"),
        (b'{"Resources": {"A": {"Type": 5}}}', "'A' has no Type"),
        (b'{"Resources": {"A": {"Type": "T", "Properties": []}}}', "Properties of its resource 'A' are a list"),
        (b'{"Resources": {"A": {"Type": "T", "Metadata": true}}}', "Metadata of its resource 'A' are true or false"),
        (b'{"Resources": {}, "Outputs": [1]}', "Outputs are a list"),
        (b'{"Resources": {}, "Parameters": 3}', "Parameters are a number"),
        (b'{"Resources": {"A": {"Type": "T"}, "A": {"Type": "U"}}}', "'A' twice"),
        (b'{"Resources": {"A": {"Type": "T", "Properties": {"X": NaN}}}}', "NaN is no number"),
        (b'{"Resources":' + b'{"A":' * 5000 + b"1" + b"}" * 5001, "nested deeper"),
        (b"[" * 100_000 + b"]" * 100_000, "nested deeper"),
        (b"version https://git-lfs.github.com/spec/v1\n", "not JSON"),
    ],
)
def test_what_is_no_template_is_refused_with_the_reason(content: bytes, says: str) -> None:
    with pytest.raises(UnreadableError, match=says):
        template(content)


def test_more_bytes_than_are_read_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(UnreadableError, match=str(MOST_BYTES)):
        template(b" " * (MOST_BYTES + 1))


def test_more_resources_than_any_template_has_are_refused() -> None:
    many = {f"T{number}": {"Type": "AWS::SNS::Topic"} for number in range(MOST_RESOURCES + 1)}
    with pytest.raises(UnreadableError, match="5001 resources"):
        template(json.dumps({"Resources": many}).encode())


def test_the_deepest_template_that_is_read_can_be_read() -> None:
    deep: object = 1
    for _ in range(DEEPEST - 4):
        deep = {"x": deep}
    body = {"Resources": {"It": {"Type": "T", "Properties": deep}}}
    assert template(json.dumps(body).encode()) == body
    one_more = {"Resources": {"It": {"Type": "T", "Properties": {"x": {"x": deep}}}}}
    with pytest.raises(UnreadableError, match="nested deeper"):
        template(json.dumps(one_more).encode())


def test_a_template_is_read_with_and_without_a_byte_order_mark() -> None:
    text = json.dumps(GOOD).encode()
    assert template(text) == template(b"\xef\xbb\xbf" + text) == GOOD
