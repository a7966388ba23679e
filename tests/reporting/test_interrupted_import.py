"""A process that is killed in the middle of a commit leaves nothing of the file behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings

TESTS = Path(__file__).resolve().parents[1]
STEP = "import django, sys; django.setup(); from reporting import interrupted as i; getattr(i, sys.argv[1])()"


@pytest.fixture
def database(tmp_path) -> Iterator[str]:
    """Return the address of an empty database beside the one of the tests, on the same kind of server."""
    given = settings.DATABASES["default"]
    if given["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{tmp_path / 'killed.sqlite3'}"
        return
    name = f"killed_{os.getpid()}"
    server = (
        f"{quote(given['USER'])}:{quote(given['PASSWORD'])}@{quote(given['HOST'], safe='')}:{given['PORT']}"
    )
    with psycopg.connect(f"postgresql://{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"postgresql://{server}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def start(step: str, database: str, home: Path) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "fangxian.console.settings.testing",
        "FANGXIAN_HOME": str(home),
        "PYTHONPATH": str(TESTS),
    }
    command = [sys.executable, "-c", STEP, step]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def run(step: str, database: str, home: Path) -> str:
    process = start(step, database, home)
    said = process.communicate()[0].strip()
    assert process.returncode == 0
    return said


@pytest.mark.enable_socket
def test_a_killed_commit_leaves_nothing_and_can_be_repeated(database, tmp_path):
    """With half of the rows written the process dies; none of them is kept, and a new commit takes all."""
    run("prepare", database, tmp_path)
    process = start("hang_half_way", database, tmp_path)
    assert process.stdout.readline().strip() == "half 50"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert run("look", database, tmp_path) == "previewed 0 0 0"
    run("commit", database, tmp_path)
    status, reports, totals, audited = run("look", database, tmp_path).split()
    assert (status, reports) == ("committed", "100")
    assert int(totals) > 0
    assert int(audited) > 0
