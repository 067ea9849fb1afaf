"""The script that writes the review into a pull request, run by Node with a GitHub that notes what it is asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from review.render_markdown import MARKER, MOST
from tests.unit.workflows.workflow import steps

HARNESS = """
const { script, given } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const said = { asked: [], failed: [], told: [] };
const core = {
  notice: (text) => said.told.push(text), info: (text) => said.told.push(text),
  setFailed: (text) => said.failed.push(text),
};
const note = (name) => async (parameters) => { said.asked.push([name, parameters]); };
const rest = {
  pulls: { list: 'pulls' },
  issues: { listComments: 'comments', updateComment: note('update'), createComment: note('create') },
};
const paginate = async (list, parameters) => { said.asked.push([list, parameters]); return given[list]; };
const context = { repo: { owner: 'acme', repo: 'store' }, payload: { workflow_run: given.run } };
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
new AsyncFunction('require', 'core', 'github', 'context', script)(require, core, { rest, paginate }, context)
  .then(() => console.log(JSON.stringify(said)));
"""
RUN = {"head_repository": {"owner": {"login": "fork-owner"}}, "head_branch": "fix", "head_sha": "abc"}
PULL = {"number": 7, "head": {"sha": "abc"}}
REVIEW = f"{MARKER}\n### Template review: look\n"
BOT = {"login": "github-actions[bot]"}


def said(folder: Path, **given: Any) -> dict[str, Any]:
    """What the script asked of GitHub and said, for what GitHub answers and what is in the folder."""
    [script] = [each["with"]["script"] for each in steps("comment") if "script" in each.get("with", {})]
    answers = {"run": RUN, "pulls": [PULL], "comments": [], **given}
    node = str(Path(sys.prefix) / "bin" / "node")
    finished = subprocess.run(
        [node, "-e", HARNESS],
        input=json.dumps({"script": script, "given": answers}),
        env={"REVIEW": str(folder / "review.md")},
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(finished.stdout)
    return result


def left(folder: Path, text: str = REVIEW) -> Path:
    """The folder, with what the checks left behind."""
    (folder / "review.md").write_text(text, encoding="utf-8")
    return folder


def written(result: dict[str, Any]) -> list[Any]:
    return [asked for asked in result["asked"] if asked[0] in ("update", "create")]


def test_the_first_review_is_a_new_comment(tmp_path: Path) -> None:
    result = said(left(tmp_path), comments=[{"id": 1, "user": BOT, "body": "another"}])
    assert written(result) == [["create", {"owner": "acme", "repo": "store", "issue_number": 7, "body": REVIEW}]]
    assert result["failed"] == []


def test_the_next_one_takes_its_place(tmp_path: Path) -> None:
    comments = [{"id": 1, "user": BOT, "body": "another"}, {"id": 2, "user": BOT, "body": f"{MARKER}\nold"}]
    result = said(left(tmp_path), comments=comments)
    assert written(result) == [["update", {"owner": "acme", "repo": "store", "comment_id": 2, "body": REVIEW}]]


@pytest.mark.parametrize("user", [{"login": "somebody"}, None])
def test_nobody_else_s_comment_is_touched(tmp_path: Path, user: dict[str, str] | None) -> None:
    result = said(left(tmp_path), comments=[{"id": 2, "user": user, "body": f"{MARKER}\nforged"}])
    assert [name for name, _ in written(result)] == ["create"]


def test_the_pull_request_is_the_one_that_the_event_tells_of(tmp_path: Path) -> None:
    result = said(left(tmp_path), pulls=[{"number": 6, "head": {"sha": "other"}}, PULL])
    [asked] = [parameters for name, parameters in result["asked"] if name == "pulls"]
    assert asked == {"owner": "acme", "repo": "store", "state": "open", "head": "fork-owner:fix"}
    assert [parameters["issue_number"] for _, parameters in written(result)] == [7]


def test_a_review_of_what_was_pushed_over_is_not_written(tmp_path: Path) -> None:
    result = said(left(tmp_path), pulls=[{"number": 7, "head": {"sha": "newer"}}])
    assert written(result) == []
    assert result["failed"] == []


def test_checks_that_left_no_review_are_no_failure(tmp_path: Path) -> None:
    result = said(tmp_path)
    assert (result["asked"], result["failed"]) == ([], [])
    assert result["told"] == ["The checks left no review."]


@pytest.mark.parametrize("text", ["no marker", "", f"\n{MARKER}", MARKER + "x" * MOST, MARKER + "x" * 4 * MOST])
def test_what_is_no_review_is_not_written(tmp_path: Path, text: str) -> None:
    result = said(left(tmp_path, text))
    assert result["asked"] == []
    assert len(result["failed"]) == 1


def test_the_longest_review_is_written_whatever_its_letters_are(tmp_path: Path) -> None:
    longest = MARKER + "🔴" * (MOST - len(MARKER))
    assert written(said(left(tmp_path, longest)))[0][1]["body"] == longest


def test_a_link_to_another_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{MARKER}\nsecret", encoding="utf-8")
    (tmp_path / "review.md").symlink_to(tmp_path / "token")
    result = said(tmp_path)
    assert (result["asked"], len(result["failed"])) == ([], 1)
