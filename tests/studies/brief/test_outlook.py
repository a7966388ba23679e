"""Forecasts in the brief: no later day is seen, and past ones are scored against what came by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from fangxian.science.scoring import HUB_LEVELS
from fangxian.studies.brief.compose import compose_brief
from fangxian.studies.brief.contract import Brief, ForecastPart
from fangxian.studies.brief.figures import make_figures
from fangxian.studies.brief.forecasting import forecast_places, retold_forecasts
from fangxian.studies.brief.outlook import ROUNDS_SHOWN
from fangxian.studies.brief.records import (
    Basis,
    BriefIndicator,
    BriefInput,
    BriefPlace,
    IndicatorKind,
    Panel,
    PlaceForecast,
    Timeliness,
)
from fangxian.studies.brief.render_docx import render_docx
from fangxian.studies.brief.render_html import render_html
from fangxian.studies.brief.render_text import render_text

DAYS = 70
AS_OF = date(2024, 3, 10)
LEVEL = {"zh": "市", "en": "City"}


def brief_input(values: np.ndarray | None = None, **changes: object) -> BriefInput:
    """Make a city of two counties whose counts rise by a tenth a week."""
    if values is None:
        rng = np.random.default_rng(3)
        mean = 20 * 1.1 ** (np.arange(DAYS) / 7)
        below = rng.poisson(mean[:, None] * np.array([1.0, 0.5]))
        values = np.column_stack([below.sum(axis=1), below])[:, :, None].astype(float)
    due = np.ones(values.shape)
    made = BriefInput(
        as_of=AS_OF,
        first_day=AS_OF - timedelta(days=DAYS - 1),
        places=[
            BriefPlace("1", "某市", 2, LEVEL),
            BriefPlace("11", "甲县", 3, LEVEL, 0),
            BriefPlace("12", "乙县", 3, LEVEL, 0),
        ],
        indicators=[
            BriefIndicator(
                "new_cases", {"zh": "新增病例", "en": "New cases"}, "person", IndicatorKind.DAILY_COUNT
            )
        ],
        panel=Panel(values, (~np.isnan(values)).astype(float), due, due),
        timeliness=[Timeliness(None, None, None)] * 3,
        lineage=lambda *_: "",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def flat(last_day: date, middle: float, half: float, *, basis: Basis = Basis.KEPT) -> PlaceForecast:
    """Make a forecast whose quantiles run evenly from middle - half to middle + half, each week alike."""
    quantiles = middle + half * (2 * np.array(HUB_LEVELS) - 1)
    tiled, usual = np.tile(quantiles, (4, 1)), np.tile(middle + 3 * (quantiles - middle), (4, 1))
    return PlaceForecast("new_cases", last_day, last_day, tiled, usual, "ensemble", "1", basis)


def part(source: BriefInput) -> ForecastPart:
    """Return what the brief says of the forecasts of new cases."""
    brief = compose_brief(source)
    assert Brief.model_validate_json(brief.to_json()) == brief
    return brief.forecasts[0]


def test_later_days_change_no_earlier_forecast() -> None:
    """Rounds as of earlier weeks are byte for byte the same when all later counts are others."""
    source = brief_input()
    earlier = retold_forecasts(make_figures(source), "1", rounds=3)
    assert [one.basis for one in earlier] == [Basis.KEPT, *[Basis.RETOLD] * 3]
    other = source.panel.values.copy()
    other[-7:] = 9999.0
    changed = retold_forecasts(make_figures(brief_input(other)), "1", rounds=3)
    assert not np.array_equal(earlier[0].quantiles, changed[0].quantiles)
    for before, after in zip(earlier[1:], changed[1:], strict=True):
        assert before.last_day == after.last_day
        assert before.quantiles.tobytes() == after.quantiles.tobytes()


def test_all_places_are_forecast_in_one_round() -> None:
    """City and county have quantiles that rise, near what they show; a silent county has none."""
    values = brief_input().panel.values.copy()
    values[:, 2] = 0.0
    made = forecast_places(make_figures(brief_input(values)), 0, "1")[0]
    assert set(made) == {"1", "11"}
    city = made["1"]
    assert city.last_day == AS_OF
    assert np.all(np.diff(city.quantiles, axis=1) >= 0)
    week = values[-7:, 0, 0].sum()
    assert 0.8 * week < city.quantiles[0, 11] < 1.4 * week


def test_record_is_that_of_a_hand() -> None:
    """Ten a day make 70 a week: inside 60-80, outside 100-120; the baseline is three times as wide."""
    values = np.full((DAYS, 3, 1), 10.0)
    good, bad = flat(AS_OF - timedelta(days=7), 70, 10), flat(AS_OF - timedelta(days=14), 110, 10)
    told = part(brief_input(values, forecasts=[good, bad]))
    assert told.record is not None
    assert (told.record.rounds, told.record.forecasts) == (2, 3)
    assert (told.record.inside_95, told.record.inside_50) == (1, 1)
    assert [one.observed for one in told.past] == [70, 70, 70]
    assert [one.week for one in told.past] == [1, 1, 2]
    # The interval of level 1 - a is 2 (1 - a) half wide and costs a / 2 of that; outside, its distance.
    alphas = np.array([0.02, 0.05, *np.arange(0.1, 1.0, 0.1)])
    within = (alphas / 2 * 20 * (1 - alphas)).sum() / 11.5
    outside = (0.5 * 40 + (alphas / 2 * 20 * (1 - alphas) + 40 - 10 * (1 - alphas)).sum()) / 11.5
    assert told.past[0].wis == pytest.approx(within, abs=1e-3)
    assert told.past[1].wis == pytest.approx(outside, abs=1e-3)
    assert told.record.wis == pytest.approx((within + 2 * outside) / 3, abs=1e-3)
    wider = (alphas / 2 * 60 * (1 - alphas)).sum() / 11.5
    far = (0.5 * 40 + sum(_interval_cost(a, 30 * (1 - a)) for a in alphas)) / 11.5
    assert told.record.relative_wis == pytest.approx((within + 2 * outside) / (wider + 2 * far), abs=2e-3)


def _interval_cost(alpha: float, half: float) -> float:
    return alpha / 2 * 2 * half + max(0.0, 40 - half)


def test_a_week_with_a_missing_day_is_not_scored() -> None:
    """Absent is not zero: no sum, no score, no outcome."""
    values = np.full((DAYS, 3, 1), 10.0)
    values[-3] = np.nan
    told = part(brief_input(values, forecasts=[flat(AS_OF - timedelta(days=7), 70, 10)]))
    assert told.past == []
    assert told.record is None
    assert told.history[-1].value == 70
    assert part(brief_input(values, forecasts=[flat(AS_OF, 70, 10)])).history[-1].value is None


def test_rounds_are_a_week_apart_and_a_correction_changes_the_score() -> None:
    """Of daily forecasts one a week counts; what came is read anew each time."""
    values = np.full((DAYS, 3, 1), 10.0)
    daily = [flat(AS_OF - timedelta(days=7 + back), 70, 10) for back in range(15)]
    told = part(brief_input(values, forecasts=daily))
    assert told.record is not None
    assert told.record.rounds == 3
    values = values.copy()
    values[-1] += 30
    corrected = part(brief_input(values, forecasts=daily))
    assert corrected.past[0].observed == 100
    assert corrected.past[0].wis > told.past[0].wis


def test_the_record_rests_on_the_latest_rounds() -> None:
    """Of nine weekly rounds with an outcome eight are scored; what lies further back is left out."""
    values = np.full((DAYS, 3, 1), 10.0)
    weekly = [flat(AS_OF - timedelta(days=7 * back), 70, 10) for back in range(1, ROUNDS_SHOWN + 2)]
    record = part(brief_input(values, forecasts=weekly)).record
    assert record is not None
    assert (record.rounds, record.last_as_of) == (ROUNDS_SHOWN, AS_OF - timedelta(days=7))
    assert record.first_as_of == AS_OF - timedelta(days=7 * ROUNDS_SHOWN)
    nearly = [flat(AS_OF - timedelta(days=7 + back), 70, 10) for back in (0, 6)]
    assert part(brief_input(values, forecasts=nearly)).record.rounds == 1  # type: ignore[union-attr]


def test_a_forecast_whose_first_week_has_passed_is_no_outlook() -> None:
    """It is scored and not shown as what is to come."""
    values = np.full((DAYS, 3, 1), 10.0)
    told = part(brief_input(values, forecasts=[flat(AS_OF - timedelta(days=7), 70, 10)]))
    assert told.weeks == []
    assert told.as_of is None
    assert "没有预测" in told.words.zh


def test_sentences_say_when_it_was_made_afterwards_and_when_it_was_bad() -> None:
    """Both languages name rounds that were made later, and a score worse than repeating last week."""
    values = np.full((DAYS, 3, 1), 10.0)
    late = flat(AS_OF - timedelta(days=7), 70, 10, basis=Basis.REPLAYED)
    narrow = replace(late, quantiles=late.quantiles + 60, baseline=late.baseline)
    told = part(brief_input(values, forecasts=[flat(AS_OF, 70, 10), narrow]))
    assert told.record is not None
    assert "不如照上周估计" in told.record.words.zh
    assert "worse than repeating last week" in told.record.words.en
    assert "事后用当日已报的数据补作" in told.record.words.zh
    assert "至3月17日的7天新增病例约 70人（95%区间 60–80）" in told.words.zh
    assert "70 expected in the 7 days to 17 Mar (95% interval 60–80" in told.words.en


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_document_holds_forecast_and_record(language: str) -> None:
    """Paper, text and Word say what comes and what earlier forecasts were worth; the chart is drawn."""
    values = np.full((DAYS, 3, 1), 10.0)
    kept = [flat(AS_OF, 70, 10), flat(AS_OF - timedelta(days=7), 70, 10)]
    brief = compose_brief(brief_input(values, forecasts=kept))
    said = brief.forecasts[0].words.say(language)
    record = brief.forecasts[0].record
    assert record is not None
    page, text = render_html(brief, language), render_text(brief, language)
    assert said in page
    assert said in text
    assert record.words.say(language).split("'")[0] in text
    assert page.count("<polygon") >= 2
    assert page.count('r="1.8"') == 1  # of the earlier forecast, its week that has come
    assert len(render_docx(brief, language)) > 10_000
    assert compose_brief(brief_input(values)).forecasts == []
