"""DynamoDB's condition and update expressions, read and evaluated in memory, written from its documentation alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Item = Mapping[str, Any]
Test = Callable[[Item], bool]
Operand = Callable[[Item], Any]

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),.\[\]]|[:#]\w+|\w+)")
_ORDERED = {"S", "N", "B"}


class Invalid(Exception):
    """DynamoDB would answer with a ValidationException."""


class Reader:
    """A recursive descent through one expression; names and values that it never meets are reported by `unused`."""

    def __init__(self, text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self._tokens = self._cut(text)
        self._at = 0
        self._names = names
        self._values = values
        self.used: set[str] = set()
        self.changed: set[str] = set()

    def condition(self) -> Test:
        """The whole text as a condition."""
        found = self._either()
        if self._at < len(self._tokens):
            raise Invalid(f"syntax error at {self._tokens[self._at :]}")
        return found

    def update(self) -> Callable[[Item], dict[str, Any]]:
        """The whole text as an update: what it makes of an item."""
        steps: list[Callable[[Item, dict[str, Any]], None]] = []
        named: list[str] = []
        while self._at < len(self._tokens):
            word = self._next()
            while True:
                self.changed.add(self._peek() or "")
                name = self._name()
                named.append(name)
                steps.append(self._step(word, name))
                if not self._take(","):
                    break
        if len(set(named)) < len(named):
            raise Invalid("Two document paths overlap with each other")

        def apply(item: Item) -> dict[str, Any]:
            changed = dict(item)
            for step in steps:
                step(item, changed)
            return changed

        return apply

    def names(self) -> list[str]:
        """The whole text as a projection."""
        found = [self._name()]
        while self._take(","):
            found.append(self._name())
        return found

    def _step(self, word: str, name: str) -> Callable[[Item, dict[str, Any]], None]:
        if word == "REMOVE":
            return lambda _before, after: after.pop(name, None)
        if word == "SET":
            self._expect("=")
            value = self._value()
            return lambda _before, after: after.__setitem__(name, value)
        if word == "ADD":
            value = self._value()
            return lambda before, after: after.__setitem__(name, _sum(before.get(name), value))
        raise Invalid(f"{word} is no clause of an update")

    def _either(self) -> Test:
        found = self._both()
        while self._take("OR"):
            found = _or(found, self._both())
        return found

    def _both(self) -> Test:
        found = self._negated()
        while self._take("AND"):
            found = _and(found, self._negated())
        return found

    def _negated(self) -> Test:
        if self._take("NOT"):
            inner = self._negated()
            return lambda item: not inner(item)
        if self._take("("):
            found = self._either()
            self._expect(")")
            return found
        return self._compared()

    def _compared(self) -> Test:
        word = self._peek()
        if word in ("attribute_exists", "attribute_not_exists", "begins_with", "contains"):
            return self._function(self._next())
        left = self._operand()
        sign = self._next()
        if sign == "BETWEEN":
            low = self._operand()
            self._expect("AND")
            high = self._operand()
            return lambda item: compare(">=", left(item), low(item)) and compare("<=", left(item), high(item))
        if sign == "IN":
            self._expect("(")
            among = [self._operand()]
            while self._take(","):
                among.append(self._operand())
            self._expect(")")
            return lambda item: any(compare("=", left(item), one(item)) for one in among)
        right = self._operand()
        return lambda item: compare(sign, left(item), right(item))

    def _function(self, name: str) -> Test:
        self._expect("(")
        subject = self._operand()
        if name.startswith("attribute"):
            self._expect(")")
            wanted = name == "attribute_exists"
            return lambda item: (subject(item) is not None) is wanted
        self._expect(",")
        argument = self._operand()
        self._expect(")")
        test = _begins_with if name == "begins_with" else _contains
        return lambda item: subject(item) is not None and test(subject(item), argument(item))

    def _operand(self) -> Operand:
        if (self._peek() or "").startswith(":"):
            value = self._value()
            return lambda _item: value
        steps: list[str | int] = [self._name()]
        while True:
            if self._take("."):
                steps.append(self._name())
            elif self._take("["):
                steps.append(int(self._next()))
                self._expect("]")
            else:
                return lambda item: _walk(item, steps)

    def _name(self) -> str:
        token = self._next()
        if not token.startswith("#"):
            raise Invalid(f"{token} is used as it is, and may be a reserved word")
        self.used.add(token)
        return self._names[token]

    def _value(self) -> Any:
        token = self._next()
        if token not in self._values:
            raise Invalid(f"{token} is no value")
        self.used.add(token)
        return self._values[token]

    @staticmethod
    def _cut(text: str) -> list[str]:
        tokens, position = [], 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise Invalid(f"syntax error at {text[position:]!r}")
            tokens.append(match[1])
            position = match.end()
        return tokens

    def _peek(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> str:
        token = self._peek()
        if token is None:
            raise Invalid("the expression ends too early")
        self._at += 1
        return token

    def _take(self, token: str) -> bool:
        taken = self._peek() == token
        self._at += taken
        return taken

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise Invalid(f"{token} is missing before {self._peek()}")


def compare(sign: str, left: Any, right: Any) -> bool:
    """The comparison of two attribute values, None where there is none."""
    if sign == "<>":
        return not compare("=", left, right)
    if left is None or right is None:
        return False
    ((one, a),), ((other, b),) = left.items(), right.items()
    if one != other:
        return False
    if sign == "=":
        return plain(left) == plain(right)
    if one not in _ORDERED:
        return False
    a, b = ordered(left), ordered(right)
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign]


def ordered(value: Mapping[str, Any]) -> Any:
    """A key's value as DynamoDB sorts it: text by its UTF-8 bytes."""
    ((kind, inner),) = value.items()
    return Decimal(inner) if kind == "N" else inner.encode() if kind == "S" else bytes(inner)


def plain(value: Mapping[str, Any]) -> Any:
    """An attribute value as something that is equal to another when DynamoDB says so."""
    ((kind, inner),) = value.items()
    if kind == "N":
        return (kind, Decimal(inner))
    if kind == "NS":
        return (kind, frozenset(map(Decimal, inner)))
    if kind in ("SS", "BS"):
        return (kind, frozenset(inner))
    if kind == "L":
        return (kind, tuple(map(plain, inner)))
    if kind == "M":
        return (kind, frozenset((name, plain(one)) for name, one in inner.items()))
    return (kind, inner)


def _walk(item: Item, steps: list[str | int]) -> Any:
    found: Any = {"M": item}
    for step in steps:
        inner = found.get("L" if isinstance(step, int) else "M")
        if inner is None:
            return None
        there = step < len(inner) if isinstance(step, int) else step in inner
        found = inner[step] if there else None
        if found is None:
            return None
    return found


def _begins_with(subject: Any, argument: Any) -> bool:
    ((one, text),), ((other, beginning),) = subject.items(), argument.items()
    return one == other and one in ("S", "B") and text.startswith(beginning)


def _contains(subject: Any, argument: Any) -> bool:
    ((kind, inner),), ((other, part),) = subject.items(), argument.items()
    if kind in ("S", "B"):
        return kind == other and part in inner
    if kind == "L":
        return any(plain(one) == plain(argument) for one in inner)
    return kind in ("SS", "NS", "BS") and kind[0] == other and any(plain({other: o}) == plain(argument) for o in inner)


def _sum(before: Any, value: Any) -> Any:
    if before is None:
        return value
    if "N" not in before or "N" not in value:
        raise Invalid("An operand in the update expression has an incorrect data type")
    return {"N": str(Decimal(before["N"]) + Decimal(value["N"]))}


def _and(one: Test, other: Test) -> Test:
    return lambda item: one(item) and other(item)


def _or(one: Test, other: Test) -> Test:
    return lambda item: one(item) or other(item)
