"""What a construct's source says of itself beyond its signature: grants, alarms, guard rails, accepted findings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from operations.docs.source import FunctionNode, Module, read_module


@dataclass(frozen=True, kw_only=True)
class GuardRail:
    """A rule of ours, and the types of resource that it reads."""

    id: str
    says: str
    fix: str
    types: frozenset[str]


def resources_of(module: Module, folder: Path) -> tuple[str, ...]:
    """The classes of CDK that a module makes, as `dynamodb.TableV2`, also through helpers of the same library."""
    aliases = _cdk_aliases(module.tree)
    nodes = sorted(_every_call(module.tree), key=lambda node: node.lineno)
    found = [
        f"{aliases[node.func.value.id]}.{node.func.attr}"
        for node in nodes
        if isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in aliases
        and _is_resource(node)
    ]
    for name, helper in _own_helpers(module.tree):
        if _is_called(module.tree, name):
            found += resources_of(read_module(folder / f"{helper}.py"), folder)
    return tuple(dict.fromkeys(found))


def returned(module: Module, name: str, folder: Path) -> str:
    """What a helper gives that a module calls by this name, its own or one of the library's; empty for any other."""
    functions = dict(_functions(module.tree))
    for imported, helper in _own_helpers(module.tree):
        functions.update({imported: _functions(read_module(folder / f"{helper}.py").tree)[imported]})
    found = functions.get(name)
    return "" if found is None or found.returns is None else ast.unparse(found.returns)


def actions_of(method: FunctionNode) -> tuple[str, ...]:
    """The actions that a `grant_…` allows."""
    given = [_literal(call.args[1], method) for name in ("_grant_list", "_grant") for call in _calls(method, name)]
    if found := [action for one in given if isinstance(one, tuple) for action in one]:
        return tuple(found)
    for call in _calls(method, "iam.Grant.add_to_principal"):
        return next(tuple(ast.literal_eval(one.value)) for one in call.keywords if one.arg == "actions")
    return ()


def watched(module: Module) -> tuple[str, ...]:
    """The methods of Monitoring by which the module's construct has itself watched."""
    return tuple(
        dict.fromkeys(
            node.func.attr
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and ast.unparse(node.func.value) == "monitoring"
        )
    )


def watched_by_functions(module: Module, folder: Path) -> tuple[tuple[Module, str], ...]:
    """The library's functions `watch_…` by which the module's construct has itself watched, and where each is."""
    return tuple(
        (read_module(folder / f"{helper}.py"), name)
        for name, helper in _own_helpers(module.tree)
        if name.startswith("watch_") and _is_called(module.tree, name)
    )


def alarms_of(monitoring: Module, method: str) -> tuple[str, ...]:
    """What the alarms of a method of Monitoring, or of a function beside it, tell whoever they wake."""
    functions = _functions(monitoring.tree)
    said: list[str] = []
    for function in _reached(functions[method], functions):
        for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
            texts = [keyword.value for keyword in call.keywords if keyword.arg == "alarm_description_override"]
            if ast.unparse(call.func) == "_with_alarm":
                texts.append(call.args[3])
            said += [text for one in texts if (text := _text(one, function, monitoring.tree))]
    return tuple(dict.fromkeys(said))


def accepted(module: Module) -> tuple[tuple[str, str], ...]:
    """Findings that a module acknowledges: id and reason."""
    found = []
    for function in _functions(module.tree).values():
        for call in _calls(function, "acknowledge"):
            reason = next(keyword.value for keyword in call.keywords if keyword.arg == "reason")
            finding = _text(call.args[1], function, module.tree, mark="") or ""
            found.append((finding, _text(reason, function, module.tree) or ""))
    return tuple(dict.fromkeys(found))


@cache
def guard_rails(folder: Path) -> tuple[GuardRail, ...]:
    """Every rule, in the order of its file."""
    return tuple(
        _rule(call, read_module(file).tree)
        for file in sorted(folder.glob("*.py"))
        for call in ast.walk(read_module(file).tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Rule"
    )


def checked(resources: tuple[str, ...], rules: tuple[GuardRail, ...]) -> tuple[GuardRail, ...]:
    """The rules that look at any of these resources."""
    made = {_TYPES.get(one, one).replace(".Cfn", ".").lower() for one in resources}
    return tuple(rule for rule in rules if made & {".".join(kind.split("::")[1:]).lower() for kind in rule.types})


# Where the class of CDK has another name than the type of resource it makes.
_TYPES = {"dynamodb.TableV2": "dynamodb.GlobalTable", "apigatewayv2.HttpStage": "apigatewayv2.Stage"}


def _rule(call: ast.Call, tree: ast.Module) -> GuardRail:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    functions = _functions(tree)
    types = set()
    for function in _reached(functions[ast.unparse(given["broken_by"])], functions):
        for node in ast.walk(function):
            inner = _assigned(node, tree) if isinstance(node, ast.Name) and node.id.isupper() else node
            types |= {str(one.value) for one in ast.walk(inner) if isinstance(one, ast.Constant)}
    name, says, fix = (str(ast.literal_eval(given[one])) for one in ("id", "says", "fix"))
    return GuardRail(id=name, says=says, fix=fix, types=frozenset(one for one in types if one.startswith("AWS::")))


def _is_resource(call: ast.Call) -> bool:
    """Constructs are made in a scope, with an id: `Queue(self, "Queue", …)`; their properties are not."""
    return len(call.args) >= 2 and isinstance(call.args[0], ast.Name)


def _cdk_aliases(tree: ast.Module) -> dict[str, str]:
    """Each name of a CDK module here, and the service it is: `lambda_` is `lambda`."""
    return {
        one.asname or one.name: one.name.removeprefix("aws_")
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "aws_cdk"
        for one in node.names
        if one.name.startswith("aws_")
    }


def _own_helpers(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shardwell_cdk."):
            yield from ((one.name, str(node.module).split(".")[1]) for one in node.names if one.name.islower())


def _is_called(tree: ast.AST, name: str) -> bool:
    return any(True for _ in _calls(tree, name))


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    return (node for node in _every_call(tree) if ast.unparse(node.func) == name)


def _every_call(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _functions(tree: ast.Module) -> dict[str, FunctionNode]:
    return {node.name: node for node in ast.walk(tree) if isinstance(node, FunctionNode)}


def _reached(start: FunctionNode, functions: dict[str, FunctionNode]) -> list[FunctionNode]:
    """The function and those of its module that it calls, in the order of their calls."""
    reached = [start]
    for function in reached:
        for node in ast.walk(function):
            found = functions.get(node.id) if isinstance(node, ast.Name) else None
            if found is not None and found not in reached:
                reached.append(found)
    return reached


def _literal(node: ast.expr, function: FunctionNode) -> object:
    given = _assigned(node, function)
    return ast.literal_eval(given) if isinstance(given, ast.Tuple) else None


def _assigned(node: ast.expr, *places: ast.AST) -> ast.expr:
    """The expression, or what the name that stands there was given, in the function or in its module."""
    if isinstance(node, ast.Name):
        for place in places:
            for one in ast.walk(place):
                if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == node.id:
                    return one.value
    return node


def _text(node: ast.expr, function: FunctionNode, tree: ast.Module, *, mark: str = "*") -> str | None:
    """A text as a reader meets it, with the names of what is filled in."""
    found = _assigned(node, function)
    if isinstance(found, ast.Constant):
        return str(found.value)
    if isinstance(found, ast.JoinedStr):
        return "".join(_piece(one, tree, mark) for one in found.values)
    return None


def _piece(node: ast.expr, tree: ast.Module, mark: str) -> str:
    inner = _assigned(node.value, tree) if isinstance(node, ast.FormattedValue) else node
    if isinstance(inner, ast.Constant):
        return str(inner.value)
    while isinstance(inner, ast.BoolOp | ast.Call):
        inner = inner.values[0] if isinstance(inner, ast.BoolOp) else inner.func
        inner = inner.value if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) else inner
    name = inner.attr if isinstance(inner, ast.Attribute) else ast.unparse(inner)
    return f"{mark}{name.replace('_', ' ').strip()}{mark}"
