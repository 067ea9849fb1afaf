"""Modules as their source says, without importing them: no CDK is started to write a page."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter, or a field of a dataclass: its type and default as they are written; `doc` is what stands below."""

    name: str
    type: str
    default: str | None
    doc: str = ""


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function or method; `signature` is what a reader types, without `self`."""

    name: str
    doc: str
    signature: str
    parameters: tuple[Parameter, ...]
    returns: str
    is_property: bool
    node: FunctionNode


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class: `fields` where it is a dataclass, `made` the attributes that its constructor sets."""

    name: str
    doc: str
    bases: tuple[str, ...]
    is_dataclass: bool
    fields: tuple[Parameter, ...]
    constructor: Function | None
    made: tuple[tuple[str, str], ...]
    methods: tuple[Function, ...]
    operators: tuple[str, ...]
    node: ast.ClassDef


@dataclass(frozen=True, kw_only=True)
class Constant:
    """A public name of a module that is no class and no function."""

    name: str
    value: str
    doc: str


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module's docstring and its public names."""

    name: str
    doc: str
    classes: tuple[Class, ...]
    functions: tuple[Function, ...]
    constants: tuple[Constant, ...]
    tree: ast.Module

    @property
    def names(self) -> tuple[str, ...]:
        """What a reader may look for: classes first, then functions."""
        return (*(one.name for one in self.classes), *(one.name for one in self.functions))


@cache
def read_module(path: Path) -> Module:
    """The module in this file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return Module(
        name=path.stem,
        doc=_doc(tree),
        classes=tuple(_class(node) for node in tree.body if isinstance(node, ast.ClassDef) and _public(node.name)),
        functions=tuple(
            read_function(node) for node in tree.body if isinstance(node, FunctionNode) and _public(node.name)
        ),
        constants=tuple(_constants(tree)),
        tree=tree,
    )


def exported(path: Path) -> dict[str, str]:
    """The names in a package's `__all__`, and the module that each is from."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    origins = {
        one.asname or one.name: (node.module or "").split(".")[1]
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and "." in (node.module or "")
        for one in node.names
    }
    listed = [node.value for node in tree.body if isinstance(node, ast.Assign) and _names(node) == "__all__"]
    return {name: origins[name] for value in listed for name in ast.literal_eval(value)}


def read_function(node: FunctionNode, *, method: bool = False, name: str | None = None) -> Function:
    """A function, or a method without its `self` or `cls`."""
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    if method and "staticmethod" not in decorators:
        node = ast.parse(ast.unparse(node)).body[0]  # type: ignore[assignment]  # a copy that may be changed
        (node.args.posonlyargs or node.args.args).pop(0)
    returns = "" if node.returns is None else ast.unparse(node.returns)
    return Function(
        name=node.name,
        doc=_doc(node),
        signature=_signature(name or node.name, node.args, returns),
        parameters=tuple(_parameters(node.args)),
        returns=returns,
        is_property=any(one in ("property", "cached_property") for one in decorators),
        node=node,
    )


def _class(node: ast.ClassDef) -> Class:
    functions = [one for one in node.body if isinstance(one, FunctionNode)]
    starts = next((one for one in functions if one.name == "__init__"), None)
    return Class(
        name=node.name,
        doc=_doc(node),
        bases=tuple(ast.unparse(base) for base in node.bases),
        is_dataclass=any(ast.unparse(one).startswith("dataclass") for one in node.decorator_list),
        fields=tuple(_fields(node)),
        constructor=None if starts is None else read_function(starts, method=True, name=node.name),
        made=tuple(_made(starts)) if starts else (),
        methods=tuple(
            read_function(one, method=True, name=f"{node.name}.{one.name}" if _is_of_class(one) else None)
            for one in functions
            if _public(one.name) or one.name == "__call__"
        ),
        operators=tuple(_OPERATORS[one.name] for one in functions if one.name in _OPERATORS),
        node=node,
    )


_OPERATORS = {
    "__eq__": "==",
    "__ne__": "!=",
    "__lt__": "<",
    "__le__": "<=",
    "__gt__": ">",
    "__ge__": ">=",
    "__and__": "&",
    "__or__": "|",
    "__invert__": "~",
    "__iter__": "for … in",
}


def _fields(node: ast.ClassDef) -> Iterator[Parameter]:
    for one, after in _with_next(node.body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and _public(one.target.id):
            default = None if one.value is None else _default(one.value)
            yield Parameter(
                name=one.target.id, type=ast.unparse(one.annotation), default=default, doc=_doc_below(after)
            )


def _default(value: ast.expr) -> str:
    """A default as a reader thinks of it: what a `default_factory` makes, not how."""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
        for keyword in value.keywords:
            if keyword.arg == "default_factory":
                made = keyword.value
                if isinstance(made, ast.Lambda):
                    return ast.unparse(made.body)
                name = ast.unparse(made)
                return {"dict": "{}", "list": "[]"}.get(name, f"{name}()")
    return ast.unparse(value)


def _made(node: FunctionNode) -> Iterator[tuple[str, str]]:
    """Public attributes that a constructor sets, with the call that makes each."""
    for one in ast.walk(node):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Attribute):
            target, value = one.targets[0], one.value
            if ast.unparse(target.value) == "self" and _public(target.attr):
                yield target.attr, ast.unparse(value.func) if isinstance(value, ast.Call) else ast.unparse(value)


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    positional = [*arguments.posonlyargs, *arguments.args]
    given: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + [*arguments.defaults]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for one, default in [*zip(positional, given, strict=True), *named]:
        written = None if default is None else ast.unparse(default)
        yield Parameter(name=one.arg, type=_annotation(one), default=written)
    for extra, stars in ((arguments.vararg, "*"), (arguments.kwarg, "**")):
        if extra is not None:
            yield Parameter(name=stars + extra.arg, type=_annotation(extra), default=None)


def _annotation(one: ast.arg) -> str:
    return "" if one.annotation is None else ast.unparse(one.annotation)


def _signature(name: str, arguments: ast.arguments, returns: str) -> str:
    """One line, or a line a parameter where it would be long."""
    arrow = f" -> {returns}" if returns and returns != "None" else ""
    parts = list(_parts(arguments))
    line = f"{name}({', '.join(parts)}){arrow}"
    if len(line) <= 100:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){arrow}"])


def _parts(arguments: ast.arguments) -> Iterator[str]:
    given = {one.name: one for one in _parameters(arguments)}

    def written(name: str) -> str:
        one = given[name]
        typed = f"{one.name}: {one.type}" if one.type else one.name
        return typed if one.default is None else f"{typed} = {one.default}"

    yield from (written(one.arg) for one in arguments.posonlyargs)
    yield from ["/"] if arguments.posonlyargs else []
    yield from (written(one.arg) for one in arguments.args)
    if arguments.vararg:
        yield written("*" + arguments.vararg.arg)
    elif arguments.kwonlyargs:
        yield "*"
    yield from (written(one.arg) for one in arguments.kwonlyargs)
    if arguments.kwarg:
        yield written("**" + arguments.kwarg.arg)


def _constants(tree: ast.Module) -> Iterator[Constant]:
    for node, after in _with_next(tree.body):
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and _public(target.id):
            value = "" if node.value is None else ast.unparse(node.value)
            yield Constant(name=target.id, value=value, doc=_doc_below(after))


def _with_next(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.stmt | None]]:
    return zip(body, [*body[1:], None], strict=True)


def _doc_below(after: ast.stmt | None) -> str:
    """The text below a constant or a field, if the next statement is one."""
    text = after.value if isinstance(after, ast.Expr) else None
    return inspect.cleandoc(text.value) if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""


def _is_of_class(node: FunctionNode) -> bool:
    return any(ast.unparse(one) in ("classmethod", "staticmethod") for one in node.decorator_list)


def _names(node: ast.Assign) -> str:
    return ast.unparse(node.targets[0])


def _doc(node: ast.Module | ast.ClassDef | FunctionNode) -> str:
    return ast.get_docstring(node) or ""


def _public(name: str) -> bool:
    return not name.startswith("_")
