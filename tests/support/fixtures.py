"""Fixtures of the tests that talk to a DynamoDB: in process, the emulator, and DynamoDB Local."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from tests.support import emulator as emulator_server
from tests.support.ambient import Surroundings
from tests.support.backends import Backend, connect
from tests.support.dynamodb_local import server as local_server
from tests.support.wire import Wire

BACKENDS = ("moto", "emulator", "dynamodb-local")


def pytest_configure(config: pytest.Config) -> None:
    """Register our marker, and show why a test was skipped."""
    config.addinivalue_line("markers", "diverges(backend, reason): this backend is known to differ from DynamoDB here")
    if "s" not in config.option.reportchars:
        config.option.reportchars += "s"


@pytest.fixture(autouse=True)
def _no_real_waiting(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if {"backend", "moto", "emulator"} & set(request.fixturenames):
        monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None))
        # A client retries less once many requests have failed: the tests share clients, and must not share that.
        monkeypatch.setattr("botocore.retries.standard.RetryQuotaChecker.acquire_retry_quota", lambda *_: True)


@pytest.fixture
def surroundings() -> Surroundings:
    """The clock, the waits and the chance of the test's stores."""
    return Surroundings()


@pytest.fixture(scope="session")
def _moto_connection() -> tuple[Any, Wire]:
    return connect(None)


@pytest.fixture(scope="session")
def _emulator_connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Wire]]:
    if (reason := emulator_server.missing()) is not None:
        pytest.skip(reason)
    with emulator_server.emulator(tmp_path_factory.mktemp("emulator")) as endpoint:
        yield connect(endpoint)


@pytest.fixture(scope="session")
def _local_connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Wire]]:
    if (reason := local_server.missing()) is not None:
        pytest.skip(reason)
    with local_server.dynamodb_local(tmp_path_factory.mktemp("dynamodb-local")) as endpoint:
        yield connect(endpoint)


@pytest.fixture
def moto(_moto_connection: tuple[Any, Wire], surroundings: Surroundings) -> Iterator[Backend]:
    """moto in this process, empty."""
    client, wire = _moto_connection
    with mock_aws():
        wire.clear()
        yield Backend("moto", client, wire, surroundings)


@pytest.fixture
def emulator(_emulator_connection: tuple[Any, Wire], surroundings: Surroundings) -> Backend:
    """The emulator."""
    client, wire = _emulator_connection
    wire.clear()
    return Backend("emulator", client, wire, surroundings)


@pytest.fixture
def dynamodb_local(_local_connection: tuple[Any, Wire], surroundings: Surroundings) -> Backend:
    """DynamoDB Local."""
    client, wire = _local_connection
    wire.clear()
    return Backend("dynamodb-local", client, wire, surroundings)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each of the three in turn; where one is known to differ, the test must fail with it."""
    for marker in request.node.iter_markers("diverges"):
        if marker.args[0] == request.param:
            request.applymarker(pytest.mark.xfail(strict=True, reason=marker.args[1]))
    found: Backend = request.getfixturevalue(request.param.replace("-", "_"))
    return found
