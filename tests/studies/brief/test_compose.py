"""The brief from arrays: figures against values worked out by hand, silence where nothing is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from fangxian.science.detection.ears import EarsMethod
from fangxian.studies.brief.capacity import trend_to_full
from fangxian.studies.brief.compose import compose_brief
from fangxian.studies.brief.contract import Brief, DoublingPart, ReproductionPart, Words
from fangxian.studies.brief.estimators import AlarmDetector, EarsDetector, Estimators, SurpriseDetector
from fangxian.studies.brief.records import (
    BriefIndicator,
    BriefInput,
    BriefPlace,
    CapacitySeries,
    IndicatorKind,
    Panel,
    SerialInterval,
    Timeliness,
)
from fangxian.studies.brief.render_html import ALARMS, render_html
from fangxian.studies.brief.wording import reproduction_words

LEVEL = {"zh": "市", "en": "City"}
DAYS = 40
AS_OF = date(2024, 3, 10)
INDICATORS = [
    BriefIndicator("new_cases", {"zh": "新增病例", "en": "New cases"}, "person", IndicatorKind.DAILY_COUNT),
    BriefIndicator("positive", {"zh": "阳性", "en": "Positive"}, "test", IndicatorKind.DAILY_COUNT),
    BriefIndicator("tests", {"zh": "检测", "en": "Tests"}, "test", IndicatorKind.DAILY_COUNT),
    BriefIndicator(
        "positivity", {"zh": "阳性率", "en": "Positivity"}, "share", IndicatorKind.RATIO, "positive", "tests"
    ),
]


def _input(**changes: object) -> BriefInput:
    """Make a city of two counties: one steady at 10 a day, one that doubles every week from 10."""
    steady, growing = np.full(DAYS, 10.0), np.full(DAYS, 10.0)
    growing[-14:] = 10 * 2 ** (np.arange(1, 15) / 7)
    values = np.full((DAYS, 3, 4), np.nan)
    values[:, :, 0] = np.column_stack([steady + growing, steady, growing]).round()
    values[:, 0, 1], values[:, 0, 2] = 5.0, 200.0
    given = (~np.isnan(values)).astype(float)
    panel = Panel(values, given * 9, np.full(values.shape, 10.0), given * 0.9)
    said: dict[str, object] = {
        "as_of": AS_OF,
        "first_day": AS_OF - timedelta(days=DAYS - 1),
        "places": [
            BriefPlace("1", "某市", 2, LEVEL, None, 200_000),
            BriefPlace("11", "甲县", 3, LEVEL, 0, 100_000),
            BriefPlace("12", "乙县<b>", 3, LEVEL, 0, None),
        ],
        "indicators": INDICATORS,
        "panel": panel,
        "timeliness": [Timeliness(8, 1, 1, AS_OF)] * 3,
        "lineage": lambda time, place, indicator: f"/{time}/{place}/{indicator}",
        "serial_interval": SerialInterval(4.7, 2.9, "doi:10.1016/j.ijid.2020.02.060"),
    }
    return BriefInput(**{**said, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def brief() -> Brief:
    """Compose the brief of the city once."""
    return compose_brief(_input())


def test_ratio_is_made_of_its_parts(brief: Brief) -> None:
    """5 of 200 is 2.5 %; where nobody tested there is no positivity, and not 0."""
    part = brief.indicator("positivity")
    assert part is not None
    assert part.value == 0.025
    assert all(
        one.value is None for place in brief.below for one in place.indicators if one.id == "positivity"
    )


def test_change_names_the_county_that_drives_it(brief: Brief) -> None:
    """The growing county is first among the reasons, and the steady one is in none of the five."""
    first = brief.changes[0]
    assert (first.place.code, first.indicator) == ("1", "new_cases")
    assert "乙县" in first.why[0].zh
    assert all(change.place.code != "11" for change in brief.changes)
    assert any("覆盖" in reason.zh for reason in first.why)


def test_population_not_known_gives_no_rate(brief: Brief) -> None:
    """Per 100 000 people is null where nobody says how many live there."""
    rates = {place.code: place.indicators[0].per_100000_7d for place in brief.below}
    assert rates["11"] == 70
    assert rates["12"] is None


def test_growth_and_transmission_agree(brief: Brief) -> None:
    """Counts that grow have a reproduction number above 1 and a positive doubling time."""
    number = brief.reproduction_number
    assert number.lower is not None
    assert number.lower > 1
    assert brief.doubling_time.days is not None
    assert 7 < brief.doubling_time.days < 30
    assert "增长" in number.words.zh


@pytest.mark.parametrize(
    ("interval", "growth_decided", "zh", "en"),
    [
        ((1.01, 1.02), False, "大致持平", "about level"),
        ((1.01, 1.02), True, "大致持平", "about level"),
        ((0.95, 1.05), True, "大致持平", "about level"),
        ((1.02, 1.30), False, "略高于1，但尚不能判断为增长", "growth is not decided"),
        ((0.70, 0.98), False, "略低于1，但尚不能判断为下降", "decline is not decided"),
        ((1.02, 1.30), True, "疫情在增长", "is growing"),
        ((1.20, 1.30), False, "疫情在增长", "is growing"),
        ((0.70, 0.98), True, "疫情在下降", "is shrinking"),
        ((0.90, 1.30), False, "区间跨过1", "spans 1"),
    ],
)
def test_words_on_transmission_do_not_contradict_those_on_growth(
    interval: tuple[float, float], growth_decided: bool, zh: str, en: str
) -> None:
    """An interval close to 1 is about level, or leaves the direction to a growth that is decided."""
    nothing = Words(zh="", en="")
    lower, upper = interval
    part = ReproductionPart(median=(lower + upper) / 2, lower=lower, upper=upper, method="", words=nothing)
    bound = 20.0 if growth_decided else None
    doubling = DoublingPart(
        days=30.0, lower=bound, upper=bound, growth_per_day=0.02, method="", words=nothing
    )
    said = reproduction_words(part, doubling)
    assert zh in said.zh
    assert en in said.en


def test_narrow_interval_is_admitted(brief: Brief) -> None:
    """Among what was assumed is that the interval holds no more than Poisson noise."""
    assumed = next(one for one in brief.unknowns if one.code == "reproduction-assumptions")
    assert "泊松噪声" in assumed.words.zh
    assert "Poisson noise only" in assumed.words.en


def test_last_day_not_due_is_left_out() -> None:
    """Where nothing was due on the last day, the figures are of the day before and the brief says so."""
    source = _input()
    source.panel.due[-1] = 0
    source.panel.values[-1] = np.nan
    made = compose_brief(source)
    cases = made.indicator("new_cases")
    assert cases is not None
    assert cases.day == AS_OF - timedelta(days=1)
    assert any(unknown.code == "days-not-due" for unknown in made.unknowns)


def test_missing_day_is_null_and_said() -> None:
    """A due day on which nobody reported is null, silences the estimates, and is listed as not known."""
    source = _input()
    source.panel.values[-1, :, 0] = np.nan
    made = compose_brief(source)
    cases = made.indicator("new_cases")
    assert cases is not None
    assert cases.value is None
    assert made.reproduction_number.median is None
    codes = {unknown.code for unknown in made.unknowns}
    assert {"indicator-missing-on-the-day", "reproduction-undefined", "places-silent"} <= codes
    assert '"value": null' in made.to_json()


@pytest.mark.parametrize("detector", [*map(EarsDetector, EarsMethod), SurpriseDetector()])
def test_alarms_need_no_more_past_than_the_detector_says(detector: AlarmDetector) -> None:
    """The last week judged from the days that a detector remembers is the week judged from all days."""
    counts = np.random.default_rng(5).poisson(3.0, (90, 8)).astype(float)
    counts[np.random.default_rng(6).random(counts.shape) < 0.1] = np.nan
    counts[-3, 2] = 30
    whole, short = detector.detect(counts), detector.detect(counts[-7 - detector.memory_days :])
    assert whole.alarm[-7:].any()
    for part in ("expected", "upper", "alarm"):
        np.testing.assert_array_equal(getattr(whole, part)[-7:], getattr(short, part)[-7:])


def test_a_steady_wave_is_no_alarm_and_a_leap_out_of_it_is() -> None:
    """Growth that goes on as it went raises nothing; one county at three times its course does, by name."""
    days = 60
    rng = np.random.default_rng(7)
    course = np.exp(2 + 0.05 * np.arange(days))[:, None] * np.ones(200)
    counts = rng.poisson(course).astype(float)
    detector = SurpriseDetector()
    assert detector.detect(counts).alarm.sum() <= 2
    counts[-1, 17] *= 3
    found = detector.detect(counts)
    assert found.alarm[-1, 17]
    assert found.expected[-1, 17] == pytest.approx(course[-1, 17], rel=0.25)
    assert "false discovery rate 5% a day" in found.method


def test_an_alarm_tells_the_days_that_raised_it() -> None:
    """The last day is hardly above its expectation, the four days to it far above: their sum is told."""
    source = _input()
    counts = np.random.default_rng(3).poisson(20.0, (DAYS, 2)).astype(float)
    counts[-4:, 0] = [44, 46, 45, 27]
    source.panel.values[:, :, 0] = np.column_stack([counts.sum(axis=1), counts])
    made = compose_brief(source)
    (alarm,) = [one for one in made.alarms if (one.place.code, one.date) == ("11", AS_OF)]
    assert (alarm.observed, alarm.window_days, alarm.window_observed) == (27, 4, 162)
    assert alarm.window_expected == pytest.approx(80, rel=0.2)
    awaited = f"{alarm.window_expected:.1f}"
    assert alarm.words.zh == f"甲县 截至3月10日的4天 新增病例 合计 162人，预期约 {awaited}人。"
    assert (
        alarm.words.en
        == f"甲县, 4 days to 10 Mar: New cases 162 people in all, about {awaited} people expected."
    )
    counts[-4:, 0] = [20, 19, 21, 70]
    source.panel.values[:, :, 0] = np.column_stack([counts.sum(axis=1), counts])
    (alarm,) = [one for one in compose_brief(source).alarms if (one.place.code, one.date) == ("11", AS_OF)]
    assert (alarm.window_days, alarm.window_observed) == (1, None)
    assert alarm.words.zh.startswith("甲县 3月10日 新增病例 70人，预期约 ")


def test_few_cases_give_no_reproduction_number() -> None:
    """Ten cases in a week say more of the prior than of the epidemic."""
    source = _input()
    source.panel.values[:, 0, 0] = 1.0
    made = compose_brief(source)
    assert made.reproduction_number.median is None
    assert any("only 7 cases" in unknown.words.en for unknown in made.unknowns)


def test_same_input_gives_the_same_bytes() -> None:
    """The brief holds no clock."""
    assert compose_brief(_input()).to_json() == compose_brief(_input()).to_json()


def test_html_escapes_names_and_labels_synthetic() -> None:
    """A name is text, never markup; 模拟数据 is on the page."""
    page = render_html(compose_brief(_input(synthetic=True)))
    assert "乙县<b>" not in page
    assert "乙县&lt;b&gt;" in page
    assert "模拟数据" in page
    assert "<script" not in page


def test_one_method_of_alarms_is_named_once_and_several_at_each() -> None:
    """Two counts leap; with two detectors each alarm says whose it is, with one the foot says it for all."""
    source = _input()
    source.panel.values[-2:, 1:, 0] = 200.0
    for detectors in (
        (EarsDetector(EarsMethod.C2),),
        (EarsDetector(EarsMethod.C1), EarsDetector(EarsMethod.C2)),
    ):
        made = compose_brief(source, Estimators(None, detectors))
        assert len(made.alarms) > len(made.alarm_methods)
        page = render_html(made, "en")
        body, foot = page.split("<footer>")
        named = [
            method for method in made.alarm_methods for _ in range(body.count(f"<small>{method}</small>"))
        ]
        assert all(method in foot for method in made.alarm_methods)
        assert len(made.alarm_methods) > 1 or not named
        assert len(made.alarm_methods) == 1 or len(named) == ALARMS["en"]
        assert (len(made.alarm_methods) > 1) == (len(detectors) > 1)


@pytest.mark.parametrize(
    ("occupied", "total", "shape", "days"),
    [
        (np.arange(10.0, 24.0), 33.0, "linear", 10.0),
        (10 * np.exp(0.1 * np.arange(14)), 10 * np.exp(0.1 * 20), "exponential", 7.0),
        (np.arange(24.0, 10.0, -1), 33.0, "falling", None),
        (np.arange(10.0, 24.0), None, "linear", None),
        (np.full(14, np.nan), 33.0, None, None),
        (np.arange(20.0, 34.0), 33.0, "linear", 0.0),
    ],
)
def test_days_to_full(
    occupied: np.ndarray, total: float | None, shape: str | None, days: float | None
) -> None:
    """A straight line, an exponential, a fall, an unknown total, an unknown use and a full ward."""
    trend = trend_to_full(occupied, total)
    assert trend.shape == shape
    assert trend.days_to_full == (None if days is None else pytest.approx(days, abs=0.01))


def test_beds_that_fill_are_in_the_headline() -> None:
    """A ward that is full within two weeks is among the first sentences."""
    beds = CapacitySeries(
        "intensive_care_bed",
        {"zh": "重症监护床位", "en": "Intensive-care beds"},
        np.arange(DAYS, dtype=float),
        45.0,
        "/x",
    )
    made = compose_brief(_input(capacities=[beds]))
    assert any("占满" in sentence.zh for sentence in made.headline)


def test_wrong_shape_is_named_with_its_remedy() -> None:
    """An array that does not fit says what it must be."""
    with pytest.raises(ValueError, match=r"must be \[time, place, indicator\] = \(40, 2, 4\)"):
        _input(places=_input().places[:2])


def test_a_day_is_judged_alike_whenever_it_is_looked_at() -> None:
    """A day's alarm rests on the days up to it: the days that came after change nothing, to the bit."""
    random = np.random.default_rng(5)
    counts = random.poisson(20, (80, 6)).astype(np.float64)
    counts[76, 2] = 90
    detector = SurpriseDetector()
    later, then = detector.detect(counts), detector.detect(counts[:78])
    assert then.alarm[76, 2]
    for name in ("expected", "upper", "alarm"):
        assert np.array_equal(getattr(later, name)[73:78], getattr(then, name)[73:78], equal_nan=True)
