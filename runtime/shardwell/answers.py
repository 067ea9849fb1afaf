"""Items out of DynamoDB's answers without botocore's walk through every value of them.

botocore looks at each value of each item three times. What it makes of an item is the JSON itself, unless there are
binary values in it. So items are taken from the JSON as they are, and everything else of an answer, errors and answers
with binary values included, goes botocore's way. The checksum is botocore's: it is compared before parsing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from botocore.model import StructureShape
from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

_OF_ITEMS = {"Item", "Items", "Attributes", "LastEvaluatedKey", "Responses"}
_AS_THEY_ARE = {
    "QueryOutput",
    "ScanOutput",
    "GetItemOutput",
    "BatchGetItemOutput",
    "PutItemOutput",
    "UpdateItemOutput",
    "DeleteItemOutput",
}
_BINARY = re.compile(rb'"BS?"\s*:')


class ItemParserFactory(ResponseParserFactory):
    """Makes the parsers of a session: ours for DynamoDB's protocol, botocore's for any other."""

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """The parser of a protocol."""
        return ItemParser() if protocol_name == "json" else super().create_parser(protocol_name)


class ItemParser(JSONParser):
    """botocore's parser, short of the items."""

    def _handle_json_body(self, raw_body: bytes, shape: StructureShape | None) -> Any:
        if shape is None or shape.name not in _AS_THEY_ARE or _BINARY.search(raw_body):
            return super()._handle_json_body(raw_body, shape)  # type: ignore[misc]  # private: not in botocore's stubs
        answer: Mapping[str, Any] = json.loads(raw_body) if raw_body else {}
        items = {name: answer[name] for name in _OF_ITEMS if name in shape.members and answer.get(name) is not None}
        rest = {name: value for name, value in answer.items() if name not in items}
        return {**self._parse_shape(shape, rest), **items}  # type: ignore[attr-defined]  # the same
