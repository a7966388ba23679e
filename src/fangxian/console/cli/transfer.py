"""``fangxian transfer``: who fetches whom, in which order, without mixing; and again when a vehicle fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.planning import AsJson, Language, check_language, say, write_outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fangxian.logistics.routing.search import TransferResult
    from fangxian.studies.transfers.tables import TransferCase


def transfer(
    problem_dir: Annotated[Path, typer.Argument(help="Folder: requests, vehicles, roads, cleaning as CSV")],
    out: Annotated[Path | None, typer.Option(help="Write rounds and summary into this folder")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Best plan so far after this time")] = 30.0,
    attempts: Annotated[int | None, typer.Option(min=1, help="Or after so many attempts")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The luck")] = 1,
    bound_seconds: Annotated[float, typer.Option(min=0, help="Then seconds for a better bound")] = 0.0,
    fails: Annotated[
        list[str] | None, typer.Option(help="A vehicle that fails: NAME, or NAME=PLACE where it stands")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M"], help="When it fails; replans from then on")
    ] = None,
    json_: AsJson = False,
    lang: Language = "zh",
) -> None:
    """Plan the rounds of a day, or what is left of it. 转运"""
    from fangxian.logistics.routing.explain import explain_left_behind
    from fangxian.logistics.routing.first_come import dispatch_by_call
    from fangxian.logistics.routing.search import SearchParameters, SearchStop, plan_transfers
    from fangxian.studies.transfers.report import left_rows, transfer_document
    from fangxian.studies.transfers.tables import read_transfers

    check_language(lang)
    if fails and at is None:
        raise InvalidInput(
            {"zh": "没有说明车辆何时故障。", "en": "Nothing says when the vehicle fails."},
            {"zh": "请加 --at 2022-12-07T09:30。", "en": "Add --at 2022-12-07T09:30."},
        )
    case = read_transfers(problem_dir)
    # A day that is planned again is planned twice within the seconds given; only the second plan is told, and
    # only that one is worth a better bound.
    share = seconds if at is None else seconds / 2
    dials, stop = SearchParameters(seed=seed), SearchStop(share, attempts, bound_seconds)
    plan = plan_transfers(case.problem, dials, stop if at is None else replace(stop, bound_s=0.0))
    today = dispatch_by_call(case.problem) if at is None else None
    if at is not None:
        case, plan = _go_on(case, plan, at, fails or [], (dials, stop))
    left = explain_left_behind(case.problem, plan)
    document = transfer_document(case, plan, left, today)
    if out is not None:
        write_outcome(out, document, {"rounds": document["rounds"], "left_behind": left_rows(document)})
    say(document, as_json=json_, lang=lang)
    if left:
        raise typer.Exit(3)


def _go_on(
    case: TransferCase, plan: TransferResult, at: datetime, fails: Sequence[str], how: tuple[Any, Any]
) -> tuple[TransferCase, TransferResult]:
    """Return the case and the plan from a moment on."""
    from fangxian.logistics.routing.replan import remainder
    from fangxian.logistics.routing.search import plan_transfers

    failed: dict[int, int | None] = {}
    for text in fails:
        name, _, place = text.partition("=")
        standing = _known(place, case.places, "地点", "place") if place else None
        failed[_known(name, case.vehicles, "车辆", "vehicle")] = standing
    now_s = round((at - case.midnight).total_seconds())
    try:
        left = remainder(case.problem, plan, now_s, failed)
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"没有可以重新安排的：{error}", "en": f"There is nothing to plan again: {error}"},
            {"zh": "请检查 --at。", "en": "Check --at."},
        ) from error
    names = tuple(case.requests[each] for each in left.request)
    needs = tuple(case.needs[each] for each in left.request)
    found = plan_transfers(left.problem, how[0], how[1], begin_with=left.begin_with)
    return replace(case, problem=left.problem, requests=names, needs=needs), found


def _known(name: str, names: tuple[str, ...], chinese: str, english: str) -> int:
    if name not in names:
        raise InvalidInput(
            {"zh": f"没有{chinese}“{name}”。", "en": f"There is no {english} '{name}'."},
            {"zh": "请写表中的名称。", "en": "Write a name that is in the tables."},
        )
    return names.index(name)
