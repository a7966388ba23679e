"""What every test stands on."""

from __future__ import annotations

from typing import Any

import pytest
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
