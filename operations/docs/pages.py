"""Every generated page by its path: what `make docs` writes, and what a test holds the committed ones to."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from operations.docs.construct_page import construct_page
from operations.docs.gallery_page import gallery_page
from operations.docs.guard_rail_page import guard_rail_page
from operations.docs.markdown import code, fenced, first_paragraph, section, table
from operations.docs.module_page import module_page
from operations.docs.properties import meanings
from operations.docs.source import Class, Module, exported, read_module
from operations.docs.table_pages import table_pages

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = "docs/reference"
TABLES = "docs/tables"
GALLERY = "docs/gallery.md"
FOLDERS = (REFERENCE, TABLES)
CONSTRUCTS = ROOT / "constructs" / "shardwell_cdk"
RUNTIME = ROOT / "runtime"
LIBRARY = RUNTIME / "shardwell"
GUARD_RAILS = CONSTRUCTS / "guard_rails"
# With the tests, which run each of them.
EXAMPLES = ROOT / "tests" / "unit" / "docs"
CASES = ROOT / "tests" / "gallery"

# Modules of the construct library that hold no construct, and what of them is for its users; None is everything.
BESIDE_CONSTRUCTS: Mapping[str, tuple[str, ...] | None] = {
    "settings": ("Settings", "BackupRule", "Throttle"),
    "table_alarms": ("TableAlarms",),
    "api_alarms": None,
    "pipeline_alarms": None,
    "batches": None,
    "commits": None,
    "bundle": ("PythonCode",),
    "lambda_platform": None,
    "acknowledge": None,
}
# Modules of the runtime library for its users, beside all that our own systems, stacks and constructs import.
LIBRARY_GROUPS: Mapping[str, tuple[str, ...]] = {
    "To describe tables": ("schema", "keys", "sharding", "fields"),
    "To read and write them": ("store", "query", "expressions", "scan", "insert", "transaction", "errors"),
    "To answer over HTTP": ("http_routes", "http_schema", "http_api", "http_request", "http_problem", "secrets"),
    "Around them": ("ambient", "client", "creation", "values"),
}
# Of these, only some names are for users.
LIBRARY_NAMES: Mapping[str, tuple[str, ...]] = {
    "schema": ("Table", "Shape", "Ttl"),
    "keys": ("Key", "KeyAttribute"),
    "scan": ("Checkpoint", "ScanPage"),
    "transaction": ("transact", "Write"),
    "insert": ("InsertOutcome",),
    "query": ("Query", "Page"),
    "fanout": ("Meter",),
    "keypart": ("shown",),
    "values": ("encode_item", "decode_item"),
    "expressions": ("F", "Condition", "every"),
    "fields": ("Day", "Instant", "to_item", "from_item", "camel", "Check"),
    "client": ("shared_client", "make_client", "CONFIG"),
    "template": ("Template", "Part"),
    "http_api": ("http_api", "Answer"),
    "http_request": ("Request",),
    "http_problem": ("Refused", "Problem"),
    "backfill_write": ("Dealt",),
}


def pages() -> dict[str, str]:
    """Path from the root of the checkout, and text."""
    made = {f"{REFERENCE}/README.md": _index()}
    of_constructs, of_library = _examples("construct_examples.py"), _examples("store_examples.py")
    for path, text in [*_construct_pages(of_constructs), *_library_pages(of_library)]:
        made[f"{REFERENCE}/{path}"] = text
    made.update({f"{TABLES}/{path}": text for path, text in table_pages(RUNTIME).items()})
    made[GALLERY] = gallery_page(CASES)
    return made


def library_modules() -> tuple[str, ...]:
    """The runtime library's modules that have a page."""
    used = {
        node.module.split(".")[1]
        for folder in (*_systems(), ROOT / "stacks", ROOT / "constructs")
        for file in folder.rglob("*.py")
        for node in ast.walk(read_module(file).tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shardwell.") and node.module
    }
    named = [name for names in LIBRARY_GROUPS.values() for name in names]
    return (*named, *sorted(used - set(named)))


def construct_modules() -> tuple[tuple[Module, Class], ...]:
    """Every module with a construct, and the construct."""
    modules = [read_module(file) for file in sorted(CONSTRUCTS.glob("*.py"))]
    return tuple((module, one) for module in modules for one in module.classes if "Construct" in one.bases)


def _construct_pages(examples: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names = exported(CONSTRUCTS / "__init__.py")
    links = _links("constructs")
    for module, one in construct_modules():
        given = one.constructor.parameters if one.constructor else ()
        text = construct_page(
            module,
            one,
            folder=CONSTRUCTS,
            exported=names,
            meanings=meanings(one.name, tuple(each.name for each in given if each.name not in ("scope", "id"))),
            links=links,
            example=examples.get(module.name, ""),
        )
        yield f"constructs/{module.name}.md", text
    for name, wanted in BESIDE_CONSTRUCTS.items():
        module = read_module(CONSTRUCTS / f"{name}.py")
        example = examples.get(name, "")
        text = module_page(module, package="shardwell_cdk", exported=names, names=wanted, links=links, example=example)
        yield f"constructs/{name}.md", text
    yield "constructs/guard_rails.md", guard_rail_page(GUARD_RAILS, examples["guard_rails"])


def _library_pages(examples: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names = exported(LIBRARY / "__init__.py")
    links = _links("shardwell")
    for name in library_modules():
        module = read_module(LIBRARY / f"{name}.py")
        example = examples.get(name, "")
        wanted = LIBRARY_NAMES.get(name)
        text = module_page(module, package="shardwell", exported=names, names=wanted, links=links, example=example)
        yield f"shardwell/{name}.md", text


def _links(folder: str) -> dict[str, str]:
    """The page of every documented class, seen from a page in `folder`."""
    found: dict[str, str] = {}
    for name in library_modules():
        for one in read_module(LIBRARY / f"{name}.py").classes:
            if one.name in LIBRARY_NAMES.get(name, (one.name,)):
                found[one.name] = f"../shardwell/{name}.md"
    for module, one in construct_modules():
        found[one.name] = f"../constructs/{module.name}.md"
    for name, wanted in BESIDE_CONSTRUCTS.items():
        module = read_module(CONSTRUCTS / f"{name}.py")
        found.update(
            {one.name: f"../constructs/{name}.md" for one in module.classes if one.name in (wanted or (one.name,))}
        )
    return {name: path.removeprefix(f"../{folder}/") for name, path in found.items()}


def _index() -> str:
    constructs = [
        (f"[`{one.name}`](constructs/{module.name}.md)", first_paragraph(one.doc))
        for module, one in construct_modules()
    ]
    beside = []
    for name, wanted in BESIDE_CONSTRUCTS.items():
        module = read_module(CONSTRUCTS / f"{name}.py")
        shown = wanted or module.names or (name,)
        docs = [one.doc for name in wanted or () for one in module.classes if one.name == name]
        beside.append(
            (f"[{', '.join(map(code, shown))}](constructs/{name}.md)", first_paragraph([*docs, module.doc][0]))
        )
    beside.append(("[`add_guard_rails`](constructs/guard_rails.md)", read_module(GUARD_RAILS / "__init__.py").doc))
    named = [name for names in LIBRARY_GROUPS.values() for name in names]
    groups = {**LIBRARY_GROUPS, "Also": tuple(name for name in library_modules() if name not in named)}
    rows = {group: [_row(name) for name in names] for group, names in groups.items()}
    parts = [
        "# Reference",
        "Made from signatures and docstrings by `make docs`; a test holds every page to the code. To begin, read "
        "[how another team builds on both libraries](../reuse.md).",
        "## shardwell-cdk: the constructs",
        table(("construct", "what it makes"), constructs),
        table(("beside them", "what it is"), beside),
        "## shardwell: all that runs in Lambda",
        f"`from shardwell import {', '.join(exported(LIBRARY / '__init__.py'))}`; everything else from its module.",
        *(section(f"### {group}", table(("module", "has", "what it is"), found)) for group, found in rows.items()),
        "## What the examples take for given",
        "Those of the runtime library: a `client`, a `store = Store(VISITS, name=…, client=client, …)`, and",
        fenced(_beginning("store_examples.py")),
        "Those of the constructs: a `stack` of an `app`, the `settings` of its stage, a `monitoring`, functions "
        "`sorter`, `answering` and `committer`, a `table` made from this description, and in the folder `here` a "
        "project.",
        fenced(_beginning("construct_examples.py")),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _row(name: str) -> tuple[str, str, str]:
    module = read_module(LIBRARY / f"{name}.py")
    public = LIBRARY_NAMES.get(name) or module.names
    shown = ", ".join(map(code, public[:6])) + (", …" if len(public) > 6 else "")
    return f"[`{name}`](shardwell/{name}.md)", shown, first_paragraph(module.doc)


def _systems() -> tuple[Path, ...]:
    return tuple(file.parent for file in RUNTIME.glob("*/__init__.py") if file.parent != LIBRARY)


def _examples(file: str) -> dict[str, str]:
    """The body of each function of a file of examples, by the function's name, which is a module's."""
    source = (EXAMPLES / file).read_text(encoding="utf-8")
    lines = source.splitlines()
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            body = [one for one in node.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
            start, end = _first_line(lines, body[0]), body[-1].end_lineno
            found[node.name] = textwrap.dedent("\n".join(lines[start - 1 : end]))
    return found


def _beginning(file: str) -> str:
    """What a file of examples defines before the first of them."""
    source = (EXAMPLES / file).read_text(encoding="utf-8")
    body = ast.parse(source).body
    start = max(node.lineno for node in body if isinstance(node, ast.Import | ast.ImportFrom))
    end = next(node.lineno for node in body if isinstance(node, ast.FunctionDef))
    return "\n".join(source.splitlines()[start : end - 1]).strip()


def _first_line(lines: list[str], node: ast.stmt) -> int:
    """Where a statement begins, with the comments right above it."""
    line = node.lineno
    while lines[line - 2].lstrip().startswith("#"):
        line -= 1
    return line
