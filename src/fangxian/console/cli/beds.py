"""``fangxian beds``: which patient goes to which bed, and why; and one more patient during the day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.planning import AsJson, Language, check_language, say, write_outcome


def beds(
    problem_dir: Annotated[
        Path, typer.Argument(help="Folder: patients, severities, hospitals, beds, roads as CSV")
    ],
    out: Annotated[Path | None, typer.Option(help="Write placements and summary into this folder")] = None,
    horizon_hours: Annotated[float, typer.Option(min=1, max=720, help="How far ahead beds count")] = 24.0,
    travel_hazard: Annotated[
        float, typer.Option(min=1, help="Getting worse on the road, times waiting")
    ] = 1.0,
    transfer_km: Annotated[float, typer.Option(min=0, help="What moving out of a hospital counts")] = 30.0,
    above_level_km: Annotated[float, typer.Option(min=0, help="What a level above need counts")] = 10.0,
    seconds: Annotated[float, typer.Option(min=0.01, help="Best plan so far after this time")] = 60.0,
    patient: Annotated[str | None, typer.Option(help="Only this one, after all others were placed")] = None,
    json_: AsJson = False,
    lang: Language = "zh",
) -> None:
    """Place the patients of a morning. 分级诊疗·有序转诊"""
    from fangxian.logistics.assignment.assign import assign_beds
    from fangxian.logistics.assignment.problem import BedParameters
    from fangxian.logistics.programme import SolverStop
    from fangxian.studies.referral.online import newcomer
    from fangxian.studies.referral.report import referral_document
    from fangxian.studies.referral.tables import read_referrals

    check_language(lang)
    parameters = BedParameters(
        horizon_minutes=round(horizon_hours * 60),
        travel_hazard_factor=travel_hazard,
        transfer_m=round(transfer_km * 1000),
        above_level_m=round(above_level_km * 1000),
    )
    case = read_referrals(problem_dir, parameters)
    stop = SolverStop(seconds)
    if patient is None:
        plan = assign_beds(case.problem, stop)
    elif patient in case.patients:
        case, plan = newcomer(case, patient, stop)
    else:
        raise InvalidInput(
            {"zh": f"没有患者“{patient}”。", "en": f"There is no patient '{patient}'."},
            {"zh": "请写 patients.csv 中的名称。", "en": "Write a name of patients.csv."},
        )
    document = referral_document(case, plan)
    if out is not None:
        write_outcome(out, document, {name: document[name] for name in ("placements", "beds")})
    say(document, as_json=json_, lang=lang)
    if document["waiting"]:
        raise typer.Exit(3)
