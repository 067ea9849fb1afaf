"""The page of a module that is no construct: its classes, functions and constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from operations.docs.markdown import Links, code, fenced, first_paragraph, prose, section, table, typed
from operations.docs.source import Class, Function, Module

HANDED = ("Query", "Condition", "Write")
"""Classes that a user is handed and never makes: what they are made of is nobody's business."""


def module_page(
    module: Module,
    *,
    package: str,
    exported: Mapping[str, str],
    names: Sequence[str] | None,
    links: Links,
    example: str,
) -> str:
    """Everything public in the module, or of it `names` alone."""
    wanted = (*module.names, *(one.name for one in module.constants)) if names is None else names
    classes = sorted((one for one in module.classes if one.name in wanted), key=lambda one: wanted.index(one.name))
    errors = [one for one in classes if _is_error(one, classes)]
    parts = [
        f"# {package}.{module.name}",
        prose(module.doc),
        example_section(example),
        section("## Errors", _errors(errors)) if errors else "",
        *(
            class_section(one, _origin(one.name, package, module, exported), links)
            for one in classes
            if one not in errors
        ),
        *(
            section(
                f"## {one.name}",
                fenced(f"{_origin(one.name, package, module, exported)}\n\n{one.signature}"),
                prose(one.doc),
            )
            for one in module.functions
            if one.name in wanted
        ),
        section(
            "## Constants",
            table(
                ("name", "value", ""),
                (
                    (code(one.name), code(one.value if len(one.value) < 60 else ""), " ".join(one.doc.split()))
                    for one in module.constants
                    if one.name in wanted and (one.doc or one.name.isupper())
                ),
            ),
        ),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def example_section(example: str) -> str:
    """The example of a page, and where the names in it come from; nothing where there is none."""
    given = "[What the examples take for given](../README.md#what-the-examples-take-for-given)"
    return section("## Example", fenced(example), given) if example else ""


def class_section(one: Class, origin: str, links: Links) -> str:
    """A class: how it is made, what it has, what it does."""
    how = f"\n\n{one.constructor.signature}" if one.constructor else ""
    fields = _fields(one, links) if one.name not in HANDED else ""
    return "\n\n".join(
        filter(
            None,
            [
                section(f"## {one.name}", fenced(origin + how), prose(one.doc), fields),
                f"Operators: {', '.join(f'`{sign}`' for sign in one.operators)}." if one.operators else "",
                properties_of(one, links),
                *(method_section(method) for method in one.methods if not method.is_property),
            ],
        )
    )


def _fields(one: Class, links: Links) -> str:
    columns = {
        "field": [code(field.name) for field in one.fields],
        "type": [typed(field.type, links) for field in one.fields],
        "default": [code(field.default or "") for field in one.fields],
        "": [" ".join(field.doc.split()) for field in one.fields],
    }
    filled = {title: cells for title, cells in columns.items() if any(cells)}
    return table(tuple(filled), list(zip(*filled.values(), strict=True)))


def properties_of(one: Class, links: Links) -> str:
    """The table of a class's properties."""
    return table(
        ("property", "type", ""),
        (
            (code(method.name), typed(method.returns, links), first_paragraph(method.doc))
            for method in one.methods
            if method.is_property
        ),
    )


def method_section(method: Function) -> str:
    """A method under a title of its own."""
    return section(f"### {method.name}", fenced(method.signature), prose(method.doc))


def _origin(name: str, package: str, module: Module, exported: Mapping[str, str]) -> str:
    return f"from {package if exported.get(name) == module.name else f'{package}.{module.name}'} import {name}"


def _is_error(one: Class, classes: Sequence[Class]) -> bool:
    return "Exception" in one.bases or any(_is_error(base, classes) for base in classes if base.name in one.bases)


def _errors(errors: Sequence[Class]) -> str:
    return table(("error", "is a", "raised when"), _error_rows(errors))


def _error_rows(errors: Sequence[Class]) -> Iterator[tuple[str, str, str]]:
    for one in errors:
        yield code(one.name), code(", ".join(one.bases)), first_paragraph(one.doc)
