"""Who may do more or less than before: the grants of both sides of each stack compared as sets.

Statements that are only grouped, ordered or written otherwise allow the same, and give nothing. A Deny is not
subtracted from an Allow: what is allowed anew is said although something else may deny it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

from review.digest import digest_of
from review.iam_direct import of_resources
from review.iam_model import Grant, Group
from review.iam_principals import own_accounts
from review.iam_statements import of_statements
from review.iam_verdict import Judged, Sides, judged
from review.model import AccessChange, Change, Direction, Kind
from review.shown import Names
from review.templates import Body, Comparison, Pair

MOST_COMPARED = 400_000
"""More pairs of grants of one stack are not compared by what they cover, only by whether they are the same."""


def access_changes(comparison: Comparison, changes: Iterable[Change]) -> tuple[AccessChange, ...]:
    """What is newly allowed, and no longer allowed, in every stack: the worst and the external first."""
    renamed: dict[tuple[str, str], dict[str, str]] = {}
    for change in changes:
        if change.kind is Kind.RENAMED and change.renamed_from and not change.moved_from:
            renamed.setdefault((change.stage, change.stack), {})[change.renamed_from] = change.logical_id
    found = [
        each
        for pair in comparison.pairs
        if not pair.same
        for each in _of_pair(pair, renamed.get((pair.stage, pair.stack), {}))
    ]
    # Sorting is stable: the stages stay in their order.
    return tuple(
        sorted(found, key=lambda each: (not each.external, -each.verdict, each.direction != Direction.WIDENED))
    )


def _of_pair(pair: Pair, names: Names) -> Iterator[AccessChange]:
    before = _grants(pair.before.normal if pair.before else {"Resources": {}}, names)
    after = _grants(pair.after.normal if pair.after else {"Resources": {}}, {})
    old, new = {grant.identity for grant in before}, {grant.identity for grant in after}
    gone = [grant for grant in before if grant.identity not in new]
    came = [grant for grant in after if grant.identity not in old]
    sides = Sides(
        before=frozenset(names.get(name, name) for name in pair.before.resources) if pair.before else frozenset(),
        after=frozenset(pair.after.resources) if pair.after else frozenset(),
    )
    for grants, others, direction in ((came, before, True), (gone, after, False)):
        for group in _grouped(_left(grants, others)):
            yield _change(pair, group, judged(group, came=direction, sides=sides))


def _grants(body: Body, names: Names) -> list[Grant]:
    own = own_accounts(body)
    return [*of_statements(body, own, names), *of_resources(body, own, names)]


def _left(grants: list[Grant], others: list[Grant]) -> list[Grant]:
    """The grants, each with those of its actions that no grant of the other side has."""
    by_effect: dict[str, list[Grant]] = {}
    for other in others:
        by_effect.setdefault(other.effect, []).append(other)
    if len(grants) * len(others) > MOST_COMPARED:
        return grants
    found = []
    for grant in grants:
        actions = grant.actions
        for other in by_effect.get(grant.effect, ()):
            if actions and other.covers(grant):
                actions = actions.without(other.actions)
        if actions or grant.opaque:
            found.append(replace(grant, actions=actions))
    return found


def _grouped(grants: Iterable[Grant]) -> list[Group]:
    """Those of one statement that differ in their resources alone, as one."""
    found: dict[tuple[object, ...], list[Grant]] = {}
    for grant in grants:
        key = (grant.source, grant.effect, grant.principal, grant.actions, grant.written, grant.condition, grant.opaque)
        found.setdefault((*key, grant.internal, grant.when), []).append(grant)
    return [
        Group(grant=alike[0], resources=tuple(sorted({grant.resource for grant in alike} - {""})))
        for alike in found.values()
    ]


def _change(pair: Pair, group: Group, verdict: Judged) -> AccessChange:
    grant, source = group.grant, group.grant.source
    direction = Direction.WIDENED if verdict.widened else Direction.NARROWED
    actions = _listed(grant)
    conditions = json.loads(grant.condition) if grant.condition else None
    content = [
        grant.effect,
        direction,
        grant.principal.who,
        grant.principal.name,
        grant.written,
        actions,
        group.resources,
        conditions,
        sorted(grant.when),
        grant.opaque,
        source.type,
    ]
    return AccessChange(
        stage=pair.stage,
        stack=pair.stack,
        logical_id=source.logical_id,
        type=source.type,
        path=source.path,
        direction=direction,
        effect=grant.effect,
        principal=grant.principal.name,
        external=grant.principal.external,
        actions=actions,
        written_actions=grant.written,
        resources=group.resources,
        conditions=conditions,
        verdict=max(reason.verdict for reason in verdict.reasons),
        certainty=verdict.certainty,
        reasons=verdict.reasons,
        digest=digest_of(content, pair.stage),
    )


def _listed(grant: Grant) -> tuple[str, ...]:
    """The actions as the statement spells them, or as AWS does."""
    if grant.opaque:
        return ()
    written = {value.lower(): value for value in grant.written}
    return tuple(sorted(written.get(name.lower(), name) for name in grant.actions.listed()))
