"""What a refusal must be, and the tables it is tried on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sales_intelligence.tables import SALES
from shardwell.errors import ShardwellError
from shardwell.store import Store
from tests.support.backends import Backend
from tests.support.descriptions import INDEXED, PLAIN, PROJECTED, READINGS, SHOP, VERSIONED

LONG = "x" * 2_048
SURROGATE = "bad \ud800 text"


@dataclass(frozen=True)
class Stores:
    """A store of each description, its table made and empty when it is first asked for."""

    backend: Backend

    @cached_property
    def sales(self) -> Store:
        """Sales, with a record and a time to live."""
        return self.backend.store(SALES)

    @cached_property
    def plain(self) -> Store:
        """Items that are free in form."""
        return self.backend.store(PLAIN)

    @cached_property
    def readings(self) -> Store:
        """Fields used as keys as they are."""
        return self.backend.store(READINGS)

    @cached_property
    def documents(self) -> Store:
        """Items with a version."""
        return self.backend.store(VERSIONED)

    @cached_property
    def shop(self) -> Store:
        """Several shapes."""
        return self.backend.store(SHOP)

    @cached_property
    def indexed(self) -> Store:
        """An index of items that are free in form."""
        return self.backend.store(INDEXED)

    @cached_property
    def projected(self) -> Store:
        """Indexes that do not hold everything."""
        return self.backend.store(PROJECTED)


def is_one_clear_sentence(error: Exception, said: list[str]) -> bool:
    """Whether an error is one of ours, one sentence of some length, and says all that it must."""
    text = str(error)
    assert isinstance(error, ShardwellError)
    assert text.endswith(".")
    assert len(text) < 420
    assert "\n" not in text
    for one in said:
        assert one in text
    return True
