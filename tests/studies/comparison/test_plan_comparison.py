"""Comparison: figures of a run, intervals of the paired difference, plain sentences, curves and the page."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fangxian.plans.loader import packaged_disease, packaged_plan
from fangxian.studies.comparison.charts import PANELS, draw
from fangxian.studies.comparison.figures import FIGURES, run_figures, seven_day_mean
from fangxian.studies.comparison.page import LIMITS, PageFacts, render_page, trust_of
from fangxian.studies.comparison.paired import Compared, Estimate, compare, estimate
from fangxian.studies.comparison.sentences import change_sentences, difference_sentences, number_words

OMICRON = packaged_disease("covid19-omicron-ba5")
STAYS = OMICRON.stays
COLUMNS = (
    "infections",
    "reported",
    "in_ward",
    "in_intensive_care",
    "waiting_ward",
    "waiting_intensive_care",
    "refused_ward",
    "refused_intensive_care",
    "deaths",
    "cost_yuan",
    "ward_beds",
    "intensive_care_beds",
)


def series(days: int = 60, *, peak: int = 30, height: float = 100.0, **others: float) -> pl.DataFrame:
    """Return the city by day: a triangle of infections, and other columns constant."""
    infections = np.maximum(0.0, height * (1 - np.abs(np.arange(days) - peak) / 20))
    table = {name: np.full(days, float(others.get(name, 0.0))) for name in COLUMNS}
    table["infections"] = infections
    return pl.DataFrame({"day": np.arange(days), **table})


def ensemble(**by_scenario: list[pl.DataFrame]) -> pl.DataFrame:
    """Return runs of several scenarios in one table."""
    return pl.concat(
        run.select(pl.lit(name).alias("scenario"), pl.lit(number).alias("replicate"), pl.all())
        for name, runs in by_scenario.items()
        for number, run in enumerate(runs, 1)
    )


def test_figures_of_a_triangle():
    """Peak where it is, as wide as its upper half, as high as the mean of the week around it."""
    figures = run_figures(series(), STAYS)
    assert figures["peak_day"] == 30
    assert figures["peak_height"] == pytest.approx(100 - 5 * (0 + 1 + 2 + 3 + 1 + 2 + 3) / 7)
    assert figures["peak_width_days"] == pytest.approx(21, abs=2)
    assert figures["infected"] == pytest.approx(100 * 20)


def test_unmet_bed_days_are_waiting_and_refused():
    """A day of waiting is one; a refusal is the mean stay that it would have been."""
    run = series(
        days=10, waiting_ward=2, waiting_intensive_care=1, refused_ward=1, refused_intensive_care=0.5
    )
    unmet = run_figures(run, STAYS)["unmet_bed_days"]
    assert unmet == pytest.approx(10 * 3 + 10 * STAYS.ward.mean_days + 5 * STAYS.intensive_care.mean_days)


def test_a_wave_that_never_was_has_no_width():
    """Nobody infected: every figure is zero and none fails."""
    assert set(run_figures(series(height=0.0), STAYS).values()) == {0.0}


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_the_seven_day_mean_stays_within_its_values(values):
    """Smoothing neither raises the top nor lowers the bottom."""
    given_values = np.asarray(values)
    smooth = seven_day_mean(given_values)
    assert len(smooth) == len(given_values)
    assert smooth.max() <= given_values.max() * (1 + 1e-12)
    assert smooth.min() >= given_values.min() * (1 - 1e-12)


def test_the_interval_is_that_of_the_paired_difference():
    """Runs differ a lot, the plans within a run by ten: the interval is narrow because luck is shared."""
    luck = [50.0, 100.0, 200.0, 400.0]
    runs = ensemble(
        first=[series(deaths=one) for one in luck],
        second=[
            series(deaths=one - 10 + small) for one, small in zip(luck, (0.1, -0.1, 0.1, -0.1), strict=True)
        ],
    )
    _, second = compare(runs, ["first", "second"], STAYS)
    difference = second.differences["deaths"]
    assert difference.mean == pytest.approx(-600)
    assert difference.high - difference.low < 40
    assert second.figures["deaths"].high - second.figures["deaths"].low > 10_000
    pairs = np.array([-9.9, -10.1, -9.9, -10.1]) * 60
    low, high = stats.t.interval(0.95, 3, loc=pairs.mean(), scale=stats.sem(pairs))
    assert (difference.low, difference.high) == pytest.approx((low, high))


def test_only_runs_of_one_luck_are_compared():
    """A scenario with fewer runs is refused; one run alone has no interval."""
    with pytest.raises(ValueError, match="every scenario needs the same replicates"):
        compare(ensemble(a=[series(), series()], b=[series()]), ["a", "b"], STAYS)
    assert estimate(np.array([3.0])) == Estimate(3.0, None, None)
    assert not Estimate(3.0, None, None).differs_from_zero


def compared(**differences: Estimate) -> Compared:
    """Return a scenario with some differences."""
    return Compared("b", {}, differences)


def test_sentences_say_direction_size_unit_and_doubt():
    """Later and earlier, more and fewer; where zero is inside, that chance alone could do it."""
    one = compared(
        peak_day=Estimate(12.34, 10.0, 14.0),
        deaths=Estimate(-250.0, -300.0, -200.0),
        cost_yuan=Estimate(3.2e8, -1e7, 6.5e8),
        infected=Estimate(0.0, 0.0, 0.0),
    )
    assert change_sentences(one, "en") == [
        "The peak comes 12.3 days (95 % interval 10 to 14) later.",
        "Deaths: fewer by 250 people (95 % interval 200 to 300).",
        "Cost of the measures: more by 320 million yuan (95 % interval -10 million to 650 million); "
        "chance alone could make that difference.",
        "Infected: the same.",
    ]
    assert change_sentences(one, "zh") == [
        "感染高峰推迟 12.3 天（95% 区间 10 至 14）。",
        "死亡少 250 人（95% 区间 200 至 300）。",
        "措施成本多 3.2 亿元（95% 区间 -1,000 万 至 6.5 亿）；仅凭偶然也可能有这样的差别。",
        "累计感染相同。",
    ]
    assert difference_sentences(one, "乙", "甲", "zh")[0].startswith("与“甲”相比，“乙”：感染高峰推迟")


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (12.34, "12.3", "12.3"),
        (50640, "5.06 万", "50,640"),
        (20000, "2 万", "20,000"),
        (123456, "12.3 万", "123,456"),
        (2.5e8, "2.5 亿", "250 million"),
    ],
)
def test_numbers_are_written_as_they_are_read(value, zh, en):
    """In ten thousands in Chinese, in thousands in English."""
    assert (number_words(value, "zh"), number_words(value, "en")) == (zh, en)


def test_a_wave_that_hardly_was_has_no_peak_to_compare():
    """Its day and width are not told beside those of a real wave; all else is."""
    runs = ensemble(a=[series(height=1000.0), series(height=1100.0)], b=[series(peak=20, height=3.0)] * 2)
    _, low = compare(runs, ["a", "b"], STAYS)
    said = change_sentences(low, "en")
    assert said[0] == "Day of the peak: one of the two has hardly a peak; not compared."
    assert said[1].startswith("New infections on the peak day: fewer by")
    assert "not compared" in said[2]


def facts(language: str) -> PageFacts:
    """Return what a page says about an ensemble of two plans."""
    plans = {name: packaged_plan(name) for name in ("covid19-class-b-2023", "covid19-containment-2022")}
    return PageFacts(
        city="Handan",
        people=50_000,
        whole=9_413_990,
        days=60,
        replicates=3,
        seed=1,
        version="0",
        disease=OMICRON,
        plans=plans,
        titles={name: plan.identity.title.in_language(language) for name, plan in plans.items()},
    )


def runs_of_two() -> pl.DataFrame:
    """Return three runs of two plans."""
    return ensemble(
        **{
            "covid19-class-b-2023": [
                series(height=100 + one, ward_beds=5, intensive_care_beds=2) for one in range(3)
            ],
            "covid19-containment-2022": [
                series(height=50 + one, ward_beds=5, intensive_care_beds=2) for one in range(3)
            ],
        }
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_stands_alone_and_says_what_is_simplified(language):
    """No script, no other file; marked as simulated; every limit is written."""
    runs = runs_of_two()
    told = compare(runs, list(facts(language).plans), STAYS)
    switches = pl.DataFrame(
        {
            "scenario": ["covid19-class-b-2023"],
            "replicate": [1],
            "day": [9],
            "level": ["level-4"],
            "area": ["A"],
            "started": [True],
        }
    )
    page = render_page(facts(language), runs, switches, told, language)
    assert "模拟数据" in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert all(limit.split("’")[0].split("'")[0] in page for limit in LIMITS[language])
    assert page.count("<svg") == len(PANELS)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert ("9,413,990" in page) and ("50,000" in page)
    assert ("Level IV" if language == "en" else "Ⅳ级") in page


def test_the_page_counts_what_has_no_source():
    """Working values among the parameters of the disease are counted, so that a reader knows."""
    total, working = trust_of(OMICRON)
    assert 0 < working < total
    assert total > 30


def test_curves_are_the_same_for_the_same_runs():
    """Pictures hold no clock; SVG and PNG both come out."""
    runs, titles = runs_of_two(), facts("en").titles
    for form, head in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        first, second = (
            draw(runs, titles, language="en", form=form, note="simulated", panels=("infections",))
            for _ in "ab"
        )
        assert first == second
        assert first.startswith(head)


def test_every_figure_has_its_words():
    """Each has a name and a unit in both languages."""
    assert set(run_figures(series(), STAYS)) == set(FIGURES)
    assert all(kind.name["zh"] and kind.name["en"] and kind.unit["zh"] for kind in FIGURES.values())
