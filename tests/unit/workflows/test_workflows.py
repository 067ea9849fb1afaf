"""What every workflow keeps: pinned actions, least permissions, no text of others in a script, deployment in order."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stacks.delivery import DELIVERED
from tests.unit.workflows.workflow import NAMES, ROOT, step, steps, text_of, workflow

PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
LOCAL = re.compile(r"uses: \./\.github/workflows/[a-z-]+\.yml$")
EXPRESSION = re.compile(r"\$\{\{")
KEYS = {"name", "on", "permissions", "concurrency", "defaults", "jobs"}
WRITES = {("deploy-stage", "deploy"): {"id-token"}, ("comment", "comment"): {"pull-requests"}}
"""The jobs that may write anything, but what calls the first of them."""


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    return [(name, key, job) for name in NAMES for key, job in workflow(name)["jobs"].items()]


def test_these_are_the_workflows() -> None:
    assert NAMES == ("checks", "comment", "deploy", "deploy-stage")


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_by_its_commit_with_its_version_beside(name: str) -> None:
    used = [line.strip().removeprefix("- ") for line in text_of(name).splitlines() if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.match(line) and not LOCAL.match(line)] == []


def test_an_action_has_one_version_everywhere() -> None:
    used = {match for name in NAMES for match in re.findall(r"uses: ([\w-]+/[\w./-]+)@(.*)", text_of(name))}
    assert len(used) == len({action for action, _ in used})


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_allowed_but_what_a_job_asks_for(name: str) -> None:
    found = workflow(name)
    assert found.keys() <= KEYS
    assert found["permissions"] == {}
    for key, job in found["jobs"].items():
        allowed = job["permissions"]
        writes = {scope for scope, access in allowed.items() if access != "read"}
        called = "uses" in job and "deploy-stage" in job["uses"]
        assert writes == (WRITES["deploy-stage", "deploy"] if called else WRITES.get((name, key), set()))
        assert "timeout-minutes" in job or called


@pytest.mark.parametrize("name", NAMES)
def test_no_expression_is_put_into_a_script(name: str) -> None:
    """A branch can be named `$(curl …)`: what others write reaches a script by the environment, as data."""
    scripts = [each["run"] for each in steps(name) if "run" in each]
    scripts += [each["with"]["script"] for each in steps(name) if "script" in each.get("with", {})]
    assert [script for script in scripts if EXPRESSION.search(script)] == []


@pytest.mark.parametrize("name", NAMES)
def test_scripts_are_sound_bash_that_stops_at_a_failure(name: str) -> None:
    scripts = [each["run"] for each in steps(name) if "run" in each]
    if scripts:
        # Named, GitHub runs it with -e and -o pipefail.
        assert workflow(name)["defaults"] == {"run": {"shell": "bash"}}
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize("name", NAMES)
def test_no_checkout_leaves_its_token_behind(name: str) -> None:
    for each in steps(name):
        if each.get("uses", "").startswith("actions/checkout@"):
            assert each["with"]["persist-credentials"] == "false"


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_used_and_no_variable_is_unknown_to_the_guide(name: str) -> None:
    assert "secrets." not in text_of(name)
    assert "secrets: inherit" not in text_of(name)
    guide = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")
    for variable in re.findall(r"vars\.(\w+)", text_of(name)):
        assert f"`{variable}`" in guide


def test_code_of_a_pull_request_runs_without_any_right_to_write() -> None:
    checks = workflow("checks")
    assert checks["on"] == {"pull_request": {"branches": ["main"]}}
    assert all(job["permissions"] == {"contents": "read"} for job in checks["jobs"].values())


def test_the_job_that_writes_the_comment_runs_nothing_of_the_pull_request() -> None:
    comment = workflow("comment")
    assert comment["on"] == {"workflow_run": {"workflows": [workflow("checks")["name"]], "types": ["completed"]}}
    [job] = comment["jobs"].values()
    assert "github.event.workflow_run.event == 'pull_request'" in job["if"]
    assert [each["uses"].partition("@")[0] for each in job["steps"]] == [
        "actions/download-artifact",
        "actions/github-script",
    ]


def test_everything_that_a_change_must_pass_is_checked() -> None:
    checked = {each["target"] for each in workflow("checks")["jobs"]["check"]["strategy"]["matrix"]["include"]}
    [all_of_it] = re.findall(r"^test-all: ([\w -]+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert checked == set(all_of_it.split())


def test_the_review_compares_with_what_the_pull_request_was_merged_onto(tmp_path: Path) -> None:
    """GitHub checks out a merge, made by `git merge` on the base; later commits of the base are no part of it."""
    assert step("checks", "Review")["env"] == {"BASE": "HEAD^1"}
    [checkout] = [each for each in workflow("checks")["jobs"]["review"]["steps"] if "checkout" in each.get("uses", "")]
    assert "ref" not in checkout["with"]
    depth = checkout["with"]["fetch-depth"]

    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git = partial(subprocess.run, check=True, capture_output=True, text=True)
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    at = ["git", "-C", str(origin), *who]
    git([*at, "init", "--initial-branch=main"])
    git([*at, "commit", "--allow-empty", "-m", "base"])
    git([*at, "switch", "-c", "change"])
    git([*at, "commit", "--allow-empty", "-m", "changed"])
    git([*at, "switch", "--detach", "main"])
    git([*at, "merge", "--no-ff", "-m", "merge", "change"])
    git([*at, "branch", "pull"])
    git([*at, "switch", "main"])
    git([*at, "commit", "--allow-empty", "-m", "moved on"])
    git(["git", "clone", "--branch=pull", f"--depth={depth}", origin.as_uri(), str(clone)])
    assert git(["git", "-C", str(clone), "log", "-1", "--format=%s", "HEAD^1"]).stdout == "base\n"


def test_stages_are_deployed_one_after_the_other_from_one_assembly() -> None:
    deploy = workflow("deploy")
    assert deploy["on"] == {"push": {"branches": ["main"]}, "workflow_dispatch": ""}
    found = {key: job for key, job in deploy["jobs"].items() if key != "assembly"}
    assert list(found) == list(DELIVERED)
    assert [job["needs"] for job in found.values()] == ["assembly", *list(DELIVERED)[:-1]]
    assert [job["with"] for job in found.values()] == [{"stage": stage} for stage in DELIVERED]
    assert "github.ref == 'refs/heads/main'" in deploy["jobs"]["assembly"]["if"]
    synths = [name for name, _, job in jobs() for each in job.get("steps", ()) if "synth" in each.get("run", "")]
    assert synths == ["deploy"], "what is deployed is made once"


def test_a_stage_is_guarded_by_its_environment_and_deployed_once_at_a_time() -> None:
    [job] = workflow("deploy-stage")["jobs"].values()
    assert job["environment"] == "${{ inputs.stage }}"
    assert job["concurrency"] == {"group": "deploy-${{ inputs.stage }}", "cancel-in-progress": "false"}
    [credentials] = [each for each in job["steps"] if "configure-aws-credentials" in each.get("uses", "")]
    assert credentials["with"].keys() == {"role-to-assume", "aws-region", "mask-aws-account-id"}, "no key, no secret"
    assert {credentials["with"]["aws-region"]} == {settings.region for settings in DELIVERED.values()}


def test_the_deployment_takes_the_assembly_as_it_is() -> None:
    script = step("deploy-stage", "Deploy")["run"]
    assert '"$STAGE/*" --app cdk.out ' in script
    [packed] = [each["run"] for each in steps("deploy") if "tar" in each.get("run", "")]
    [unpacked] = [each["run"] for each in steps("deploy-stage") if "tar" in each.get("run", "")]
    assert packed.split()[-2:] == ["assembly.tar.gz", "cdk.out"]
    assert unpacked.split()[-1] == "assembly.tar.gz"
    pinned = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert "aws-cdk" in pinned, "`npm ci` brings the command line from here"


def test_the_archive_gives_back_what_was_put_in(tmp_path: Path) -> None:
    [packed] = [each["run"] for each in steps("deploy") if "tar" in each.get("run", "")]
    [unpacked] = [each["run"] for each in steps("deploy-stage") if "tar" in each.get("run", "")]
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "cdk.out" / ".hidden").mkdir(parents=True)
    there.mkdir()
    (here / "cdk.out" / "run").write_text("#!/bin/sh\n", encoding="utf-8")
    (here / "cdk.out" / "run").chmod(0o755)
    (here / "cdk.out" / "link").symlink_to("run")
    subprocess.run(["bash", "-ec", packed], cwd=here, check=True)
    shutil.move(here / "assembly.tar.gz", there)
    subprocess.run(["bash", "-ec", unpacked], cwd=there, check=True)
    assert (there / "cdk.out" / "run").stat().st_mode & 0o777 == 0o755
    assert (there / "cdk.out" / "link").is_symlink()
    assert (there / "cdk.out" / ".hidden").is_dir()
