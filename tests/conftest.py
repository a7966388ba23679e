"""What every test stands on."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import TransactionTestCase
from hypothesis import settings

from append_only import flush_past_the_audit_guard  # noqa: F401 -- a fixture is known by being here

# No test asserts a duration, so hypothesis may not either: a busy machine is not a defect.
settings.register_profile("fangxian", deadline=None, print_blob=True)
settings.load_profile("fangxian")


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """Return the small world that most tests of reports begin with; a test file may have its own."""
    from worlds import make_world

    return make_world()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run on a second database leave out the tests that ask no database."""
    parser.addoption("--database-only", action="store_true", help="only the tests that ask the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what asks the database, where only that is wanted."""
    if config.getoption("--database-only"):
        left_out = [item for item in items if not asks_database(item)]
        items[:] = [item for item in items if asks_database(item)]
        config.hook.pytest_deselected(items=left_out)


def asks_database(item: pytest.Item) -> bool:
    """Return whether a test may open the database."""
    if item.get_closest_marker("django_db") or {"db", "transactional_db", "database"} & set(
        getattr(item, "fixturenames", ())
    ):
        return True
    case = getattr(item, "cls", None)
    return isinstance(case, type) and issubclass(case, TransactionTestCase)
