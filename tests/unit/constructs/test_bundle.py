"""Bundles: what is in them, made once, the same everywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shardwell_cdk import LAMBDA_ARM64, THIS_MACHINE, LambdaPlatform
from shardwell_cdk.bundle import bundle, wanted
from shardwell_cdk.install import index_settings, install_with_uv
from tests.unit.constructs.made import code


class Installer:
    """Installs what looks like boto3 from nowhere, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], str]] = []

    def __call__(self, folder: Path, requirements: Sequence[str], versions: Path, platform: LambdaPlatform) -> None:
        self.asked.append((tuple(requirements), platform.machine))
        files = {
            "six.py": "six = 6\n",
            "six-1.17.0.dist-info/METADATA": "Name: six\n",
            "six-1.17.0.dist-info/RECORD": f"installed in {folder}\n",
            "six-1.17.0.dist-info/direct_url.json": str(folder),
            "__pycache__/six.cpython-311.pyc": str(folder),
            "bin/six": f"#!{sys.executable}\n",
            "botocore/data/endpoints.json": "{}",
            "botocore/data/dynamodb/2012-08-10/service-2.json.gz": "dynamodb",
            "botocore/data/ec2/2016-11-15/service-2.json.gz": "ec2",
            "boto3/data/ec2/2016-11-15/resources-1.json": "ec2",
        }
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def contents(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_holds_its_package_the_library_and_what_both_need(tmp_path: Path) -> None:
    found = contents(bundle(code(tmp_path), LAMBDA_ARM64, install=Installer()).folder)
    assert {"parcels/__init__.py", "shardwell/schema.py", "six.py", "six-1.17.0.dist-info/METADATA"} <= found
    assert not [name for name in found if name.startswith("invoices")]


def test_another_package_of_the_project_is_bundled_where_it_is_named(tmp_path: Path) -> None:
    alone = code(tmp_path)
    both = replace(alone, beside=("invoices",))
    made = bundle(both, LAMBDA_ARM64, install=Installer())
    assert {"parcels/__init__.py", "invoices/__init__.py"} <= contents(made.folder)
    (tmp_path / "invoices" / "__init__.py").write_text("changed = True\n", encoding="utf-8")
    assert bundle(both, LAMBDA_ARM64, install=Installer()).digest != made.digest


def test_what_changes_from_one_installation_to_the_next_is_left_out(tmp_path: Path) -> None:
    made = code(tmp_path)
    before = bundle(made, LAMBDA_ARM64, install=Installer())
    (tmp_path / "parcels" / "__pycache__").mkdir()
    (tmp_path / "parcels" / "__pycache__" / "x.pyc").write_text("x", encoding="utf-8")
    assert bundle(made, LAMBDA_ARM64, install=Installer()) == before
    found = contents(before.folder)
    assert "__pycache__/six.cpython-311.pyc" not in found
    assert not [name for name in found if name.startswith("bin/")]
    assert not (before.folder / "parcels" / "__pycache__" / "x.pyc").exists()
    assert not [name for name in found if name.endswith(("RECORD", "direct_url.json"))]


def test_of_botocore_only_the_named_services_are_kept(tmp_path: Path) -> None:
    found = contents(bundle(code(tmp_path), LAMBDA_ARM64, install=Installer()).folder)
    data = {name for name in found if name.startswith(("botocore/data", "boto3/data"))}
    assert data == {"botocore/data/endpoints.json", "botocore/data/dynamodb/2012-08-10/service-2.json.gz"}


def test_a_service_that_botocore_does_not_know_is_refused(tmp_path: Path) -> None:
    misspelt = replace(code(tmp_path), services=("dynamo",))
    with pytest.raises(ValueError, match="botocore in the bundle describes no service 'dynamo': correct `services`"):
        bundle(misspelt, LAMBDA_ARM64, install=Installer())
    assert not list((tmp_path / "cache").rglob("six.py")), "a bundle that failed must leave nothing behind"


def test_it_installs_the_package_s_group_and_what_the_library_needs(tmp_path: Path) -> None:
    requirements = wanted(code(tmp_path))
    assert "six" in requirements
    assert any(line.startswith("boto3") for line in requirements)
    assert not any(line.startswith("shardwell") for line in requirements), "the library is copied, not installed"


def test_a_second_time_installs_nothing(tmp_path: Path) -> None:
    installer = Installer()
    made = code(tmp_path)
    assert bundle(made, LAMBDA_ARM64, install=installer) == bundle(made, LAMBDA_ARM64, install=installer)
    assert len(installer.asked) == 1


def test_a_changed_line_of_source_makes_a_new_bundle_but_installs_nothing(tmp_path: Path) -> None:
    installer = Installer()
    made = code(tmp_path)
    before = bundle(made, LAMBDA_ARM64, install=installer)
    (tmp_path / "parcels" / "__init__.py").write_text("changed = True\n", encoding="utf-8")
    after = bundle(made, LAMBDA_ARM64, install=installer)
    assert before.digest != after.digest
    assert (after.folder / "parcels" / "__init__.py").read_text(encoding="utf-8") == "changed = True\n"
    assert len(installer.asked) == 1


@pytest.mark.parametrize("change", ["pins", "platform", "services", "without", "group"])
def test_whatever_changes_an_installation_makes_another(tmp_path: Path, change: str) -> None:
    installer = Installer()
    made, platform = code(tmp_path), LAMBDA_ARM64
    bundle(made, platform, install=installer)
    if change == "pins":
        made.requirements.write_text("boto3==2.0\n", encoding="utf-8")
    elif change == "platform":
        platform = THIS_MACHINE
    elif change == "services":
        made = replace(made, services=())
    elif change == "without":
        made = replace(made, without=("six.py",))
    else:
        project = tmp_path / "pyproject.toml"
        project.write_text(project.read_text(encoding="utf-8").replace('"six"', '"six", "attrs"'), encoding="utf-8")
    bundle(made, platform, install=installer)
    assert len(installer.asked) == 2


def test_the_same_input_in_another_folder_is_the_same_bundle_to_the_last_byte(tmp_path: Path) -> None:
    made = [bundle(code(tmp_path / name), THIS_MACHINE, install=Installer()) for name in ("here", "there/deeper")]
    files = [{name: (one.folder / name).read_bytes() for name in contents(one.folder)} for one in made]
    assert files[0] == files[1]
    assert any(name.endswith(".pyc") for name in files[0])
    assert made[0].digest == made[1].digest


def test_a_bundle_that_another_process_finished_first_is_taken(tmp_path: Path) -> None:
    made = code(tmp_path)
    theirs: list[Path] = []

    def slow(folder: Path, requirements: Sequence[str], versions: Path, platform: LambdaPlatform) -> None:
        if not theirs:
            theirs.append(bundle(made, LAMBDA_ARM64, install=Installer()).folder)
        Installer()(folder, requirements, versions, platform)

    assert bundle(made, LAMBDA_ARM64, install=slow).folder == theirs[0]
    assert not list((tmp_path / "cache").rglob(".making-*"))


def test_a_project_without_the_group_says_which_it_has(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no dependency group 'invoices' \(it has: parcels\): let one list"):
        bundle(replace(code(tmp_path), package="invoices"), LAMBDA_ARM64, install=Installer())


def test_a_function_may_have_a_group_of_its_own(tmp_path: Path) -> None:
    light = code(tmp_path)
    with (tmp_path / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('parcels-lake = [{include-group = "parcels"}, "attrs"]\n')
    heavy = replace(light, group="parcels_lake")
    assert set(wanted(heavy)) - set(wanted(light)) == {"attrs"}
    made = [bundle(one, LAMBDA_ARM64, install=Installer()).folder for one in (light, heavy)]
    assert made[0] != made[1]


@pytest.mark.parametrize(("asked", "has"), [("shardwell", False), ("shardwell[http]", True)])
def test_an_extra_of_the_library_is_bundled_where_the_project_asks_for_it(
    tmp_path: Path, asked: str, has: bool
) -> None:
    made = code(tmp_path)
    project = tmp_path / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8").replace('"shardwell"', f'"{asked}"'), encoding="utf-8")
    found = [line for line in wanted(made) if line.startswith("aws-lambda-powertools")]
    assert bool(found) == has
    assert not any("extra" in line for line in found)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"package": "nothing"}, "has no package 'nothing'"),
        ({"beside": ("nothing",)}, "has no package 'nothing'"),
        ({"requirements": Path("/no/pins.txt")}, "is no file"),
        ({"without": ("/etc/*",)}, r"`without` has '/etc/\*': name something within the bundle"),
        ({"without": ("six/../../*",)}, "`without` has"),
        ({"without": ("./",)}, "`without` has './'"),
    ],
)
def test_code_that_is_not_there_is_refused(tmp_path: Path, wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(code(tmp_path), **wrong)


def test_uv_installs_from_where_pip_does() -> None:
    pip = {"index-url": "https://mirror.example/simple", "extra-index-url": "https://a.example\nhttps://b.example"}
    assert index_settings(pip, {}) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://a.example https://b.example",
    }
    assert index_settings(pip, {"UV_DEFAULT_INDEX": "https://mine.example", "UV_INDEX": ""}) == {}


def test_an_installation_that_fails_says_what_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("UV_FIND_LINKS", "")
    made = code(tmp_path)
    with pytest.raises(RuntimeError, match="uv could not install no-such-distribution for arm64: "):
        install_with_uv(tmp_path / "target", ["no-such-distribution"], made.requirements, LAMBDA_ARM64)


def test_a_client_can_be_made_from_a_trimmed_bundle(tmp_path: Path) -> None:
    """With this environment's own boto3, copied: no network, and the same files as an installation's."""
    site = Path(pytest.__file__).parent.parent

    def copy(folder: Path, requirements: Sequence[str], versions: Path, platform: LambdaPlatform) -> None:
        for name in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3"):
            shutil.copytree(site / name, folder / name)
        shutil.copy(site / "six.py", folder / "six.py")

    made = bundle(code(tmp_path), THIS_MACHINE, install=copy).folder
    script = (
        "import boto3; d = boto3.client('dynamodb', region_name='eu-west-1'); print(d.meta.endpoint_url)\n"
        "try: boto3.client('ec2', region_name='eu-west-1')\n"
        "except Exception as error: print(type(error).__name__)\n"
        "import parcels, shardwell; print(shardwell.__file__)"
    )
    command = [sys.executable, "-S", "-E", "-c", f"import sys; sys.path.insert(0, {str(made)!r})\n{script}"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert said.stdout.splitlines() == [
        "https://dynamodb.eu-west-1.amazonaws.com",
        "UnknownServiceError",
        str(made / "shardwell" / "__init__.py"),
    ], said.stderr
