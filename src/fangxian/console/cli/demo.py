"""``fangxian demo``: a working city on this machine, with made-up reports, in one command."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

DATABASE_FILES = ("fangxian.sqlite3", "fangxian.sqlite3-wal", "fangxian.sqlite3-shm")


def demo(
    port: Annotated[
        int | None, typer.Option(help="Port on this machine; without it, 8000 or the next free one")
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Throw the demonstration away and make it anew")
    ] = False,
    prepare_only: Annotated[
        bool, typer.Option("--prepare-only", help="Make the data and stop before the server")
    ] = False,
) -> None:
    """Open a working 邯郸 with 60 days of synthetic reports (模拟数据) on this machine only. 演示"""
    started = time.monotonic()
    home = Path(os.environ.get("FANGXIAN_HOME", "var")).resolve() / "demo"
    home.mkdir(parents=True, exist_ok=True)
    if reset:
        for name in DATABASE_FILES:
            (home / name).unlink(missing_ok=True)
    os.environ["FANGXIAN_HOME"] = str(home)
    os.environ["FANGXIAN_SYNTHETIC"] = "1"
    os.environ.pop("DATABASE_URL", None)  # the demonstration never touches another database
    from fangxian.console.cli.server import free_port, run_server

    chosen = free_port(port)
    _prepare(started)
    _tell(chosen, started)
    if not prepare_only:
        run_server(host="127.0.0.1", port=chosen)


def _prepare(started: float) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    say = _progress(started)
    call_command("migrate", verbosity=0, interactive=False)
    say("数据库 database")
    from fangxian.console.cli import demo_data

    demo_data.fill(say=say)
    from fangxian.console.cli.server import compile_ahead

    compile_ahead()
    say("计算程序 machine code")


def _progress(started: float) -> Callable[[str], None]:
    def say(text: str) -> None:
        print(f"  {time.monotonic() - started:5.1f} s  {text}", file=sys.stderr, flush=True)

    return say


def _tell(port: int, started: float) -> None:
    from fangxian.console.cli.demo_data import ACCOUNTS, PASSWORD

    seconds = time.monotonic() - started
    print(f"\n防线 Fangxian  http://127.0.0.1:{port}/   模拟数据 synthetic data   ({seconds:.0f} s)")
    print(f"密码 password (all accounts): {PASSWORD}")
    for account in ACCOUNTS:
        print(f"  {account.username:<9} {account.zh} {account.en} ({account.scope})")
    print("Ctrl-C 停止 stops\n", flush=True)
