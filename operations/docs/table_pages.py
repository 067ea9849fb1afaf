"""The pictures of our systems' tables, and the page that shows them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from operations.docs.markdown import code, table
from review.key_facts import KeyFacts, KeyForm, facts_of, key_facts, listed
from review.pictures import picture
from shardwell import Table


def table_pages(runtime: Path) -> dict[str, str]:
    """Every picture by its file's name, and the page of all."""
    tables = described(runtime)
    pictures = {f"{name}.svg": picture(one) for name, one in tables.items()}
    return {**pictures, "README.md": _page(tables)}


def described(runtime: Path) -> dict[str, Table]:
    """The tables of every system, by the system's name; where a system has several, by their own names too."""
    found: dict[str, Table] = {}
    for file in sorted(runtime.glob("*/tables.py")):
        system = file.parent.name.replace("_", "-")
        module = import_module(f"{file.parent.name}.tables")
        tables = {name: one for name, one in vars(module).items() if isinstance(one, Table) and name.isupper()}
        for name, one in tables.items():
            found[system if len(tables) == 1 else f"{system}-{name.lower().replace('_', '-')}"] = one
    return found


def _page(tables: dict[str, Table]) -> str:
    head = (
        "# Tables\n\nEach picture is drawn from the table's description, by `make docs`. It shows every key, what is "
        "asked of it, which items an index holds, and the partitions that one value of its key is spread over."
    )
    return "\n\n".join([head, *(_of(name, one) for name, one in tables.items())]) + "\n"


def _of(name: str, one: Table) -> str:
    facts = [says for _, says in facts_of(one)]
    rows = [
        (
            code(key.index or "table"),
            form.purpose,
            ", ".join(map(code, form.partition_fields)),
            _order(form),
            _kept(key, form),
        )
        for key in key_facts(one)
        for form in key.forms
    ]
    said = table(("key", "serves", "given", "in the order of", "holds"), rows)
    name_of = code(one.name_template)
    return (
        f"## {name.replace('-', ' ').capitalize()}\n\n{name_of}: {'; '.join(facts)}.\n\n![{name}]({name}.svg)\n\n{said}"
    )


def _order(form: KeyForm) -> str:
    return ", ".join(map(code, form.sort_fields))


def _kept(key: KeyFacts, form: KeyForm) -> str:
    sharding = form.key.sharding
    sharded = f", over {sharding.count} shards by `{sharding.by}`" if sharding else ""
    sparse = f" that have {listed(tuple(map(code, form.sparse)))}" if form.sparse else ""
    return f"{key.holds}{sparse}{sharded}"
