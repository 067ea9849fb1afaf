"""The templates under test, and where their snapshots are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from tests.snapshots.synth import ROOT, Synthesized, once, stacks_in, synthesize


class TemplateFile(SingleFileSnapshotExtension):
    """One file a template: `tests/snapshots/<stage>/<system>.template.json`, of a test that has both as parameters."""

    _write_mode = WriteMode.TEXT
    file_extension = "template.json"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        # Updating, syrupy deletes files it does not know from this folder: it must never be that of the tests.
        parameters = _parameters(test_location)
        folder = parameters["stage"] if "system" in parameters else cls.snapshot_dirname
        return str(Path(test_location.filepath).parent / folder)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        parameters = _parameters(test_location)
        return parameters.get("system") or super().get_snapshot_name(test_location=test_location, index=index)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        # A test owns its one file: `--snapshot-update -k prod` must not take other files for unused and delete them.
        return cls.get_location(test_location=test_location, index=0) == snapshot_location


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TemplateFile)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the whole synthesized app."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return once(shared / "assembly", lambda out: synthesize(ROOT, out, validate=True))


@pytest.fixture(scope="session")
def stacks(assembly: Path) -> dict[tuple[str, str], Synthesized]:
    """Every stack of the app by its stage and system."""
    return {(stack.stage, stack.system): stack for stack in stacks_in(assembly)}


def _parameters(test_location: PyTestLocation) -> dict[str, str]:
    """The parameters of a test; none where it has none."""
    callspec = getattr(test_location.item, "callspec", None)
    return dict(callspec.params) if callspec else {}
