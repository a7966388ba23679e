"""What village clinics, laboratories and pharmacies see of the same wave."""

from __future__ import annotations

import numpy as np

from fangxian.studies.synthetic_reports.epidemic import Floats
from fangxian.studies.synthetic_reports.parameters import Parameters
from fangxian.studies.synthetic_reports.patients import Integers, counts, share_within_area
from fangxian.studies.synthetic_reports.streams import stream

REFERRED_SHARE = 0.06
MEDICINE_TARGET_DAYS = 14.0
SALES_PER_1000 = 1.6
LOWEST_POSITIVITY, HIGHEST_POSITIVITY = 0.01, 0.55


def village_values(
    parameters: Parameters, *, area: Integers, people: Floats, incidence: Floats, weekday: Floats
) -> dict[str, Floats]:
    """Return each field of the village form by day and unit; ``incidence`` is per person, day and area."""
    seed = parameters.seed
    ill = counts(
        seed, "village-ill", parameters.village_share * incidence[:, area] * people * weekday[:, None]
    )
    other = counts(seed, "village-other", parameters.village_visits * people / 1e5 * weekday[:, None])
    visits = ill + other
    positive = np.stack(
        [stream(seed, "village-antigen", day).binomial(row, 0.8) for day, row in enumerate(ill)]
    )
    referred = np.stack(
        [
            stream(seed, "village-referred", day).binomial(row, REFERRED_SHARE)
            for day, row in enumerate(positive)
        ]
    )
    return {
        "visits": visits.astype(np.float64),
        "antigen_positive": positive.astype(np.float64),
        "referred": referred.astype(np.float64),
        "home_care": _last_days(positive - referred, parameters.home_care_days).astype(np.float64),
        "antipyretic_days": _medicine_days(parameters, visits, people, purpose="village-medicine"),
    }


def laboratory_values(
    parameters: Parameters, *, area: Integers, tubes: Floats, cases: Floats, incidence: Floats
) -> dict[str, Floats]:
    """Return tests and positives by day and laboratory: the cases of the area, among more tests."""
    expected = cases[:, area] * share_within_area(tubes, area, cases.shape[1])
    positivity = np.clip(
        1 / parameters.tests_per_positive + 25 * incidence[:, area], LOWEST_POSITIVITY, HIGHEST_POSITIVITY
    )
    tests = np.minimum(counts(parameters.seed, "tests", expected / positivity + tubes * 0.01), tubes)
    share = np.clip(expected / np.maximum(tests, 1), 0, 0.8)
    positive = np.stack(
        [
            stream(parameters.seed, "test-results", day).binomial(row.astype(np.int64), share[day])
            for day, row in enumerate(tests)
        ]
    )
    return {"tests": tests.astype(np.float64), "positive": positive.astype(np.float64)}


def pharmacy_values(
    parameters: Parameters, *, area: Integers, people: Floats, incidence: Floats, weekday: Floats
) -> dict[str, Floats]:
    """Return sales and days of stock by day and pharmacy."""
    demand = SALES_PER_1000 * people / 1000 * (1 + 60 * incidence[:, area]) * weekday[:, None]
    sales = counts(parameters.seed, "sales", demand)
    return {
        "antipyretic_sales": sales.astype(np.float64),
        "antipyretic_days": _medicine_days(parameters, sales, people, purpose="pharmacy-medicine"),
    }


def _last_days(flow: Integers, days: int) -> Integers:
    total = np.cumsum(flow, axis=0)
    before = np.zeros_like(total)
    before[days:] = total[:-days]
    return total - before


def _medicine_days(parameters: Parameters, used: Integers, people: Floats, *, purpose: str) -> Floats:
    """Return days of cover: stock over the mean use of late, with a delivery every week or so."""
    usual = np.maximum(used[: min(len(used), 21)].mean(axis=0), 0.02)
    stock = MEDICINE_TARGET_DAYS * usual * stream(parameters.seed, purpose).uniform(0.6, 1.6, people.size)
    mean_use = usual.copy()
    found = np.zeros(used.shape)
    for day, use in enumerate(used):
        chance = stream(parameters.seed, purpose, day + 1)
        delivered = chance.random(people.size) < 1 / 7
        mean_use = 0.85 * mean_use + 0.15 * use
        wanted = MEDICINE_TARGET_DAYS * mean_use - stock
        stock = np.maximum(stock - use, 0) + np.where(delivered, np.maximum(wanted, 0) * 0.8, 0)
        found[day] = np.round(np.minimum(stock / np.maximum(mean_use, 0.02), 120), 1)
    return found
