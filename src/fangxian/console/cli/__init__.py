"""The ``fangxian`` command. A subcommand imports what it needs when it runs, so that help answers at once."""

from __future__ import annotations

import os
import sys

import typer

from fangxian.base.errors import FangxianError
from fangxian.console.cli import (
    accounts,
    audit,
    brief,
    datasets,
    demo,
    places,
    plan,
    quality,
    reports,
    server,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help answers in half the time
    pretty_exceptions_enable=False,  # they print local variables, which can be about people
    help="防线 Fangxian: epidemic prevention and control.",
)
app.add_typer(plan.app, name="plan", help="Check, show and compare emergency plans. 预案")
app.add_typer(places.app, name="places", help="Places and facilities. 地区与机构")
app.add_typer(reports.app, name="reports", help="Import and export reports. 报送")
app.add_typer(accounts.app, name="accounts", help="The first administrator. 账号")
app.add_typer(datasets.app, name="datasets", help="Descriptors of foreign tables. 数据集描述")
app.add_typer(audit.app, name="audit", help="The audit trail. 审计")
brief.register(app)
demo.register(app)
server.register(app)
quality.register(app)


def main() -> None:
    """Run the command line; an error meant for a person is printed without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxian.console.settings.production")
    try:
        app()
    except FangxianError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
