"""The command line knows its commands by a table and loads only the one that is named."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from fangxian.console.cli import COMMANDS, app


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_can_be_loaded(name):
    """A line of the table that names no module or function would be found only by its user."""
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Usage: root {name}" in result.output or f" {name} " in result.output


def test_help_loads_no_command():
    """Help stays quick however many commands there are."""
    script = (
        "import sys\n"
        "from fangxian.console.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([n for n in sys.modules if n.startswith('fangxian.console.cli.')], 'numpy' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[] False"


def test_an_unknown_command_is_refused_by_name():
    """A slip of the finger is answered with the word that was typed."""
    result = CliRunner().invoke(app, ["breif"])
    assert result.exit_code == 2
    assert "No such command 'breif'" in result.output
