"""Nowcasts cover what comes in later, and say what they cannot know."""

from __future__ import annotations

import csv
from datetime import date

import numpy as np
import pytest

from fangxian.science.renewal.nowcast import nowcast_triangle, nowcast_with_delay
from fangxian.science.renewal.triangle import ReportingTriangle
from shared_data import shared_path

DELAY = np.array([0.05, 0.2, 0.25, 0.2, 0.12, 0.08, 0.05, 0.03, 0.02])


def _outbreak(seed: int, days: int = 70) -> tuple[np.ndarray, np.ndarray]:
    """Event and report day of each person of a wave; delays all from one distribution."""
    generator = np.random.default_rng(seed)
    mean = 25 * np.exp(np.sin(np.arange(days) / 14))
    event = np.repeat(np.arange(days), generator.poisson(mean))
    return event, event + generator.choice(len(DELAY), size=len(event), p=DELAY)


def _line_list() -> tuple[np.ndarray, np.ndarray]:
    with shared_path("expected/husO104Hosp_linelist.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    event = [date.fromisoformat(row["dHosp"]).toordinal() for row in rows]
    report = [date.fromisoformat(row["dReport"]).toordinal() for row in rows]
    return np.array(event), np.array(report)


def _crps(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    ordered, many = np.sort(draws, axis=0), len(draws)
    rank = 2 * np.arange(1, many + 1)[:, None] - many - 1
    return np.abs(ordered - truth).mean(axis=0) - (rank * ordered).sum(axis=0) / many**2


def test_shares_are_found_in_spite_of_what_is_not_reported() -> None:
    """Expected shares follow the distribution function of the delay, also for the newest days."""
    event, report = _outbreak(1)
    cast = nowcast_triangle(ReportingTriangle.from_reports(event, report, as_of=60))
    np.testing.assert_allclose(cast.share[::-1][:9], np.cumsum(DELAY), atol=0.06)


def test_later_truth_is_covered_as_often_as_it_says() -> None:
    """Views of ten outbreaks: 50 and 95 % intervals hold the final counts, errors are halved."""
    inside, half, error, raw = [], [], [], []
    generator = np.random.default_rng(2)
    for seed in range(10):
        event, report = _outbreak(seed)
        for as_of in (38, 60):
            cast = nowcast_triangle(
                ReportingTriangle.from_reports(event, report, as_of=as_of, first=0), draws=500
            )
            truth = np.bincount(event, minlength=as_of + 1)[as_of - 6 : as_of + 1]
            drawn = cast.draws[:, -7:]
            below, upto = (drawn < truth).mean(axis=0), (drawn <= truth).mean(axis=0)
            place = below + generator.random(7) * (upto - below)
            inside += list((place > 0.025) & (place < 0.975))
            half += list((place > 0.25) & (place < 0.75))
            error += list(np.abs(np.median(drawn, axis=0) - truth))
            raw += list(np.abs(cast.reported[-7:] - truth))
    assert 0.9 <= np.mean(inside) <= 1
    assert 0.42 <= np.mean(half) <= 0.62
    assert np.mean(error) < np.mean(raw) / 2


def test_reference_example_is_done_better_than_by_the_reference() -> None:
    """On the reference program's own example: error below that of the program and of the raw counts (1.7)."""
    event, report = _line_list()
    as_of = date(2011, 6, 10).toordinal()
    with shared_path("expected/surveillance_nowcast_hus_2011-06-10_bayes.trunc.csv").open() as lines:
        shown = {row["date"]: row for row in csv.DictReader(lines) if row["nowcast"] != "NA"}
    cast = nowcast_triangle(ReportingTriangle.from_reports(event, report, as_of=as_of))
    days = [date.fromisoformat(day).toordinal() - as_of - 1 for day in shown]
    truth = np.array([float(row["final"]) for row in shown.values()])
    lower, median, upper = cast.quantiles((0.025, 0.5, 0.975))[days].T
    theirs = np.array([float(row["nowcast"]) for row in shown.values()])
    raw = np.array([float(row["observed"]) for row in shown.values()])
    assert np.abs(median - truth).mean() < np.abs(raw - truth).mean()
    assert np.abs(median - truth).mean() < 0.25 * np.abs(theirs - truth).mean()
    assert np.all((lower <= truth) & (truth <= upper))


def test_replayed_history_beats_taking_the_counts_as_they_are() -> None:
    """Every third day of the outbreak seen as of then: CRPS below half the error of the raw counts."""
    event, report = _line_list()
    score, raw, half = [], [], []
    generator = np.random.default_rng(3)
    for as_of in range(date(2011, 5, 28).toordinal(), date(2011, 7, 2).toordinal(), 3):
        cast = nowcast_triangle(ReportingTriangle.from_reports(event, report, as_of=as_of), draws=500)
        truth = np.array([np.sum(event == day) for day in range(as_of - 9, as_of + 1)])
        drawn = cast.draws[:, -10:]
        score += list(_crps(drawn, truth))
        raw += list(np.abs(cast.reported[-10:] - truth))
        below, upto = (drawn < truth).mean(axis=0), (drawn <= truth).mean(axis=0)
        place = below + generator.random(10) * (upto - below)
        half += list((place > 0.25) & (place < 0.75))
    assert np.mean(score) < np.mean(raw) / 2
    assert 0.4 <= np.mean(half) <= 0.65


def test_final_counts_are_never_below_the_reported_and_equal_them_when_all_is_in() -> None:
    """Draws lie at or above the reports; days older than every delay are as good as certain."""
    event, report = _outbreak(4)
    cast = nowcast_triangle(ReportingTriangle.from_reports(event, report, as_of=60))
    assert np.all(cast.draws >= cast.reported)
    lower, upper = cast.quantiles((0.005, 0.995))[:50].T
    np.testing.assert_array_equal(lower, cast.reported[:50])
    np.testing.assert_array_equal(upper, cast.reported[:50])


def test_same_seed_same_draws() -> None:
    """A nowcast is a function of the triangle and the seed."""
    triangle = ReportingTriangle.from_reports(*_outbreak(5), as_of=40)
    np.testing.assert_array_equal(nowcast_triangle(triangle).draws, nowcast_triangle(triangle).draws)


def test_a_known_delay_multiplies_up() -> None:
    """With constant events and a known delay the nowcast of today is the level of the other days."""
    share = np.cumsum(DELAY)
    counts = np.full(40, 200.0)
    counts[-9:] *= share[::-1]
    median = nowcast_with_delay(np.round(counts), DELAY).quantiles((0.5,))[:, 0]
    np.testing.assert_allclose(median[-9:], 200, rtol=0.08)


def test_a_missing_day_is_filled_from_its_neighbours_with_a_wide_interval() -> None:
    """NaN is no zero: its final count is that of the path, less sure than a day on which much is known."""
    counts = np.full(40, 100.0)
    counts[20] = np.nan
    quantiles = nowcast_with_delay(counts, [1.0]).quantiles((0.025, 0.5, 0.975))
    assert quantiles[20, 1] == pytest.approx(100, rel=0.1)
    assert quantiles[20, 2] - quantiles[20, 0] > 20
    assert quantiles[19, 0] == quantiles[19, 2] == 100


def test_a_delay_longer_than_the_series_leaves_the_level_open() -> None:
    """Hardly anything is known yet: the interval spans more than a factor of two, and is no NaN."""
    quantiles = nowcast_with_delay([3, 4, 2, 5, 3], [0.01] * 100).quantiles((0.025, 0.975))
    assert np.isfinite(quantiles).all()
    assert np.all(quantiles[:, 1] > 2 * np.maximum(quantiles[:, 0], 1))


def test_nothing_reported_yet_is_not_zero_for_certain() -> None:
    """An empty triangle: the last day may have had events."""
    cast = nowcast_triangle(ReportingTriangle.from_reports([0], [0], as_of=3))
    assert cast.draws.shape[1] == 4


@pytest.mark.parametrize(
    ("event", "report", "message"),
    [([5, 6], [7, 5], "report_day must not be before event_day .got 5 before 6 at 1.; correct the dates")],
)
def test_a_report_before_its_event_is_named(event: list[int], report: list[int], message: str) -> None:
    """An error states the rule, the value and what to do."""
    with pytest.raises(ValueError, match=message):
        ReportingTriangle.from_reports(event, report, as_of=9)


def test_wrong_shapes_are_named_with_their_remedy() -> None:
    """A triangle without its unknown half, and a delay that does not sum to 1, are refused."""
    with pytest.raises(ValueError, match="build it with from_reports"):
        ReportingTriangle(np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"got sum 0\.500\); divide by the sum"):
        nowcast_with_delay([1, 2, 3], [0.5])


def test_reports_sooner_than_the_delay_allows_are_named() -> None:
    """A delay without same-day reports beside a last day that has some is a contradiction, not a huge day."""
    with pytest.raises(
        ValueError, match=r"nothing of an event day is reported within 0 days .*got 134 reports"
    ):
        nowcast_with_delay(np.array([100.0, 120.0, 134.0]), np.array([0.0, 0.5, 0.5]))
    quiet = nowcast_with_delay(np.array([100.0, 60.0, 0.0]), np.array([0.0, 0.5, 0.5]), draws=200)
    assert np.isfinite(quiet.draws).all()
