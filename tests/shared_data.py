"""Where real public data lies beside the checkout; a test that needs it skips with the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("FANGXIAN_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared_path(relative: str) -> Path:
    """Return the path of a shared file or folder, or skip the test that asked for it."""
    found = SHARED / relative
    if not found.exists():
        pytest.skip(f"real public data is not beside this checkout: {relative}")
    return found
