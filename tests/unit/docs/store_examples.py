"""The examples on the pages of the runtime library: each body stands there as it is here, and is run by a test."""

# A body is what a reader sees: it has imports of its own, and names as at the top of a module.
# ruff: noqa: N806

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shardwell import Day, Key, Table, Ttl
from shardwell.http_routes import Route
from shardwell.store import Store


@dataclass(frozen=True)
class Visit:
    """A visit to a shop."""

    shop: str
    visit_id: str
    day: Day
    spent: Decimal
    campaign: str | None = None
    ttl: int | None = None


VISITS = Table(
    "{stage}-visits",
    key=Key(PK="SHOP#{shop}", SK="VISIT#{day}#{visitId}"),
    indexes={"ByDay": Key(DayPK="DAY#{day}#{shard}", DaySK="{shop}#{visitId}").sharded(4, by="visitId")},
    ttl=Ttl("ttl", days=90, after="day"),
    record=Visit,
    version="version",
)
VISIT = {"shop": "north", "visitId": "v1", "day": "2026-11-20", "spent": Decimal("12.50")}
KEY = {"shop": "north", "visitId": "v1", "day": "2026-11-20"}


def schema() -> None:
    """A table of two shapes of item."""
    from shardwell import Key, Shape, Table

    ORDERS = Table(
        "{stage}-orders",
        shapes={
            "order": Shape(Key(PK="ORDER#{orderId}", SK="ORDER"), {"ByState": Key(state=str, placedAt=str)}),
            "line": Shape(Key(PK="ORDER#{orderId}", SK="LINE#{position:03d}")),
        },
        stream=True,
    )
    assert ORDERS.physical_name("dev") == "dev-orders"
    assert ORDERS.shape_of({"PK": "ORDER#7", "SK": "LINE#001"}) == "line"


def keys() -> None:
    """A sharded index that holds some items, and of them some fields."""
    from shardwell import Key

    by_campaign = (
        Key(CampaignPK="CAMPAIGN#{campaign}#{shard}", CampaignSK="{day}#{visitId}")
        .sharded(8, by="visitId", former=(4,))  # four until the last deployment: readers cover both
        .when("consent")  # items without the field `consent` are not in it
        .projecting("spent")
        .serves("what a campaign brought, by day")
    )
    assert by_campaign.shards == 8


def sharding() -> None:
    """The shard of an id, which any language can compute."""
    from shardwell.sharding import shard_of

    assert shard_of("sale-1", 10) == 4  # CRC-32 of its UTF-8 bytes, modulo 10


def fields() -> None:
    """A record and its item, there and back."""
    from shardwell import from_item, to_item

    visit = Visit(shop="north", visit_id="v1", day="2026-11-20", spent=Decimal("12.50"))
    item = to_item(visit)
    assert item == {"shop": "north", "visitId": "v1", "day": "2026-11-20", "spent": Decimal("12.50")}
    assert from_item(Visit, item) == visit


def store(client: Any) -> None:
    """What a store does."""
    from shardwell.store import Store

    store = Store(VISITS, name="dev-visits", client=client, cursor_keys=(b"32 secret bytes, or more of them",))
    store.put(VISIT, if_absent=True)
    store.update(KEY, {"campaign": "autumn"}, add={"spent": Decimal(3)}, if_version=1)
    found = store.get(KEY)
    assert found is not None
    assert (found["spent"], found["version"]) == (Decimal("15.50"), 2)
    assert store.batch_put({**VISIT, "visitId": f"v{n}"} for n in range(2, 40)) == 38
    store.delete(KEY)


def query(store: Store) -> None:
    """A page of a sharded index, then the next one."""
    by_day = store.query("ByDay", day="2026-11-20").begins_with("north")
    page = by_day.page(limit=50)
    while page.cursor:
        page = by_day.page(limit=50, cursor=page.cursor)

    newest = store.query(shop="north").between("2026-11-01", "2026-11-30").newest_first().first()
    assert newest is None or newest["shop"] == "north"


def expressions(store: Store) -> None:
    """A filter of reads, and a condition of a write."""
    from shardwell import F
    from shardwell.errors import ConditionFailed

    dear = store.query(shop="north").where((F("spent") > 100) & F("campaign").exists())
    assert dear.count() == 0
    try:
        store.put(VISIT, condition=F("campaign").missing() | F("spent").between(0, 10))
    except ConditionFailed:
        print("It has a campaign by now, and is left as it is.")


def scan(store: Store) -> None:
    """The whole table, four segments at a time, ready to go on after an interruption."""
    from shardwell.scan import Checkpoint

    kept = Checkpoint(4).to_json()
    for page in store.scan(segments=4, resume=Checkpoint.from_json(kept)):
        for item in page.items:
            assert item["shop"]
        kept = page.checkpoint.to_json()


def insert(store: Store) -> None:
    """New items in bulk, and what became of each."""
    outcomes = store.insert_many([VISIT, {**VISIT, "visitId": "v2"}])
    failed = [outcome.error for outcome in outcomes if outcome.error is not None]
    assert not failed


def transaction(store: Store) -> None:
    """Two writes of which both or none are done."""
    from shardwell.transaction import transact

    transact(
        store.to_put({**VISIT, "visitId": "v3"}, if_absent=True),
        store.to_delete({**KEY, "visitId": "v4"}),
    )


def errors(store: Store) -> None:
    """What a caller can act on."""
    from shardwell.errors import AlreadyExists, PartialFailure

    try:
        store.put(VISIT, if_absent=True)
    except AlreadyExists as error:
        print(error)  # names the key, and says that nothing was written
    try:
        store.batch_put([VISIT])
    except PartialFailure as error:
        store.batch_put(failure.item for failure in error.failures)


def http_routes() -> None:
    """A route, for the stack and for the handler."""
    from shardwell.http_routes import Parameter, Route, Success
    from shardwell.http_schema import Day, Record, Whole

    COUNTED = Record(name="Counted", about="A day's visits.", fields={"visits": Whole(about="How many.")})
    COUNT_VISITS = Route(
        method="GET",
        path="/days/{day}/visits",
        name="countVisits",
        summary="How many visits there were",
        parameters=(Parameter(name="day", schema=Day(about="The day."), required=True),),
        answers={200: Success(about="The count.", schema=COUNTED)},
    )
    assert COUNT_VISITS.key == "GET /days/{day}/visits"


def http_api(store: Store, route: Route) -> None:
    """The handler of an API of one route."""
    from shardwell.http_api import Answer, http_api
    from shardwell.http_request import Request

    def count_visits(request: Request) -> Answer:
        visits = store.query(shop=request.tenant).equal(request.parameters["day"])
        return Answer(body={"visits": visits.count()})

    # The route is COUNT_VISITS of the page of http_routes.
    handler = http_api([route], {"countVisits": count_visits}, namespace="Visits")
    assert callable(handler)  # what Lambda calls: `module.handler`


def http_problem() -> None:
    """A refusal of one's own; the library's errors are answered as what they are."""
    from shardwell.http_problem import Refused, problem_of

    closed = problem_of(Refused(409, "shop-closed", "The shop is closed: come back at nine."))
    assert closed is not None
    assert closed.status == 409


def secrets(client: Any) -> None:
    """A store whose cursors are signed with a secret's keys."""
    from shardwell.secrets import SigningKeys

    keys = SigningKeys("cursors")  # the name of a secret, or its ARN
    Store(VISITS, name="dev-visits", client=client, cursor_keys=keys())


def rate() -> None:
    """Writes at most 500 a second."""
    from shardwell.rate import RateLimit

    limit = RateLimit(500)
    for _ in range(3):
        assert limit.take(1)  # waits for its turn


def ambient(client: Any) -> None:
    """A store whose clock stands still, for a test."""
    from datetime import UTC, datetime

    from shardwell.ambient import Ambient

    still = Ambient(now=lambda: datetime(2026, 11, 20, tzinfo=UTC), sleep=lambda _: None)
    store = Store(VISITS, name="dev-visits", client=client, ambient=still)
    assert store.put(VISIT)["ttl"] == 1_802_908_800  # 90 days later


def client() -> None:
    """A client for a server of one's own, with this library's settings."""
    from shardwell.client import make_client

    local = make_client(endpoint_url="http://127.0.0.1:8000", region_name="eu-west-1")
    Store(VISITS, name="dev-visits", client=local)


def creation(client: Any) -> None:
    """The table on a local server, for tests."""
    from shardwell.creation import create_table_request

    client.create_table(**create_table_request(VISITS, name="test-visits"))
    Store(VISITS, name="test-visits", client=client).put(VISIT)


def values() -> None:
    """An image of a stream's record as the item it is of."""
    from shardwell.values import decode_item

    image = {"PK": {"S": "SHOP#north"}, "shop": {"S": "north"}, "spent": {"N": "12.5"}}
    assert decode_item(image, without=VISITS.composed) == {"shop": "north", "spent": Decimal("12.5")}
