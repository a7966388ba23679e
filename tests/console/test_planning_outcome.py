"""What a planning command writes, and what it says where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.planning import write_outcome


def test_cells_stand_below_their_names(tmp_path: Path) -> None:
    """The order of the first row is that of the table, whatever the order of the others."""
    write_outcome(tmp_path / "out", {"n": 2}, {"plan": [{"a": 1, "b": "二"}, {"b": 3, "a": 4}], "none": []})
    assert (tmp_path / "out" / "plan.csv").read_bytes() == "\ufeffa,b\r\n1,二\r\n4,3\r\n".encode()
    assert (tmp_path / "out" / "summary.json").read_text(encoding="utf-8") == '{\n "n": 2\n}\n'
    assert not (tmp_path / "out" / "none.csv").exists()


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    """Instead of a traceback."""
    (tmp_path / "out").write_text("in the way")
    with pytest.raises(InvalidInput, match=r"Cannot write to .*out: File exists\. Choose a folder"):
        write_outcome(tmp_path / "out", {}, {})
