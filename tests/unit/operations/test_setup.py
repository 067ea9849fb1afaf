"""The set-up runs before anything is installed: what it decides, without installing anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from operations import setup
from operations.setup import SetupError, Step

PIP_CONFIGURATION = """\
:env:.index-url='https://mirror.example/simple'
global.index-url='https://elsewhere.example/simple'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.cert='/etc/ssl/mirror.pem'
install.trusted-host='mirror.example'
freeze.timeout='10'
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "EMULATOR", tmp_path / ".venv" / "emulator")
    monkeypatch.setattr(setup, "LOG", tmp_path / ".local" / "setup.log")
    return tmp_path


def test_uv_installs_from_where_pip_is_told_to() -> None:
    settings = setup.uv_settings(setup.pip_settings(PIP_CONFIGURATION), {})

    assert settings == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INSECURE_HOST": "mirror.example",
        "SSL_CERT_FILE": "/etc/ssl/mirror.pem",
    }


def test_what_a_person_tells_uv_wins() -> None:
    own = {"UV_DEFAULT_INDEX": "https://own.example/simple", "SSL_CERT_FILE": "/own.pem"}

    assert set(setup.uv_settings(setup.pip_settings(PIP_CONFIGURATION), own)) == {"UV_INDEX", "UV_INSECURE_HOST"}


def test_pip_without_configuration_leaves_uv_alone() -> None:
    assert setup.uv_settings(setup.pip_settings(""), {}) == {}


def test_a_python_that_cannot_make_environments_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(SetupError, match=r"cannot make virtual environments: install its `venv` package .*-venv"):
        setup.check_python()


def test_a_step_is_due_until_it_is_complete_and_again_when_its_input_changes(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins, made = checkout / "pins.txt", checkout / "made"
    pins.write_text("a==1\n")
    runs: list[str] = []

    def install() -> None:
        runs.append(pins.read_text())
        if runs == ["a==1\n"]:
            raise SetupError("interrupted")
        made.touch()

    monkeypatch.setattr(setup, "steps", lambda: (Step("packages", (pins,), (made,), install),))
    monkeypatch.setattr(setup, "repair_environment", lambda _path: None)

    with pytest.raises(SetupError):
        setup.install()
    setup.install()
    setup.install()
    pins.write_text("a==2\n")
    setup.install()
    made.unlink()
    setup.install()

    assert runs == ["a==1\n", "a==1\n", "a==2\n", "a==2\n"]


def test_a_half_made_environment_is_made_anew(checkout: Path) -> None:
    half = checkout / ".venv"
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").symlink_to(sys.executable)
    (half / "left-behind").touch()
    (checkout / ".local").mkdir()

    setup.repair_environment(half, pip=False)

    assert not (half / "left-behind").exists()
    said = subprocess.run(
        [half / "bin" / "python", "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True
    )
    assert said.stdout.strip() == str(half)


def test_a_whole_environment_is_kept(checkout: Path) -> None:
    whole = checkout / ".venv"
    (checkout / ".local").mkdir()
    setup.repair_environment(whole, pip=False)
    (whole / "installed").touch()

    setup.repair_environment(whole, pip=False)

    assert (whole / "installed").exists()


def test_an_environment_that_moved_with_its_checkout_is_made_anew(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / ".local").mkdir()
    setup.repair_environment(checkout / ".venv", pip=False)
    (checkout / ".venv" / "installed").touch()
    moved = checkout / "moved"
    moved.mkdir()
    (checkout / ".venv").rename(moved / ".venv")
    monkeypatch.setattr(setup, "VENV", moved / ".venv")

    setup.repair_environment(moved / ".venv", pip=False)

    assert not (moved / ".venv" / "installed").exists()


def test_a_failing_command_is_reported_with_its_words_and_the_log(checkout: Path) -> None:
    (checkout / ".local").mkdir()

    with pytest.raises(SetupError, match="no such package") as caught:
        setup.run(sys.executable, "-c", "import sys; sys.exit('no such package')")

    assert ".local/setup.log" in str(caught.value)
    assert "no such package" in (checkout / ".local" / "setup.log").read_text()


def test_pins_are_exact_and_name_no_registry() -> None:
    for path in (setup.REQUIREMENTS, setup.EMULATOR_REQUIREMENTS):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines
        assert [line for line in lines if "==" not in line.partition(";")[0]] == []
        assert [line for line in lines if "://" in line or line.startswith("-")] == []
    assert "resolved" not in (setup.ROOT / "package-lock.json").read_text(encoding="utf-8")
