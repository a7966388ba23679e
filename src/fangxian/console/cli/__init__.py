"""The ``fangxian`` command: a command is imported when it is named, so that help answers at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_group

from fangxian.base.errors import FangxianError


class Entry(NamedTuple):
    """Where a command lives, and the line that help prints for it."""

    module: str
    function: str | None
    """The command's function, or None for a module whose ``app`` is a group."""
    summary: str


PLAIN: dict[str, Any] = {
    "add_completion": False,
    "rich_markup_mode": None,  # plain help answers in half the time
    "pretty_exceptions_enable": False,  # they print local variables, which can be about people
}

COMMANDS = {
    "brief": Entry("brief", "brief", "Where a place stands, on two pages. 晨报"),
    "detect": Entry("detect", "detect", "Unusual counts, each with its reason. 异常信号"),
    "scan": Entry("scan", "scan", "Clusters in place and time, each with its chance. 时空聚集"),
    "risk": Entry("risk", "risk", "Places by likelihood x impact, and what makes them so. 风险"),
    "variants": Entry("variants", "variants", "How fast lineages replace each other. 变异株"),
    "rt": Entry("rt", "rt", "The reproduction number of a series of counts. 再生数"),
    "simulate": Entry("simulate", "simulate", "A plain epidemic, checked against theory. 模拟"),
    "nowcast": Entry("nowcast", "nowcast", "Final counts of days not all reported yet. 现况估计"),
    "forecast": Entry("forecast", "forecast", "What comes, in quantiles, from a table of counts. 预测"),
    "forecasts": Entry("forecasts", "forecasts", "Make and keep the forecasts of the brief. 保存预测"),
    "score": Entry("score", "score", "Forecasts against what came. 预测评分"),
    "demo": Entry("demo", "demo", "Open a working 邯郸 with synthetic reports (模拟数据). 演示"),
    "serve": Entry("server", "serve", "Serve pages and API. 启动服务"),
    "migrate": Entry("server", "migrate", "Bring the database up to the program. 更新数据库"),
    "test": Entry("quality", "run_checks", "Every check, on SQLite and on PostgreSQL. 全部检查"),
    "plan": Entry("plan", None, "Check, show and compare emergency plans. 预案"),
    "population": Entry("population", "population", "A synthetic city from published margins. 模拟人口"),
    "rehearse": Entry("rehearse", "rehearse", "Try plans in a simulated city and compare them. 推演"),
    "allocate": Entry("allocate", "allocate", "Scarce supplies shared out, with reasons. 物资调配"),
    "made-up": Entry("made_up", None, "Problems of realistic size from a seed (模拟数据). 造题"),
    "testing-round": Entry(
        "testing_round", "testing_round", "Sites, tubes, laboratories of a round. 核酸检测"
    ),
    "transfer": Entry("transfer", "transfer", "Who fetches whom, without mixing; replans. 转运"),
    "beds": Entry("beds", "beds", "Which patient goes to which bed, and why. 有序转诊"),
    "roster": Entry("roster", "roster", "Teams: who works when and where, and why. 排班"),
    "vaccinate": Entry("vaccinate", "vaccinate", "Sessions and home visits for the elderly. 老年人接种"),
    "places": Entry("places", None, "Places and facilities. 地区与机构"),
    "reports": Entry("reports", None, "Import and export reports. 报送"),
    "accounts": Entry("accounts", None, "The first administrator. 账号"),
    "datasets": Entry("datasets", None, "Descriptors of foreign tables. 数据集描述"),
    "audit": Entry("audit", None, "The audit trail. 审计"),
}


class CommandsByName(TyperGroup):
    """A group that knows its commands by the table above and loads only the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 -- typer keeps its context type private
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 -- the same
        """Import the module of a command and return it, or None for a name that is not in the table."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"fangxian.console.cli.{entry.module}")
        holder = typer.Typer(**PLAIN)
        if entry.function is None:
            holder.add_typer(module.app, name=cmd_name, help=entry.summary)
        else:
            holder.command(cmd_name)(getattr(module, entry.function))
        return get_group(holder).commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 -- the same
        """Print the table without importing what it names."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


app = typer.Typer(cls=CommandsByName, no_args_is_help=True, **PLAIN)


@app.callback()
def root() -> None:
    """防线 Fangxian: epidemic prevention and control."""


def main() -> None:
    """Run the command line; an error meant for a person is printed without a traceback, in both languages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxian.console.settings.production")
    try:
        app()
    except FangxianError as error:
        for language in _languages_asked(sys.argv):
            print(error.text(language), file=sys.stderr)
        raise SystemExit(2) from None


def _languages_asked(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the language that ``--lang`` names, both without it."""
    for at, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            asked = value or next(iter(arguments[at + 1 :]), "")
            return (asked,) if asked in ("zh", "en") else ("zh", "en")
    return ("zh", "en")
