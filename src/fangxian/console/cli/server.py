"""``fangxian serve``: the server, for a duty room or behind a proxy."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import suppress
from types import FrameType
from typing import Annotated

import typer

FIRST_PORT, LAST_PORT = 8000, 8040


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole network")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = FIRST_PORT,
) -> None:
    """Serve pages and API; refuses to start on a database that is behind the program. 启动服务"""
    import django

    django.setup()
    behind = _unapplied()
    if behind:
        print(
            f"数据库缺少 {len(behind)} 项更新（{behind[0]} …）。请先备份，再运行 fangxian migrate。\n"
            f"The database lacks {len(behind)} migrations ({behind[0]} …). "
            "Back it up, then run fangxian migrate.",
            file=sys.stderr,
        )
        raise typer.Exit(1)
    compile_ahead()
    chosen = free_port(port)
    print(f"防线 Fangxian  http://{host}:{chosen}/", flush=True)
    run_server(host=host, port=chosen)


def compile_ahead() -> None:
    """Make the machine code of the brief: the first reader after an installation would wait for it."""
    import numpy as np

    from fangxian.studies.brief.estimators import SurpriseDetector

    SurpriseDetector().detect(np.ones((30, 2)))


def migrate() -> None:
    """Bring the database up to the program. 更新数据库"""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False)


def free_port(wanted: int | None) -> int:
    """Return the port that was asked for, or the first free one; exit with a word if there is none."""
    for port in (wanted,) if wanted else range(FIRST_PORT, LAST_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    taken = wanted or FIRST_PORT
    print(
        f"端口 {taken} 已被占用，请用 --port 另选。Port {taken} is taken; choose another with --port.",
        file=sys.stderr,
    )
    raise typer.Exit(1)


def run_server(*, host: str, port: int) -> None:
    """Serve until Ctrl-C or SIGTERM, then let running requests end."""
    import uvicorn
    from django.conf import settings

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stopped)  # uvicorn raises the signal again when it has shut down
    configuration = uvicorn.Config(
        "fangxian.console.asgi:application",
        host=host,
        port=port,
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(configuration).run()
    print("已停止 stopped", file=sys.stderr)


def _stopped(number: int, frame: FrameType | None) -> None:
    """Do nothing: the server has already come to its end."""


def _unapplied() -> list[str]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
