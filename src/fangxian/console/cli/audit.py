"""``fangxian audit``: does the chain hold, and what happened where."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True)

DIFFERS = {
    "gap": "events are missing before it 之前的记录缺失",
    "previous": "it does not follow the event before it 与前一条不相接",
    "hash": "what it says was changed 内容被改动",
    "tail": "events are missing at the end 末尾的记录缺失",
    "head": "the kept head is not the last event 链头与最后一条不符",
    "anchor": "it is not the event that was noted outside 与外部留存的凭据不符",
}


@app.callback()
def _group() -> None:
    """Keep this a group of commands even while it holds one."""


@app.command()
def verify(
    anchor: Annotated[
        str | None, typer.Option(help="SEQUENCE:HASH kept from an earlier run. 以前留存的“序号：哈希”")
    ] = None,
) -> None:
    """Read the whole trail and name the first broken link; exit 1 if there is one. 核验审计链"""
    import django

    django.setup()
    from fangxian.ground.audit.selectors import verify_chain

    report = verify_chain(_anchor(anchor))
    if report.broken is None:
        print(f"{report.count} events, the chain holds. 共 {report.count} 条，链条完整。")
        print(f"anchor {report.sequence}:{report.hash}")
        return
    broken = report.broken
    print(f"BROKEN at event {broken.sequence}: {DIFFERS[broken.differs]}")
    print(f"  expected {broken.expected}")
    print(f"  found    {broken.found}")
    print(f"  {report.count} events before it hold. 之前 {report.count} 条完整。")
    raise typer.Exit(1)


@app.command()
def show(
    place: Annotated[str | None, typer.Option(help="Place code; everything below it too. 地区代码")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="From when on. 起始时间")
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest. 最多条数")] = 200,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Print the newest events of a place. 显示审计记录"""
    import django

    django.setup()
    from django.utils import timezone

    from fangxian.ground.accounts.selectors.lookup import place_by_code
    from fangxian.ground.audit.selectors import described, events_at

    moment = timezone.make_aware(since) if since is not None else None
    where = place_by_code(place) if place is not None else None
    for told in described(events_at(where, moment, limit), "en" if lang == "en" else "zh"):
        name = told.place.name if told.place is not None else ""
        at = f"{timezone.localtime(told.event.at):%Y-%m-%d %H:%M:%S}"
        print(told.event.sequence, at, name, told.said, sep="\t")


def _anchor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise typer.BadParameter(f"an anchor is SEQUENCE:HASH as verify prints it (got {text!r})")
    return int(number), digest
