"""`make up`: from nothing, or from whatever an earlier one left, to the whole system on this machine."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from operations.local import demo, deployment, emulator, guard
from operations.local.console import Voice
from operations.local.emulator import Emulator
from operations.local.problem import Problem

NEEDED_GIGABYTES = 1.0
SHOWN = {"UserPoolClientId", "TableName", "ApiUrl", "QueueUrl", "DeadLettersUrl", "StagingBucket", "SyncFunction"}
"""The outputs that a person begins with."""
COMMANDS = (
    ("make demo", "the demonstration again: every event is a repeat now"),
    (".venv/bin/python -m operations.lake", 'tables, or query "SELECT …": questions to the lake'),
    (".venv/bin/python -m operations.redrive", "list, show, move or drop what failed"),
    (".venv/bin/python -m operations.replay", "the table's sales of some days into the lake again"),
    ("make status", "what runs, and where"),
    ("make up", "after a change: deploys the difference in seconds"),
    ("make test", "the tests"),
    ("make down", "stop it; its data go with it"),
)


def up(folder: Path, *, port: int | None, voice: Voice) -> None:
    """Starts what is not running, deploys what has changed, shows that it works."""
    voice.heading("Shardwell on this machine")
    with voice.step("machine") as step:
        step.detail = check_machine(folder)
    with voice.step("emulator") as step:
        local, step.detail = ensure_emulator(folder, port=port)
    guard.enclose(port=local.port)
    with voice.step("safety") as step:
        guard.check(guard.environment({}, port=local.port))
        step.detail = f"only {local.endpoint}, account {guard.ACCOUNT}"
    with voice.step("bootstrap") as step:
        step.detail = ensure_bootstrap(folder, port=local.port)
    with voice.step("deployment") as step:
        step.detail = describe(deployment.deploy(folder, port=local.port))
    demo.demonstrate(folder, local=local, voice=voice)
    summary(folder, local=local, voice=voice)


def check_machine(folder: Path) -> str:
    """What this machine offers, in words; refuses if it is not enough."""
    for needed in (emulator.PYTHON, deployment.CDK):
        if not needed.exists():
            raise Problem(f"{needed} is missing: run `make setup`.")
    free = shutil.disk_usage(folder).free / 1e9
    if free < NEEDED_GIGABYTES:
        raise Problem(f"{folder} has {free:.1f} GB free, less than the {NEEDED_GIGABYTES:.0f} GB needed; free some.")
    return f"Python {platform.python_version()}, {free:.0f} GB free"


def ensure_emulator(folder: Path, *, port: int | None) -> tuple[Emulator, str]:
    """The emulator of this checkout, started unless it runs and is well; and how it came about."""
    found = emulator.running(folder)
    if found and port not in (None, found.port):
        raise Problem(
            f"The emulator already runs, on port {found.port}: `make down` first, then `make up PORT={port}`."
        )
    if found and emulator.healthy(found.port, timeout=5.0):
        return found, f"runs already, process {found.pid}"
    if emulator.read_record(folder) is not None:
        ended = emulator.stop(folder)
        note = f", in place of one that no longer answered ({len(ended)} processes ended)" if ended else ""
    else:
        note = ""
    started = emulator.start(folder, port=port or (found.port if found else guard.DEFAULT_PORT))
    return started, f"started, process {started.pid}{note}"


def ensure_bootstrap(folder: Path, *, port: int) -> str:
    """CDK's own stack, made unless it is there."""
    if deployment.is_bootstrapped(port=port):
        return "CDKToolkit is there"
    deployment.bootstrap(folder, port=port)
    return "CDKToolkit made"


def describe(deployed: deployment.Deployed) -> str:
    count = len(deployed.stacks)
    stacks = "1 stack" if count == 1 else f"{count} stacks"
    if not deployed.changed:
        return f"{stacks}, nothing to change"
    names = ", ".join(name.partition("/")[2] or name for name in deployed.changed)
    return f"{stacks}, {len(deployed.changed)} changed: {names}"


def summary(folder: Path, *, local: Emulator, voice: Voice) -> None:
    """What is where, and what to try next."""
    voice.heading("What is where")
    found = deployment.outputs(folder)
    named = {name: name_of(value) for outputs in found.values() for name, value in outputs.items() if name in SHOWN}
    voice.pairs(
        [
            ("endpoint", f"{local.endpoint} (key and secret `{guard.KEY}`, {guard.REGION}, IAM enforced)"),
            *named.items(),
            ("emulator's log", shown(folder / "emulator.log")),
            ("deployment's log", shown(folder / "deploy.log")),
            ("all other names", shown(folder / "outputs.json")),
        ]
    )
    voice.heading("What to try next")
    voice.pairs(COMMANDS)
    voice.say()
    for text in call(found, local=local):
        voice.say(text)
    voice.say()


def name_of(value: str) -> str:
    """What a reader needs of an output: of the address of a queue its name, as the endpoint is said already."""
    return value.rpartition("/")[2] if "/000000000000/" in value else value


def call(found: Mapping[str, Mapping[str, str]], *, local: Emulator) -> list[str]:
    """A call of the API, to copy, in lines that fit a terminal: the emulator tells APIs apart by their host."""
    url = found.get("shardwell-local-sales-intelligence", {}).get("ApiUrl")
    if url is None:
        return []
    host = f"{urlsplit(url).hostname}".split(".")[0] + f".execute-api.localhost:{local.port}"
    return [
        f'  curl -H "Host: {host}" \\',
        '       -H "Authorization: Bearer $(make -s token)" \\',
        f'       "{local.endpoint}/trends?category=dress&season=Q3&limit=2"',
    ]


def shown(path: Path) -> str:
    """A path as one types it: from here, if it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
