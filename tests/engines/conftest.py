"""A server of PostgreSQL for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.engines.postgres import Postgres, programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    server = Postgres(folder)
    yield server
    server.stop()
