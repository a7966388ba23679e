"""``fangxian test``: every check that must hold before a change lands, in one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

TESTING = "fangxian.console.settings.testing"
ON_POSTGRESQL = ("tests/ground", "tests/reporting", "tests/assessment", "tests/console", "tests/laws")


def run_checks(
    fast: Annotated[bool, typer.Option(help="Leave out PostgreSQL and the browser.")] = False,
) -> None:
    """Lint, types, import contracts, migrations, then the tests on SQLite and on PostgreSQL. 全部检查"""
    root = _checkout()
    os.chdir(root)
    os.environ["DJANGO_SETTINGS_MODULE"] = TESTING
    os.environ.pop("FANGXIAN_HOME", None)
    os.environ.pop("DATABASE_URL", None)
    python = sys.executable
    tool = Path(python).parent
    pytest = [python, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    steps: list[tuple[str, list[str]]] = [
        ("format", [str(tool / "ruff"), "format", "--check", "."]),
        ("lint", [str(tool / "ruff"), "check", "."]),
        ("types", [str(tool / "mypy")]),
        ("import contracts", [str(tool / "lint-imports"), "--no-cache"]),
        ("dependencies", [str(tool / "deptry"), "src"]),
        ("migrations", [str(tool / "django-admin"), "makemigrations", "--check", "--dry-run"]),
        ("tests on SQLite", [*pytest, *(["-m", "not browser"] if fast else [])]),
    ]
    if not fast:
        on_postgresql = [
            *pytest,
            "-m",
            "not browser",
            *[path for path in ON_POSTGRESQL if Path(path).exists()],
        ]
        steps.append(("tests on PostgreSQL", [python, "scripts/private_postgresql.py", *on_postgresql]))
    failed = [name for name, command in steps if not _passes(name, command)]
    if failed:
        typer.echo(f"failed: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _passes(name: str, command: list[str]) -> bool:
    typer.echo(f"── {name}")
    began = time.monotonic()
    code = subprocess.run(command, check=False).returncode  # noqa: S603 -- commands are the constants above
    typer.echo(f"   {'ok' if code == 0 else f'exit {code}'} after {time.monotonic() - began:.0f} s")
    return code == 0


def _checkout() -> Path:
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "pyproject.toml").exists() and (folder / "src" / "fangxian").is_dir():
            if shutil.which("git") is None:
                typer.echo("git is not installed; checks that list tracked files are skipped", err=True)
            return folder
    typer.echo("The tests live in a checkout of the repository: run this inside one.", err=True)
    raise typer.Exit(2)
