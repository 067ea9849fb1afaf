"""Routes of an HTTP API as plain data: the stack makes them, the handler answers them, the document describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from shardwell.errors import SchemaError
from shardwell.http_schema import Record, Schema

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
MOST_BODY_BYTES = 65_536

_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a path or a query."""

    name: str
    schema: Schema
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a request carries, and the content types it may have."""

    schema: Record
    types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """What a route answers when all is well; `headers` are those it adds, each with what it says."""

    about: str
    schema: Record | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route: `GET /products/{productId}/sales`, what it takes and what it answers.

    `name` is the operation's id. `problems` are the statuses of its own refusals; those that any route can give are
    added to them: see `statuses`.
    """

    method: Method
    path: str
    name: str
    summary: str
    about: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    answers: Mapping[int, Success]
    problems: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if set(self.path_names) != {one.name for one in self.path_parameters}:
            raise SchemaError(f"{self.key} does not describe each parameter of its path: {', '.join(self.path_names)}.")
        if len({one.name for one in self.parameters}) < len(self.parameters):
            raise SchemaError(f"{self.key} describes a parameter twice: keep one.")

    @property
    def key(self) -> str:
        """The route as API Gateway names it: `GET /products/{productId}/sales`."""
        return f"{self.method} {self.path}"

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """Names of the path's parameters in order."""
        return tuple(_PARAMETER.findall(self.path))

    @cached_property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """Parameters that are part of the path."""
        return tuple(one for one in self.parameters if one.name in self.path_names)

    @cached_property
    def query_parameters(self) -> tuple[Parameter, ...]:
        """Parameters that are part of the query."""
        return tuple(one for one in self.parameters if one.name not in self.path_names)

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that a request of this route can be refused with, by the gateway or by its handler."""
        with_body = (415,) if self.body else ()
        return tuple(sorted({400, 401, 403, 404, 413, 429, 431, 500, 503, *with_body, *self.problems}))


def by_key(routes: Iterable[Route]) -> dict[str, Route]:
    """Routes by their keys; none may be there twice, nor share its name with another."""
    given = tuple(routes)
    found = {route.key: route for route in given}
    if len(found) < len(given) or len({route.name for route in given}) < len(given):
        raise SchemaError("Two routes have the same path and method, or the same name: change one.")
    return found
