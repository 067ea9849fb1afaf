"""The statements of a template's policies as grants: one for each principal and resource."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from review.iam_actions import NONE, actions
from review.iam_documents import Document, documents
from review.iam_model import Grant, Source
from review.iam_principals import Principal, Who, principals
from review.intrinsics import Refers, canonical, is_intrinsic, references
from review.shown import Names, alternatives, shown
from review.templates import Body

MOST = 5_000
"""More principals times resources than this in one statement are not taken apart."""
When = tuple[str, ...]


def of_statements(body: Body, own: frozenset[str], names: Names) -> Iterator[Grant]:
    """Every grant of every policy document; `names` are what logical ids are called on the other side."""
    for document in documents(body):
        whom = _Whom(body, own, names)
        for statement, when in alternatives(document.statements):
            yield from _of_statement(document, statement, when, whom)


class _Whom:
    """Who the principals of a template's statements are."""

    def __init__(self, body: Body, own: frozenset[str], names: Names) -> None:
        self.body, self.own, self.names = body, own, names

    def of(self, document: Document, statement: Any) -> Iterator[tuple[Principal, When]]:
        """The principals of a statement, with the conditions on which each is there."""
        written = statement if isinstance(statement, Mapping) else {}
        if document.of_principals:
            yield from self._holders(document)
        elif "NotPrincipal" in written:
            yield from principals(written["NotPrincipal"], own=self.own, body=self.body, names=self.names, but=True)
        elif "Principal" in written:
            yield from principals(written["Principal"], own=self.own, body=self.body, names=self.names)
        else:
            yield Principal(Who.GIVEN, "a principal that is not named"), ()

    def _holders(self, document: Document) -> Iterator[tuple[Principal, When]]:
        for value, when in alternatives(list(document.holders) or {"Ref": document.logical_id}):
            name = next((each.name for each in references(value)), "") or shown(value, self.names)
            yield Principal(Who.TEMPLATE, self.names.get(name, name)), when


def _of_statement(document: Document, statement: Any, when: When, whom: _Whom) -> Iterator[Grant]:
    names = whom.names
    source = _source(document, names)
    always = frozenset((*when, document.condition)) - {""}
    who = list(whom.of(document, statement))
    what = list(_resources(document, statement, whom))
    wrong = _unreadable(statement)
    if not wrong and len(who) * len(what) > MOST:
        wrong = f"a statement of {len(who)} principals and {len(what)} resources, too many to compare"
    if wrong:
        yield Grant(
            effect="Allow",
            principal=who[0][0] if who else Principal(Who.GIVEN, "a principal that is not named"),
            actions=NONE,
            written=(),
            resource="",
            internal=False,
            condition="",
            when=always,
            opaque=f"{wrong}: {shown(statement, names)}",
            source=source,
        )
        return
    but = "Action" not in statement
    condition = condition_text(statement.get("Condition"), names)
    for on, written in _written(statement).items():
        of = actions(written, but=but)
        for (principal, also), (resource, internal, given) in product(who, what):
            yield Grant(
                effect=statement["Effect"],
                principal=principal,
                actions=of,
                written=tuple(f"not {value}" if but else value for value in written),
                resource=resource,
                internal=internal,
                condition=condition,
                when=always.union(on, also, given),
                opaque="",
                source=source,
            )


def _unreadable(statement: Any) -> str:
    """Why a statement cannot be understood; empty where it can."""
    if not isinstance(statement, Mapping) or is_intrinsic(statement):
        return "a statement that is known only at deployment"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return "a statement whose Effect is neither Allow nor Deny"
    written = _written(statement)
    if not written:
        return "a statement without actions"
    if any(not isinstance(value, str) for values in written.values() for value in values):
        return "a statement whose actions are known only at deployment"
    return "a NotAction that depends on a condition" if "Action" not in statement and any(written) else ""


def _written(statement: Mapping[str, Any]) -> dict[When, list[Any]]:
    """The actions as they are written, by the conditions on which they are there."""
    found: dict[When, list[Any]] = {}
    for value, on in alternatives(statement.get("Action", statement.get("NotAction", []))):
        found.setdefault(on, []).append(value)
    return found


def _resources(document: Document, statement: Any, whom: _Whom) -> Iterator[tuple[str, bool, When]]:
    """The resources of a statement, whether each is of the template, and on which conditions it is there."""
    if not isinstance(statement, Mapping):
        return
    if "NotResource" in statement:
        yield f"everything but {shown(statement['NotResource'], whom.names)}", False, ()
        return
    written = statement.get("Resource")
    # In the policy of a resource, `*` is that resource.
    itself = not document.of_principals and (written is None or written in ("*", ["*"]))
    for value, when in alternatives(list(document.owners) if itself else written):
        text = shown(value, whom.names)
        yield resource_text(text), not text.startswith("*") and is_internal(value, whom.body), when


def is_internal(value: Any, body: Body) -> bool:
    """Whether a value refers to resources of its own template, and to nothing that only the deployment can tell."""
    found = list(references(value))
    return bool(found) and all(each.refers is Refers.NAME and each.name in body["Resources"] for each in found)


def resource_text(text: str) -> str:
    """The resource, under the same name whether by its Ref or by its Arn."""
    return text.replace(".Arn}", "}")


def condition_text(value: Any, names: Names) -> str:
    """A Condition as JSON in which each value is a text; empty where there is none."""
    return "" if value in (None, {}) else json.dumps(_texts(canonical(value), names), sort_keys=True)


def _texts(value: Any, names: Names) -> Any:
    if isinstance(value, Mapping) and not is_intrinsic(value):
        return {str(name): _texts(inner, names) for name, inner in value.items()}
    return sorted(shown(inner, names) for inner in value) if isinstance(value, list) else shown(value, names)


def _source(document: Document, names: Names) -> Source:
    owner = next((each.name for value in document.owners for each in references(value)), "")
    return Source(
        logical_id=document.logical_id,
        type=document.type,
        path=document.path,
        identity=document.of_principals,
        owner="" if document.of_principals else names.get(owner, owner),
    )
