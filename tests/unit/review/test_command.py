"""`python -m review` as a person and a pipeline run it: sides, options, exit codes, and one sentence for what fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from review import command
from review.__main__ import main
from review.sources import SNAPSHOTS
from tests.unit.review.large import write_snapshots
from tests.unit.review.sides import table

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 21)
TOPIC = {"Type": "AWS::SNS::Topic"}
NAMED = {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "a", "Value": "b"}]}}
FIFO = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 9}}
Run = Callable[..., int]


def sides(tmp_path: Path, before: dict[str, Any], after: dict[str, Any], stage: str = "prod") -> list[str]:
    """The arguments for two folders of snapshots with these resources."""
    for name, resources in (("before", before), ("after", after)):
        write_snapshots(tmp_path / name, {(stage, "shop"): {"Resources": resources}})
    return ["--base", str(tmp_path / "before"), "--head", str(tmp_path / "after")]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a table on `main` and without it in the work tree, which commands run in."""
    folder = tmp_path / "repository"
    write_snapshots(folder / SNAPSHOTS, {("prod", "shop"): {"Resources": {"T": table(), "O": TOPIC}}})
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        git(folder, *arguments)
    write_snapshots(folder / SNAPSHOTS, {("prod", "shop"): {"Resources": {"O": TOPIC}}})
    monkeypatch.chdir(folder)
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Git with a name of its own, whatever this machine's settings are."""
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
    who |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", str(folder), *arguments], env={**os.environ, **who}, check=True)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ({"O": TOPIC}, {"O": TOPIC}, 0),
        ({"O": TOPIC}, {"O": NAMED}, 0),
        ({"O": TOPIC}, {"O": TOPIC, "Q": FIFO}, 1),
        ({"O": TOPIC, "T": table()}, {"O": TOPIC}, 2),
        ({"T": table(TableName="a")}, {"T": table(TableName="a", KeySchema=[])}, 2),
    ],
    ids=["nothing", "harmless", "look", "danger", "blocked"],
)
def test_the_exit_code_is_the_verdict(tmp_path: Path, before: Any, after: Any, code: int) -> None:
    assert main(sides(tmp_path, before, after), today=TODAY) == code


def test_nothing_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(sides(tmp_path, {"O": TOPIC}, {"O": TOPIC}), today=TODAY) == 0
    assert capsys.readouterr() == ("✓ harmless  nothing changes in prod\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base", "nowhere"], "there is no revision 'nowhere'"),
        (["--stage", "moon"], "there is no stage 'moon'"),
        (["--snapshots", "other"], "there is no folder"),
        (["--acknowledgements", "none.toml"], "none.toml"),
        (["--assumptions", "none.toml"], "none.toml"),
        (["--out", "none/review.html"], "none/review.html"),
        (["--tables", "no_such.module"], "no_such"),
    ],
)
def test_what_fails_is_one_sentence_and_exit_code_3(
    repository: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments, today=TODAY) == 3
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert said in error
    assert error.startswith("review: ")


@pytest.mark.parametrize("arguments", [["--what"], ["--format", "pdf"], ["--base"], ["further"]])
def test_wrong_arguments_are_not_a_verdict(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments, today=TODAY)
    assert ended.value.code == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_defect_is_a_sentence_too_and_never_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr("review.__main__.answer", broken)
    assert main([], today=TODAY) == 3
    assert capsys.readouterr().err == (
        "review: ZeroDivisionError: by zero; this is a defect of the review, --debug shows where\n"
    )
    with pytest.raises(ZeroDivisionError):
        main(["--debug"], today=TODAY)


def test_broken_templates_are_blocked_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = sides(tmp_path, {"O": TOPIC}, {"O": TOPIC})
    write_snapshots(tmp_path / "after", {("prod", "shop"): "{"})
    assert main(arguments, today=TODAY) == 2
    assert "✖ blocked" in capsys.readouterr().out


def test_the_base_that_is_taken_is_said_where_it_is_not_the_expected_one(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], today=TODAY) == 2
    out = capsys.readouterr().out
    assert "origin/main is not here: main is what it was compared with" in out
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert main([], today=TODAY) == 2
    assert "is not here" not in capsys.readouterr().out


def test_a_folder_of_the_repository_does_as_well_as_its_top(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "tests")
    assert main([], today=TODAY) == 2


def test_a_folder_that_is_no_repository_needs_a_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main([], today=TODAY) == 3
    assert "name a folder with --base" in capsys.readouterr().err


def test_only_the_stage_that_is_named_is_reviewed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_snapshots(repository / SNAPSHOTS, {("dev", "shop"): {"Resources": {"Q": FIFO}}})
    assert main(["--stage", "dev", "--format", "json"], today=TODAY) == 1
    read = json.loads(capsys.readouterr().out)
    assert [stage["stage"] for stage in read["stages"]] == ["dev"]
    assert main(["--stage", "dev", "--stage", "prod"], today=TODAY) == 2


def test_a_danger_is_acknowledged_by_pasting_what_is_printed(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--acknowledge"], today=TODAY) == 2
    lines = capsys.readouterr().out
    file = repository / "review" / "acknowledgements.toml"
    file.parent.mkdir()
    file.write_text(lines, encoding="utf-8")
    assert main([], today=TODAY) == 3
    assert "line 1 has no reason" in capsys.readouterr().err
    file.write_text(lines.replace('reason = ""', 'reason = "It is empty."'), encoding="utf-8")
    assert main([], today=TODAY) == 1
    assert main([], today=date(2027, 6, 1)) == 2
    assert "expired on 2026-12-21" in capsys.readouterr().out
    assert main(["--acknowledge"], today=TODAY) == 1
    assert capsys.readouterr().out == "# Nothing needs to be acknowledged.\n"


def test_a_revision_is_reviewed_with_the_acknowledgements_that_it_has(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--acknowledge"], today=TODAY)
    lines = capsys.readouterr().out.replace('reason = ""', 'reason = "It is empty."')
    git(repository, "commit", "-q", "-a", "-m", "second")
    assert main(["--base", "HEAD~1", "--head", "HEAD"], today=TODAY) == 2
    file = repository / "review" / "acknowledgements.toml"
    file.parent.mkdir()
    file.write_text(lines, encoding="utf-8")
    assert main(["--base", "HEAD~1", "--head", "HEAD"], today=TODAY) == 2
    assert main(["--base", "HEAD~1", "--head", "HEAD", "--acknowledgements", str(file)], today=TODAY) == 1
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "third")
    assert main(["--base", "HEAD~2", "--head", "HEAD"], today=TODAY) == 1


def test_a_file_is_written_and_the_verdict_is_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("terminal", "markdown", "html", "json", "sarif"):
        out = repository / f"review.{form}"
        assert main(["--format", form, "--out", str(out)], today=TODAY) == 2
        assert out.stat().st_size > 100
        assert capsys.readouterr().out.startswith("▲ danger  1 change: 1 danger")


def test_sarif_names_the_snapshot_within_the_repository(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--format", "sarif"], today=TODAY) == 2
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
    assert uris == {"tests/snapshots/prod/shop.template.json"}


def test_the_work_tree_and_the_index_are_left_as_they_are(repository: Path) -> None:
    def state() -> bytes:
        return subprocess.run(["git", "status", "--porcelain=v2", "--branch"], capture_output=True, check=True).stdout

    before = state()
    main(["--base", "main"], today=TODAY)
    assert state() == before


def test_a_reader_that_goes_away_is_no_failure(tmp_path: Path) -> None:
    arguments = sides(tmp_path, {f"O{at}": TOPIC for at in range(3000)}, {"Q": FIFO})
    review = [sys.executable, "-m", "review", *arguments, "--format", "json"]
    process = subprocess.Popen(review, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 1


def test_no_client_of_aws_no_cdk_and_no_linter_is_loaded(tmp_path: Path) -> None:
    arguments = [*sides(tmp_path, {"O": TOPIC}, {"Q": FIFO}), "--format", "html", "--out", str(tmp_path / "x.html")]
    code = (
        f"import sys; from review.__main__ import main; main({arguments!r}); "
        "print(*sorted({'boto3', 'botocore', 'aws_cdk', 'jsii', 'cfnlint', 'yaml', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]


def test_every_base_that_may_be_taken_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert all(name in said for name in command.BASES)
    assert "Exit codes: 0 nothing or harmless, 1 changes to look at, 2 blocked, 3 the review failed" in said
