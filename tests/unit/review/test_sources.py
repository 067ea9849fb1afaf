"""Templates from a revision, a work tree, a folder of snapshots and a folder that CDK made."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from review.sources import WORKTREE, SourceError, of_folder, of_revision, read

ONE = {"Resources": {"One": {"Type": "AWS::SNS::Topic"}}}
TWO = {"Resources": {"Two": {"Type": "AWS::SNS::Topic"}}}


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose first commit has ONE, and whose work tree has TWO."""
    folder = tmp_path / "repository"
    write(folder / "tests/snapshots/dev/shop.template.json", ONE)
    write(folder / "tests/snapshots/dev/notes.txt", "no template")
    write(folder / "elsewhere/dev/other.template.json", TWO)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=one")
    write(folder / "tests/snapshots/dev/shop.template.json", TWO)
    return folder


def test_a_revision_is_read_from_its_objects_and_the_work_tree_stays(repository: Path) -> None:
    status = subprocess.run(["git", "-C", repository, "status", "--porcelain"], capture_output=True, check=True).stdout
    base = read("base", "main", repository=repository)
    head = read("head", WORKTREE, repository=repository)
    assert {key: one.body for key, one in base.stacks.items()} == {("dev", "shop"): ONE}
    assert {key: one.body for key, one in head.stacks.items()} == {("dev", "shop"): TWO}
    assert len(base.revision) == 40
    assert head.revision == ""
    assert base.stacks["dev", "shop"].origin == f"{base.revision[:12]}:tests/snapshots/dev/shop.template.json"
    again = subprocess.run(["git", "-C", repository, "status", "--porcelain"], capture_output=True, check=True).stdout
    assert again == status


def test_another_folder_of_snapshots_can_be_named(repository: Path) -> None:
    found = of_revision("base", "main", repository=repository, snapshots="elsewhere")
    assert {key: one.body for key, one in found.stacks.items()} == {("dev", "other"): TWO}


@pytest.mark.parametrize("revision", ["origin/main", "--output=/tmp/x", "-h", "main:tests", ""])
def test_a_revision_that_is_not_there_is_named(repository: Path, revision: str) -> None:
    with pytest.raises(SourceError, match="there is no revision"):
        of_revision("base", revision, repository=repository)


def test_a_folder_that_is_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no revision"):
        of_revision("base", "main", repository=tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no folder"):
        of_folder("head", tmp_path / "missing")


def test_a_revision_without_snapshots_is_an_empty_side(repository: Path) -> None:
    found = of_revision("base", "main", repository=repository, snapshots="nowhere")
    assert (found.stacks, found.problems) == ({}, ())


def test_what_cannot_be_read_is_a_problem_on_every_way_in(repository: Path, tmp_path: Path) -> None:
    folder = repository / "tests/snapshots"
    write(folder / "dev/broken.template.json", "{")
    outside = tmp_path / "secret.json"
    write(outside, ONE)
    (folder / "dev/link.template.json").symlink_to(outside)
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message=two")
    for side in (read("head", WORKTREE, repository=repository), read("head", "HEAD", repository=repository)):
        assert set(side.stacks) == {("dev", "shop")}
        assert {(each.stack, each.verdict.word) for each in side.problems} == {
            ("broken", "blocked"),
            ("link", "blocked"),
        }
        assert any("not JSON" in each.text for each in side.problems)
        assert any("symbolic link" in each.text for each in side.problems)


def assembly(folder: Path, **artifacts: Any) -> None:
    write(folder / "manifest.json", {"version": "1", "artifacts": artifacts})


def stack(file: str, name: str) -> dict[str, Any]:
    return {"type": "aws:cloudformation:stack", "properties": {"templateFile": file, "stackName": name}}


def test_stages_of_a_synthesized_app_are_its_assemblies_and_nested_stacks_are_stacks(tmp_path: Path) -> None:
    nested = {
        "Resources": {
            "Inner": {
                "Type": "AWS::CloudFormation::Stack",
                "Metadata": {"aws:asset:path": "inner.nested.template.json"},
            }
        }
    }
    inner = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-prod"}}
    assembly(tmp_path, tree={"type": "cdk:tree"}, prod=inner, top=stack("top.template.json", "top"))
    assembly(tmp_path / "assembly-prod", shop=stack("shop.template.json", "acme-prod-shop"))
    write(tmp_path / "top.template.json", ONE)
    write(tmp_path / "assembly-prod/shop.template.json", nested)
    write(tmp_path / "assembly-prod/inner.nested.template.json", TWO)
    found = of_folder("head", tmp_path)
    assert found.problems == ()
    assert set(found.stacks) == {("app", "top"), ("prod", "acme-shop"), ("prod", "acme-shop/Inner")}
    assert found.stacks["prod", "acme-shop"].stack_name == "acme-prod-shop"
    assert found.stacks["prod", "acme-shop/Inner"].nested_in == ("acme-shop", "Inner")


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ("{", "not JSON"),
        ({"artifacts": [1]}, "items"),
        ({"artifacts": {"s": stack("missing.template.json", "s")}}, "cannot be read"),
        ({"artifacts": {"s": stack("../outside.template.json", "s")}}, "cannot be read"),
        ({"artifacts": {"s": stack("/etc/hostname", "s")}}, "cannot be read"),
        ({"artifacts": {"a": {"type": "cdk:cloud-assembly", "properties": {"directoryName": ".."}}}}, "No such file"),
    ],
)
def test_a_manifest_that_is_broken_or_leads_outside_is_a_problem(tmp_path: Path, manifest: Any, says: str) -> None:
    write(tmp_path / "outside.template.json", ONE)
    write(tmp_path / "out/manifest.json", manifest)
    found = of_folder("head", tmp_path / "out")
    assert found.stacks == {}
    (problem,) = found.problems
    assert says in problem.text


def test_a_nested_stack_that_holds_itself_ends(tmp_path: Path) -> None:
    resource = {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:asset:path": "self.template.json"}}
    assembly(tmp_path, s=stack("self.template.json", "s"))
    write(tmp_path / "self.template.json", {"Resources": {"Me": resource}})
    assert len(of_folder("head", tmp_path).stacks) == 11
