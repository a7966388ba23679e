"""A database of its own for one measurement: SQLite in a temporary file, or a private PostgreSQL cluster."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def on_each_database(script: str, measure: Callable[[], None]) -> None:
    """Run ``measure`` in a fresh process on SQLite and on PostgreSQL, or only where an argument says."""
    if os.environ.get("FANGXIAN_BENCH") == "1":
        prepare()
        measure()
        return
    wanted = sys.argv[1:] or ["sqlite", "postgresql"]
    for kind in wanted:
        with tempfile.TemporaryDirectory(prefix="fangxian-bench-") as home:
            environment = {
                **os.environ,
                "FANGXIAN_BENCH": "1",
                "FANGXIAN_HOME": home,
                "DJANGO_SETTINGS_MODULE": "fangxian.console.settings.production",
                "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT / "bench")]),
            }
            environment.pop("DATABASE_URL", None)
            command = [sys.executable, script]
            if kind == "sqlite":
                subprocess.run(command, env=environment, check=True)
            else:
                with _cluster() as address:
                    subprocess.run(command, env={**environment, "DATABASE_URL": address}, check=True)


def _cluster():
    spec = importlib.util.spec_from_file_location("cluster", ROOT / "scripts" / "private_postgresql.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.private_cluster()


def prepare() -> None:
    """Start Django and lay out the tables."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def peak_megabytes() -> float:
    """Return the largest memory that this process has held so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
