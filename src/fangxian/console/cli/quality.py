"""``fangxian test``: every check that must hold before a change lands, in one command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

TESTING = "fangxian.console.settings.testing"
Lane = list[tuple[str, list[str]]]
ON_POSTGRESQL = (
    "tests/ground",
    "tests/reporting",
    "tests/assessment",
    "tests/console/test_demo_data.py",
    "tests/console/test_reports_command.py",
    "tests/laws",
)
TOOLS = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]


def run_checks(
    fast: Annotated[bool, typer.Option(help="Leave out PostgreSQL and the browser.")] = False,
) -> None:
    """Lint, types, import contracts, migrations, then the tests on SQLite and on PostgreSQL. 全部检查"""
    os.chdir(_checkout())
    os.environ["DJANGO_SETTINGS_MODULE"] = TESTING
    os.environ.pop("FANGXIAN_HOME", None)
    os.environ.pop("DATABASE_URL", None)
    # Dozens of processes start below: without kept bytecode each would compile every module again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="fangxian-checks-") as scratch:
        lanes = (_checks(fast=fast), _tests(fast=fast, scratch=scratch))
        # Two lanes side by side: the browser and the database keep one waiting while the other computes.
        with ThreadPoolExecutor(2) as pool:
            failed = [name for lane in pool.map(_failures, lanes) for name in lane]
    if failed:
        typer.echo(f"failed: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _checks(*, fast: bool) -> Lane:
    checks: Lane = [
        ("format", [str(TOOLS / "ruff"), "format", "--check", "."]),
        ("lint", [str(TOOLS / "ruff"), "check", "."]),
        ("types", [str(TOOLS / "mypy")]),
        ("import contracts", [str(TOOLS / "lint-imports"), "--no-cache"]),
        ("dependencies", [str(TOOLS / "deptry"), "src"]),
        ("migrations", [str(TOOLS / "django-admin"), "makemigrations", "--check", "--dry-run"]),
    ]
    if not fast:
        paths = [path for path in ON_POSTGRESQL if Path(path).exists()]
        cluster = [sys.executable, "scripts/private_postgresql.py"]
        checks.append(
            ("tests on PostgreSQL", [*cluster, *PYTEST, "--database-only", "-m", "not browser", *paths])
        )
    return checks


def _tests(*, fast: bool, scratch: str) -> Lane:
    # A rehearsal first: its kernels are compiled once, not by every process of the tests at the same time.
    rehearsal = [str(TOOLS / "fangxian"), "rehearse", "covid19-containment-2022", "--people", "3000"]
    rehearsal += ["--days", "30", "--replicates", "1", "--jobs", "1", "--out", f"{scratch}/rehearsal"]
    return [
        ("a small rehearsal", rehearsal),
        ("tests on SQLite", [*PYTEST, *(["-m", "not browser"] if fast else [])]),
    ]


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
