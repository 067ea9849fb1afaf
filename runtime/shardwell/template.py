"""Key templates: `"SALE#{saleDate}#{saleId}"` as a function from fields to text, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shardwell.errors import BadKeyPart, SchemaError
from shardwell.keypart import LAST_CHARACTER, decode, encode, encode_prefix, shown, whole_number

SHARD = "shard"
_FIELD = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PADDING = re.compile(r"0([1-9][0-9]?)d")


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a template: the fixed text before it, its name, and how many digits it is padded to."""

    before: str
    name: str
    digits: int | None = None

    def text(self, value: Any) -> str:
        """The field's value as it stands in the key."""
        if isinstance(value, str):
            if self.digits is not None:
                raise BadKeyPart(
                    f"{self.name} is the text {shown(value)}, but its key part holds a whole number of at most "
                    f"{self.digits} digits: give an int."
                )
            return encode(self.name, value)
        number = whole_number(value)
        if number is None:
            raise BadKeyPart(
                f"{self.name} is {shown(value)} of type {type(value).__name__}, but a key part is text or a "
                "whole number of at most 38 digits: convert it to str or int first."
            )
        if self.digits is None:
            return str(number)
        if not 0 <= number < 10**self.digits:
            raise BadKeyPart(
                f"{self.name} is {number}, but its key part holds 0 to {10**self.digits - 1}: another value would "
                "not sort in its place."
            )
        return f"{number:0{self.digits}d}"


@dataclass(frozen=True)
class Template:
    """A key attribute made of fields and fixed text."""

    source: str
    parts: tuple[Part, ...]
    after: str

    @classmethod
    def parse(cls, source: str) -> Template:
        """The template that `source` spells, or a SchemaError that names the mistake."""
        parts: list[Part] = []
        position = 0
        for match in _FIELD.finditer(source):
            name, _, padding = match.group(1).partition(":")
            before = source[position : match.start()]
            _check_part(source, name, padding, before, first=not parts)
            digits = int(_PADDING.fullmatch(padding)[1]) if padding else None  # type: ignore[index]  # checked above
            parts.append(Part(before, name, digits))
            position = match.end()
        after = source[position:]
        _check_ends(source, parts, after)
        return cls(source, tuple(parts), after)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields in order, the computed `shard` among them."""
        return tuple(part.name for part in self.parts)

    @cached_property
    def prefix(self) -> str:
        """The fixed text that every key of this template begins with."""
        return self.parts[0].before if self.parts else self.after

    def render(self, fields: Mapping[str, Any]) -> str:
        """The key text of these fields; each of them must be there."""
        return "".join(part.before + part.text(fields[part.name]) for part in self.parts) + self.after

    def render_leading(self, values: tuple[Any, ...]) -> str:
        """The key text up to and with the last of `values`, which belong to the leading fields."""
        return "".join(part.before + part.text(value) for part, value in zip(self.parts, values, strict=False))

    def parse_key(self, text: str) -> dict[str, str] | None:
        """The fields a key text was made of, or None where it was not made by this template."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        found = ((name, decode(part)) for name, part in match.groupdict().items())
        fields = {name: value for name, value in found if value is not None}
        return fields if len(fields) == len(self.parts) else None

    def range_of(self, low: tuple[Any, ...], high: tuple[Any, ...]) -> tuple[str, str]:
        """Least and greatest key text whose leading fields are from `low` to `high`, both included.

        The order is that of the key's text: for fields of one width, such as dates, it is that of the values.
        """
        return self._least(low), self._greatest(high)

    def range_equal(self, values: tuple[Any, ...]) -> tuple[str, str]:
        """Least and greatest key text whose leading fields are `values`."""
        return self._least(values), self._greatest(values)

    def range_before(self, values: tuple[Any, ...]) -> tuple[str, str]:
        """Least and greatest key text whose leading fields come before `values`."""
        return self.prefix or "\x00", _predecessor(self._least(values))

    def range_after(self, values: tuple[Any, ...]) -> tuple[str, str]:
        """Least and greatest key text whose leading fields come after `values`."""
        return _successor(self._greatest(values)), self.prefix + LAST_CHARACTER

    def range_beginning(self, values: tuple[Any, ...], beginning: str) -> tuple[str, str]:
        """Least and greatest key text whose leading fields are `values`, the next one beginning with `beginning`."""
        part = self.parts[len(values)]
        text = self.render_leading(values) + part.before + encode_prefix(part.name, beginning)
        return text or "\x00", text + LAST_CHARACTER

    def _least(self, values: tuple[Any, ...]) -> str:
        fixed = self.parts[len(values)].before if len(values) < len(self.parts) else self.after
        return self.render_leading(values) + fixed or "\x00"

    def _greatest(self, values: tuple[Any, ...]) -> str:
        text = self.render_leading(values)
        if len(values) < len(self.parts):
            return text + self.parts[len(values)].before + LAST_CHARACTER
        return text + self.after

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = ("[^#]+" if part.digits is None else f"[0-9]{{{part.digits}}}" for part in self.parts)
        fields = (f"{re.escape(p.before)}(?P<{p.name}>{form})" for p, form in zip(self.parts, forms, strict=True))
        return re.compile("".join(fields) + re.escape(self.after), re.DOTALL)

    def __iter__(self) -> Iterator[Part]:
        return iter(self.parts)


def can_collide(one: Template, other: Template) -> bool:
    """Whether some key text could be made by both templates."""
    return _segments_meet(_segments(one), _segments(other))


def _segments(template: Template) -> list[str | None]:
    """The template cut at `#`: fixed text, or None where a field stands."""
    marked = "".join(part.before + "\0" for part in template.parts) + template.after
    return [None if "\0" in segment else segment for segment in marked.split("#")]


def _segments_meet(one: list[str | None], other: list[str | None]) -> bool:
    return len(one) == len(other) and all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def _check_part(source: str, name: str, padding: str, before: str, *, first: bool) -> None:
    if not _NAME.fullmatch(name):
        raise SchemaError(f"The key template {source!r} has the field {name!r}: a field is named as an attribute is.")
    if padding and not _PADDING.fullmatch(padding):
        raise SchemaError(f"The key template {source!r} pads {name} by {padding!r}: write a padding as 03d.")
    if name == SHARD and padding:
        raise SchemaError(f"The key template {source!r} pads the shard: write it as {{shard}}.")
    if (not first and not before) or (before and not before.endswith("#")):
        raise SchemaError(
            f"The key template {source!r} has no # before {{{name}}}: two different items could share a key."
        )


def _check_ends(source: str, parts: list[Part], after: str) -> None:
    names = [part.name for part in parts]
    if not source:
        raise SchemaError("A key template is empty: give it at least one field or fixed text.")
    if any(character in "".join(p.before for p in parts) + after for character in "{}%"):
        raise SchemaError(f"The key template {source!r} has a stray brace or %: a field is written {{name}}.")
    if any("\ud800" <= character <= "\udfff" for character in source):
        raise SchemaError(f"The key template {source!r} has half a character (a lone surrogate): remove it.")
    if parts and after and not after.startswith("#"):
        raise SchemaError(f"The key template {source!r} has no # after {{{names[-1]}}}: two items could share a key.")
    if len(set(names)) != len(names):
        raise SchemaError(f"The key template {source!r} names a field twice: once is enough to find it.")


def _successor(text: str) -> str:
    """The least text greater than `text` that a key can hold."""
    return text + "\x00"


def _predecessor(text: str) -> str:
    """A text less than `text` with no key of ours between the two: keys never hold U+10FFFF."""
    last = ord(text[-1]) - 1
    if 0xD800 <= last <= 0xDFFF:
        last = 0xD7FF
    return text[:-1] + chr(last) + LAST_CHARACTER
