"""``fangxian risk``: places by likelihood x impact, and what makes each of them so."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.planning import check_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fangxian.studies.risk.places import PlaceRisk


def risk(
    places: Annotated[Path, typer.Argument(help="CSV: place,population,weekly_cases,free_beds,...")],
    trips: Annotated[
        Path | None, typer.Option(help="CSV from,to,people_per_day; without it: the gravity model")
    ] = None,
    tiers: Annotated[
        Path | None, typer.Option(help="CSV of tiers and vaccination, in place of severe_per_case")
    ] = None,
    alert_rate: Annotated[float, typer.Option(help="Cases a week per 100 000 that count as many")] = 50.0,
    stay_days: Annotated[float, typer.Option(help="How long a severe case takes a bed")] = 10.0,
    json_: Annotated[bool, typer.Option("--json", help="Places with likelihood, impact and shares")] = False,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Rank places by the risk of a heavily affected week, with the share of each factor. 风险"""
    from fangxian.science.detection.risk import RiskSettings
    from fangxian.studies.risk.files import read_risk_places
    from fangxian.studies.risk.places import rank_places

    check_language(lang)
    if not (alert_rate > 0 and stay_days > 0):
        raise InvalidInput(
            {
                "zh": f"警戒率和住院天数应大于 0（现为 {alert_rate:g} 和 {stay_days:g}）。",
                "en": f"The alert rate and the stay must be above 0 (got {alert_rate:g} and {stay_days:g}).",
            },
            {"zh": "例如 --alert-rate 50 --stay-days 10。", "en": "E.g. --alert-rate 50 --stay-days 10."},
        )
    known, between = read_risk_places(places, trips=trips, tiers=tiers)
    ranked = rank_places(
        known, trips=between, settings=RiskSettings(alert_rate=alert_rate, stay_days=stay_days)
    )
    if json_:
        rows = [asdict(one) | {"reason": one.reason[lang], "words": one.reason} for one in ranked]
        average = ranked[0].risk - sum(ranked[0].shares.values())
        print(json.dumps({"average_risk": average, "places": rows}, ensure_ascii=False, indent=1))
        return
    for line in _table(ranked, lang):
        print(line)
    print()
    for one in ranked:
        print(one.reason[lang])


def _table(ranked: Sequence[PlaceRisk], language: str) -> list[str]:
    from fangxian.studies.risk.places import FACTOR_WORDS

    column = 1 if language == "en" else 0
    heads = [("地区", "place"), ("可能性", "likelihood"), ("影响", "impact"), ("风险", "risk")]
    titles = [words[column] for words in (*heads, *FACTOR_WORDS.values())]
    lines = [f"| {' | '.join(titles)} |", f"| {' | '.join('---' for _ in titles)} |"]
    for one in ranked:
        chances = [f"{value:.0%}" for value in (one.likelihood, one.impact, one.risk)]
        shares = [f"{round(one.shares[factor], 3) + 0.0:+.1%}" for factor in FACTOR_WORDS]
        lines.append(f"| {' | '.join([one.name, *chances, *shares])} |")
    return lines
