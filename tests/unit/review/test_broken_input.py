"""What is broken, hostile or too large gets an answer from the command or a clear error, and is never called safe."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from review.__main__ import main
from review.model import Verdict
from review.render import FORMATS

ROOT = Path(__file__).resolve().parents[3]
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "orders"}}
SOUND = {"Resources": {"Topic": TOPIC}}
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "</script><!--",
    "javascript:alert(1)",
    "[click](javascript:alert(1)) @everyone `x` | y",
    "\x1b[2J\x1b]0;owned\x07\u202egnp.exe",
    "${Ref} {{7*7}} %s %(x)s",
)


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """A folder for each side, with a stage and no stack in it yet."""
    folders = (tmp_path / "base", tmp_path / "head")
    for folder in folders:
        (folder / "prod").mkdir(parents=True)
    return folders


def put(folder: Path, content: Any, name: str = "shop.template.json") -> None:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "prod" / name).write_bytes(raw)


def run(sides: tuple[Path, Path], *more: str) -> int:
    base, head = sides
    return main([f"--base={base}", f"--head={head}", *more])


def result(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of the review."""
    code = run(sides, "--format=json")
    said = capsys.readouterr()
    assert said.err == ""
    return code, json.loads(said.out)


BROKEN = [
    (b"", "it is not JSON"),
    (b"{", "it is not JSON"),
    (b"Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n", "it is not JSON"),
    (b"<html></html>", "it is not JSON"),
    (b"\xff\xfe\x00", "it is not UTF-8"),
    (b'{"Resources": {"Topic": {"Type": NaN}}}', "it is not JSON"),
    (b"[" * 100_000, "nested deeper"),
    (b'{"a":' * 100_000, "nested deeper"),
    (b"[]", "it is a list, not a template"),
    (b"null", "not a template"),
    (b"{}", "its Resources are missing"),
    (b'{"Resources": []}', "not an object of resources"),
    (b'{"Resources": {"Topic": "AWS::SNS::Topic"}}', "not an object"),
    (b'{"Resources": {"Topic": {}}}', "no Type"),
    (b'{"Resources": {"Topic": {"Type": {"Ref": "Type"}}}}', "no Type"),
    (b'{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": []}}}', "not an object"),
    (b'{"Resources": {"A": {"Type": "AWS::SNS::Topic"}, "A": {"Type": "AWS::SQS::Queue"}}}', "twice in one object"),
    (b'{"Resources": {}, "Conditions": [1]}', "not an object"),
]


@pytest.mark.parametrize("broken_side", ["base", "head", "both"])
@pytest.mark.parametrize(("content", "says"), BROKEN, ids=lambda value: repr(value)[:40])
def test_what_is_no_template_blocks_and_says_why(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], content: bytes, says: str, broken_side: str
) -> None:
    for name, folder in zip(("base", "head"), sides, strict=True):
        put(folder, content if broken_side in (name, "both") else SOUND)
        put(folder, SOUND, "other.template.json")
    code, said = result(sides, capsys)
    assert (code, said["verdict"]) == (2, "blocked")
    assert any(says in problem["text"] for problem in said["problems"])


@pytest.mark.parametrize("format_", list(FORMATS))
def test_every_format_tells_of_what_could_not_be_read(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    put(sides[0], SOUND)
    put(sides[1], b"{")
    assert run(sides, f"--format={format_}") == 2
    said = " ".join(html.unescape(capsys.readouterr().out).split())
    assert "is not JSON" in re.sub(r"[│\s]+", " ", said)


def test_no_template_at_all_is_a_failure_of_the_tool(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(sides) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "there is no template in" in said.err


def test_a_side_without_templates_is_a_removal_and_not_nothing(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    put(sides[0], {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}})
    code, said = result(sides, capsys)
    assert code == 2
    assert [change["kind"] for change in said["changes"]] == ["removed"]


@pytest.mark.parametrize("side", ["base", "head"])
def test_a_folder_that_is_not_there_is_a_failure(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], side: str
) -> None:
    for folder in sides:
        put(folder, SOUND)
    asked = {"base": sides[0], "head": sides[1], side: sides[0].parent / "nowhere"}
    assert main([f"--{name}={folder}" for name, folder in asked.items()]) == 3
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("type_", ["AWS::Nowhere::Thing", "Somebody::Else::Module", "aws::sns::topic", "", "x"])
@pytest.mark.parametrize("change", ["added", "removed", "changed"])
def test_an_unknown_type_is_never_harmless(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], type_: str, change: str
) -> None:
    thing = {"Type": type_, "Properties": {"Size": 1}}
    bigger = {"Type": type_, "Properties": {"Size": 2}}
    before = {"Topic": TOPIC} if change == "added" else {"Topic": TOPIC, "Thing": thing}
    after = (
        {"Topic": TOPIC} if change == "removed" else {"Topic": TOPIC, "Thing": thing if change == "added" else bigger}
    )
    put(sides[0], {"Resources": before})
    put(sides[1], {"Resources": after})
    code, said = result(sides, capsys)
    assert code in (1, 2)
    [told] = said["changes"]
    assert any(reason["certainty"] == "unknown" for reason in told["reasons"])


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Nowhere"},
        {"Ref": ["Topic"]},
        {"Fn::GetAtt": ["Nowhere", "Arn"]},
        {"Fn::GetAtt": "Nowhere"},
        {"Fn::GetAtt": []},
        {"Fn::Sub": "${Nowhere.Arn}-${"},
        {"Fn::Sub": ["${a}", "no mapping"]},
        {"Fn::Sub": [1, 2, 3]},
        {"Fn::If": ["NoCondition", "a", {"Ref": "AWS::NoValue"}]},
        {"Fn::If": []},
        {"Fn::Join": "no list"},
        {"Fn::Join": ["", {"Ref": "Nowhere"}]},
        {"Fn::ImportValue": {"Fn::Sub": "${Nowhere}"}},
        {"Fn::FindInMap": ["NoMap", "a", "b"]},
        {"Fn::Transform": {"Name": "AWS::Include"}},
        {"Fn::Nonsense": 1},
        {"Ref": "A", "Fn::GetAtt": ["B", "C"]},
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_what_cannot_be_resolved_may_replace_and_is_never_harmless(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], value: Any
) -> None:
    put(sides[0], SOUND)
    put(sides[1], {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": value}}}})
    code, said = result(sides, capsys)
    assert code in (1, 2)
    [told] = [change for change in said["changes"] if change["logical_id"] == "Topic"]
    assert told["kind"] in ("replaced", "maybe replaced")


def by_reference(_: str, other: str) -> dict[str, Any]:
    return {"Properties": {"DisplayName": {"Ref": other}}}


def by_dependency(_: str, other: str) -> dict[str, Any]:
    return {"DependsOn": [other]}


def by_text(own: str, other: str) -> dict[str, Any]:
    return {"Properties": {"DisplayName": {"Fn::Sub": f"${{{other}.TopicName}}${{{own}}}"}}}


def by_condition(own: str, _: str) -> dict[str, Any]:
    return {"Condition": own}


@pytest.mark.parametrize("links", [by_reference, by_dependency, by_text, by_condition])
def test_references_in_a_circle_end(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], links: Any) -> None:
    def body(name: str) -> dict[str, Any]:
        things = {
            "A": {"Type": "AWS::SNS::Topic", **links("A", "B")},
            "B": {"Type": "AWS::SNS::Topic", **links("B", "A")},
        }
        things["A"] = {**things["A"], "Properties": {**things["A"].get("Properties", {}), "TopicName": name}}
        circle = {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}}
        return {"Conditions": circle, "Resources": things}

    put(sides[0], body("one"))
    put(sides[1], body("two"))
    code, said = result(sides, capsys)
    assert code in (1, 2)
    assert {change["logical_id"] for change in said["changes"] if change["kind"] == "replaced"} >= {"A"}


class Elements(HTMLParser):
    """Every element of a page, and every attribute, as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def hostile(name: str, *, size: int) -> dict[str, Any]:
    """A template that says the name wherever something can be named."""
    thing = {
        "Type": "AWS::SNS::Topic",
        "Properties": {"TopicName": f"{name}{size}", "Tags": [{"Key": name, "Value": f"{name}{size}"}], name: size},
        "Metadata": {"aws:cdk:path": name},
        "DeletionPolicy": name if size == 1 else "Delete",
    }
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": name,
            "Roles": [name],
            "PolicyDocument": {
                "Statement": [{"Effect": "Allow", "Action": f"{name}{size}", "Resource": name, "Principal": name}]
            },
        },
    }
    other = {"Type": name, "Properties": {name: size}}
    return {
        "Description": f"{name}{size}",
        "Parameters": {name: {"Type": "String", "Default": f"{name}{size}"}},
        "Outputs": {name: {"Value": f"{name}{size}", "Export": {"Name": f"{name}{size}"}}},
        "Resources": {name: thing, f"{name}-policy": policy, f"{name}-other": other},
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_in_every_format(
    sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    for size, folder in enumerate(sides):
        put(folder, hostile(name, size=size))
    said = {}
    for format_ in FORMATS:
        assert run(sides, f"--format={format_}") in (1, 2)
        said[format_] = capsys.readouterr().out
    json.loads(said["json"])
    json.loads(said["sarif"])
    assert not any(ord(letter) < 32 and letter != "\n" for letter in said["terminal"] + said["markdown"])
    assert "\u202e" not in said["terminal"] + said["markdown"] + said["html"]
    page = Elements(said["html"])
    # The page's own style and script, and nothing that a name brought.
    assert page.tags.count("script") == 1
    assert not {"img", "iframe", "object", "embed", "link", "base", "form"} & set(page.tags)
    assert [attribute for attribute, _ in page.attributes if attribute.startswith("on")] == []
    addresses = [value for attribute, value in page.attributes if attribute in ("href", "src", "action", "xlink:href")]
    assert all(value.startswith("#") for value in addresses)
    unfenced = re.sub(r"`+[^`]*`+", "", said["markdown"])
    assert re.search(r"(?<!\\)<(script|img|svg)", unfenced) is None
    assert re.search(r"(?<!\\)\]\(javascript", unfenced) is None


def test_names_as_files_are_not_followed(sides: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    for folder in sides:
        put(folder, SOUND)
    secret = sides[0].parent / "secret"
    secret.write_text(json.dumps(SOUND), encoding="utf-8")
    (sides[1] / "prod" / "linked.template.json").symlink_to(secret)
    (sides[1] / "prod" / "folder.template.json").mkdir()
    code, said = result(sides, capsys)
    assert (code, said["verdict"]) == (2, "blocked")
    assert len(said["problems"]) == 2
    assert any("symbolic link" in problem["text"] for problem in said["problems"])


def large(size: int) -> dict[str, Any]:
    """Ten megabytes: as many resources as a template may have, each with a long list of long texts."""
    texts = [f"{at:04d}-" + "x" * 180 for at in range(110)]
    return {
        "Resources": {
            f"Thing{at}": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "StringList", "Value": ",".join(texts), "Description": f"{size}"},
                "DependsOn": [f"Thing{before}" for before in range(max(0, at - 20), at)],
            }
            for at in range(500)
        }
    }


def test_ten_megabytes_get_an_answer(sides: tuple[Path, Path]) -> None:
    for size, folder in enumerate(sides):
        put(folder, large(size))
    assert (sides[1] / "prod" / "shop.template.json").stat().st_size > 10_000_000
    assert outcomes(sides) == [0, 0, 0]
    smaller = large(1)
    del smaller["Resources"]["Thing499"]
    put(sides[1], smaller)
    assert outcomes(sides) == [1, 1, 1]


def outcomes(sides: tuple[Path, Path]) -> list[int]:
    """The exit codes of three formats; a description alone says something and does nothing."""
    codes = []
    for format_ in ("terminal", "markdown", "json"):
        out = sides[0].parent / f"out.{format_}"
        codes.append(run(sides, f"--format={format_}", f"--out={out}"))
        assert out.stat().st_size > 0
    assert len((sides[0].parent / "out.markdown").read_text(encoding="utf-8")) <= 65_000
    return codes


def test_the_command_itself_exits_with_the_verdict(sides: tuple[Path, Path]) -> None:
    put(sides[0], SOUND)
    put(sides[1], b"no JSON")
    command = [sys.executable, "-m", "review", "--base", str(sides[0]), "--head", str(sides[1])]
    path = os.pathsep.join((str(ROOT), str(ROOT / "runtime")))
    finished = subprocess.run(
        command, cwd=sides[0], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 2
    assert Verdict.BLOCKED.word in finished.stdout
    assert "Traceback" not in finished.stderr
