#!/usr/bin/env python3
"""Run a command against a PostgreSQL cluster that lives only as long as the command.

``python scripts/private_postgresql.py COMMAND [ARG ...]`` makes a cluster in a temporary folder on a free
loopback port, puts its address into DATABASE_URL, runs the command, and removes everything.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_programs() -> Path:
    """Return the folder that holds initdb and pg_ctl of the newest PostgreSQL installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise SystemExit("PostgreSQL is not installed here. On Debian or Ubuntu: apt install postgresql")
    return Path(on_path).resolve().parent


def free_port() -> int:
    """Return a loopback port that nobody holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def private_cluster() -> Iterator[str]:
    """Start a cluster, yield its address, stop and remove it."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="fangxian-postgresql-"))
    as_owner: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_owner = ["runuser", "-u", "postgres", "--"]
    data, port = folder / "data", free_port()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": "/"}
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    try:
        initdb = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "fangxian",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        subprocess.run([*as_owner, *map(str, initdb)], **quiet)
        start = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
        subprocess.run([*as_owner, *map(str, start)], **quiet)
        yield f"postgresql://fangxian@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
            subprocess.run([*as_owner, *map(str, stop)], stdout=subprocess.DEVNULL, cwd="/", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Run the command given and return its exit code."""
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    with private_cluster() as address:
        return subprocess.run(
            sys.argv[1:], env={**os.environ, "DATABASE_URL": address}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
