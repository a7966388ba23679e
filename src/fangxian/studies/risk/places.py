"""The risk of each place with the share of each factor, from figures that a health office has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangxian.science.detection.risk import (
    FACTORS,
    Risk,
    RiskFactors,
    RiskSettings,
    assess_risk,
    gravity_trips,
    imported_cases,
)

FloatArray = NDArray[np.float64]

FACTOR_WORDS = {
    "level": ("发病水平", "level"),
    "growth": ("增长", "growth"),
    "importation": ("输入", "importation"),
    "susceptibility": ("易感与重症", "susceptibility"),
    "capacity": ("床位余量", "free capacity"),
}
NO_SHARE = 0.0005  # would be shown as 0.0 %


@dataclass(frozen=True)
class RiskPlace:
    """What is known of one place.

    Parameters
    ----------
    name : str
    population : float
        People.
    weekly_cases : float
        New cases of the last week.
    growth_per_day, growth_deviation : float
        Growth rate and its standard error.
    severe_per_case : float
        Severe cases per case, by tiers and vaccination, see `science.detection.risk.severe_share`.
    free_beds : float
        Free beds for severe cases.
    east_km, north_km : float, optional
        For the gravity model, where no mobility matrix is given.
    """

    name: str
    population: float
    weekly_cases: float
    growth_per_day: float
    growth_deviation: float
    severe_per_case: float
    free_beds: float
    east_km: float | None = None
    north_km: float | None = None


@dataclass(frozen=True)
class PlaceRisk:
    """The risk of one place.

    Parameters
    ----------
    name : str
    likelihood, impact, risk : float
        Chance of a heavily affected week, effect on the beds, and their product.
    shares : dict
        How much each factor adds to or takes from the risk of the average place.
    reason : dict
        One sentence in ``zh`` and in ``en``.
    """

    name: str
    likelihood: float
    impact: float
    risk: float
    shares: dict[str, float]
    reason: dict[str, str]


def rank_places(
    places: Sequence[RiskPlace], *, trips: FloatArray | None = None, settings: RiskSettings | None = None
) -> list[PlaceRisk]:
    """Return the places with the highest risk first.

    Parameters
    ----------
    places : sequence of RiskPlace
    trips : float array [from, to], optional
        People a day who travel; without it the gravity model is used, which needs coordinates of every place.
    settings : RiskSettings, optional

    Raises
    ------
    ValueError
        If there are neither trips nor coordinates, or a figure is missing.
    """
    if not places:
        return []
    people = np.array([place.population for place in places])
    level = np.array([place.weekly_cases for place in places]) / people * 1e5
    if trips is None:
        where = [(place.east_km, place.north_km) for place in places]
        if any(x is None or y is None for x, y in where):
            raise ValueError("importation needs trips [from, to], or coordinates of every place; give one")
        trips = gravity_trips(people, np.array(where, dtype=np.float64))
    factors = RiskFactors(
        level=level,
        growth=np.array([place.growth_per_day for place in places]),
        importation=imported_cases(level, people, trips),
        susceptibility=np.array([place.severe_per_case for place in places]),
        capacity=np.array([place.free_beds for place in places]) / people * 1e5,
        growth_deviation=np.array([place.growth_deviation for place in places]),
    )
    found = assess_risk(factors, settings)
    order = np.argsort(-found.risk, kind="stable")
    return [_told(places[index], found, int(index), settings or RiskSettings()) for index in order]


def _told(place: RiskPlace, found: Risk, index: int, settings: RiskSettings) -> PlaceRisk:
    shares = {factor: float(found.share[index, column]) for column, factor in enumerate(FACTORS)}
    likelihood, impact = float(found.likelihood[index]), float(found.impact[index])
    risk = float(found.risk[index])
    main = max(shares, key=lambda factor: abs(shares[factor]))
    zh_main, en_main = FACTOR_WORDS[main]
    zh_way, en_way = ("推高", "raises") if shares[main] >= 0 else ("拉低", "lowers")
    zh_why, en_why = (
        f"{zh_main}{zh_way}最多（{shares[main]:+.0%}）",
        f"{en_main} {en_way} it most ({shares[main]:+.0%})",
    )
    if abs(shares[main]) < NO_SHARE:
        zh_why, en_why = "没有哪个因素使它不同于平均地区", "no factor sets it apart from the average place"
    return PlaceRisk(
        name=place.name,
        likelihood=likelihood,
        impact=impact,
        risk=risk,
        shares=shares,
        reason={
            "zh": f"{place.name}：下周每10万人约 {found.projected[index]:.0f} 例，"
            f"超过 {settings.alert_rate:.0f} 例的可能性 {likelihood:.0%}，影响 {impact:.0%}，"
            f"风险 {risk:.0%}（平均地区 {found.reference:.0%}）；"
            f"{zh_why}。",
            "en": f"{place.name}: about {found.projected[index]:.0f} cases per 100 000 next week, "
            f"a chance of {likelihood:.0%} of more than {settings.alert_rate:.0f}, impact {impact:.0%}, "
            f"risk {risk:.0%} (average place {found.reference:.0%}); "
            f"{en_why}.",
        },
    )
