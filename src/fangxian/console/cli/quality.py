"""``fangxian test``: every check that must hold before a change lands, in one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

TESTING = "fangxian.console.settings.testing"
Lane = list[tuple[str, list[str]]]
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
    checks: Lane = [
        ("format", [str(tool / "ruff"), "format", "--check", "."]),
        ("lint", [str(tool / "ruff"), "check", "."]),
        ("types", [str(tool / "mypy")]),
        ("import contracts", [str(tool / "lint-imports"), "--no-cache"]),
        ("dependencies", [str(tool / "deptry"), "src"]),
        ("migrations", [str(tool / "django-admin"), "makemigrations", "--check", "--dry-run"]),
    ]
    on_sqlite: Lane = [("tests on SQLite", [*pytest, *(["-m", "not browser"] if fast else [])])]
    if not fast:
        paths = [path for path in ON_POSTGRESQL if Path(path).exists()]
        cluster = [python, "scripts/private_postgresql.py"]
        checks.append(("tests on PostgreSQL", [*cluster, *pytest, "-m", "not browser", *paths]))
    # Two lanes side by side: the browser and the database keep one waiting while the other computes.
    with ThreadPoolExecutor(2) as lanes:
        failed = [name for lane in lanes.map(_failures, (checks, on_sqlite)) for name in lane]
    if failed:
        typer.echo(f"failed: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _failures(lane: Lane) -> list[str]:
    return [name for name, command in lane if not _passes(name, command)]


def _passes(name: str, command: list[str]) -> bool:
    typer.echo(f"── {name} …")
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 -- commands are the constants above
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    ended = "ok" if done.returncode == 0 else f"exit {done.returncode}"
    typer.echo(f"{done.stdout}── {name}: {ended} after {time.monotonic() - began:.0f} s")
    return done.returncode == 0


def _checkout() -> Path:
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "pyproject.toml").exists() and (folder / "src" / "fangxian").is_dir():
            if shutil.which("git") is None:
                typer.echo("git is not installed; checks that list tracked files are skipped", err=True)
            return folder
    typer.echo("The tests live in a checkout of the repository: run this inside one.", err=True)
    raise typer.Exit(2)
