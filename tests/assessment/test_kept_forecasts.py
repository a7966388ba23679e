"""Forecasts in the database: made from what was known, kept once, read and never made by a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta

import polars as pl
import pytest
from django.test import Client

from fangxian.assessment import jobs, services
from fangxian.assessment.models import KeptForecast
from fangxian.assessment.selectors import brief_for
from fangxian.assessment.selectors.forecasts import kept_forecasts
from fangxian.assessment.services import keep_forecasts
from fangxian.base.errors import InvalidInput
from fangxian.console.cli.forecasts import forecasts
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.places.models import Place
from fangxian.reporting.services import BulkOptions, submit_bulk
from fangxian.studies.brief.records import Basis
from town import AS_OF, Town, noon_after
from worlds import make_user

DAYS = 60


@pytest.fixture
def town(db: None) -> Town:
    """Make a town whose three hospitals have reported slowly rising counts for sixty days."""
    made = Town()
    rows = []
    for step in range(DAYS):
        day = AS_OF - timedelta(days=DAYS - step)
        for number, unit in enumerate(("H11", "H12", "H21")):
            said = {"new_cases": 5 + step // 6 + number + step % 3, "in_hospital": 30}
            rows.append({"unit": unit, "day": day, "reported_at": noon_after(day), **said})
    submit_bulk(
        actor=made.officer,
        form="hospital-daily",
        frame=pl.DataFrame(rows),
        options=BulkOptions(channel="csv"),
    )
    return made


def said() -> dict[tuple[str, str], list[list[float]]]:
    """Return the kept quantiles by place and day."""
    rows = KeptForecast.objects.values_list("place__code", "as_of", "quantiles")
    return {(code, day.isoformat()): quantiles for code, day, quantiles in rows}


def test_nothing_later_enters_and_nothing_is_kept_twice(town: Town) -> None:
    """A later report changes no forecast of an earlier day, and a second call keeps nothing."""
    day = AS_OF - timedelta(days=14)
    kept = keep_forecasts(actor=None, place=town.places["city"], as_of=day)
    assert {one.place.code for one in kept} >= {"T11", "T111", "T112"}
    assert all(one.last_day < day + timedelta(days=1) and one.program_version for one in kept)
    before = said()
    assert keep_forecasts(actor=None, place=town.places["city"], as_of=day) == []
    assert AuditEvent.objects.filter(code="assessment.forecasts_kept").count() == 1
    town.say("H11", day - timedelta(days=2), 900, at=noon_after(AS_OF), expected_revision=1, reason="late")
    KeptForecast.objects.all().delete()
    keep_forecasts(actor=None, place=town.places["city"], as_of=day)
    assert said() == before


def test_page_reads_and_never_makes_a_forecast(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries
) -> None:
    """Weeks to come and the record of earlier rounds are on the page and in the API, in 15 queries."""
    for back in (0, 7, 14, 21):
        keep_forecasts(actor=None, place=town.places["city"], as_of=AS_OF - timedelta(days=back))

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a page made a forecast")

    monkeypatch.setattr(services, "forecast_places", refused)
    client.force_login(make_user("leader", town.places["city"], "leader"))
    client.get(f"/brief/T11/?as_of={AS_OF}")
    with django_assert_max_num_queries(15):
        page = client.get(f"/brief/T11/?as_of={AS_OF}").content.decode()
    assert 'data-forecast="new_cases"' in page
    assert "此前 3 次预测中已有结果的 6 个" in page
    assert "其中 3 次是事后用当日已报的数据补作的" in page
    client.cookies["django_language"] = "en"
    assert "Earlier forecasts against what came" in client.get(f"/brief/T11/?as_of={AS_OF}").content.decode()
    answer = json.loads(client.get(f"/api/v1/brief/T11?as_of={AS_OF}").content)
    told = answer["forecasts"][0]
    assert [week["week"] for week in told["weeks"]] == [1, 2, 3, 4]
    assert {one["basis"] for one in told["past"]} == {"replayed"}
    assert client.get(f"/brief/T11/print/?as_of={AS_OF}").status_code == 200


def test_a_brief_of_an_earlier_day_knows_no_later_forecast(town: Town) -> None:
    """As of a week ago the forecast of today is not there, and its own is."""
    earlier = AS_OF - timedelta(days=7)
    for day in (earlier, AS_OF):
        keep_forecasts(actor=None, place=town.places["city"], as_of=day)
    assert brief_for(town.places["city"], earlier).forecasts[0].as_of == earlier
    assert brief_for(town.places["city"], earlier).forecasts[0].record is None
    now = brief_for(town.places["city"], AS_OF).forecasts[0]
    assert now.as_of == AS_OF
    assert now.record is not None


def test_daily_forecasts_are_read_with_when_they_were_made(town: Town) -> None:
    """Those of fifteen days are read, the latest first; that written a day too late was made afterwards."""
    days = [AS_OF - timedelta(days=back) for back in range(15)]
    KeptForecast.objects.bulk_create(
        KeptForecast(
            place=town.places["city"],
            indicator="new_cases",
            as_of=day,
            last_day=day,
            model="ensemble",
            program_version="1",
            quantiles=[[1.5, 2.5]],
            baseline=[[1.0, 3.0]],
            at=noon_after(day + timedelta(days=day == days[7])),
        )
        for day in days
    )
    read = kept_forecasts(town.places["city"], AS_OF)
    assert [one.as_of for one in read] == days
    assert [one.as_of for one in read if one.basis is Basis.REPLAYED] == [days[7]]
    assert {one.basis for one in read} == {Basis.KEPT, Basis.REPLAYED}
    assert (read[0].quantiles.tolist(), read[0].baseline.tolist()) == ([[1.5, 2.5]], [[1.0, 3.0]])


def test_what_is_read_reaches_back_to_the_first_week_that_is_scored(town: Town) -> None:
    """Eight rounds, the last of which may be five weeks old: 91 days, and not one more; none to come."""
    days = [AS_OF + timedelta(days=1), AS_OF - timedelta(days=91), AS_OF - timedelta(days=92)]
    KeptForecast.objects.bulk_create(
        KeptForecast(
            place=town.places["city"],
            indicator="new_cases",
            as_of=day,
            last_day=day,
            model="ensemble",
            program_version="1",
            quantiles=[[1.5]],
            baseline=[[1.0]],
            at=noon_after(day),
        )
        for day in days
    )
    assert [one.as_of for one in kept_forecasts(town.places["city"], AS_OF)] == [days[1]]


def test_only_below_leaves_the_place_to_its_parent(town: Town) -> None:
    """The districts are kept, and the city is not."""
    keep_forecasts(actor=None, place=town.places["city"], as_of=AS_OF, only_below=True)
    codes = set(KeptForecast.objects.values_list("place__code", flat=True))
    assert codes >= {"T111", "T112"}
    assert "T11" not in codes


def test_what_is_kept_is_not_made_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all kept no forecast is made; with the city lacking, its own is made and those below stay."""
    city = town.places["city"]
    keep_forecasts(actor=None, place=city, as_of=AS_OF, only_below=True)
    assert {one.place.code for one in keep_forecasts(actor=None, place=city, as_of=AS_OF)} == {"T11"}

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a forecast was made again")

    monkeypatch.setattr(services, "forecast_places", refused)
    assert keep_forecasts(actor=None, place=city, as_of=AS_OF) == []
    with pytest.raises(AssertionError, match="made again"):
        keep_forecasts(actor=None, place=city, as_of=AS_OF - timedelta(days=7))


def test_each_family_is_forecast_once_down_to_the_level_asked_for(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the province three levels down: city, counties and townships; villages are not reached."""
    asked: list[tuple[str, bool]] = []

    def noted(*, place: Place, only_below: bool = False, **_: object) -> list[KeptForecast]:
        asked.append((place.code, only_below))
        return []

    monkeypatch.setattr(jobs, "keep_forecasts", noted)
    assert jobs.morning_forecasts(as_of=AS_OF, root=town.places["province"], levels=3) == 0
    assert asked == [("T1", False), ("T11", True), ("T111", True), ("T112", True)]


def test_the_morning_needs_no_name(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a place the command keeps those of every place at the top, as of yesterday."""
    monkeypatch.setattr("django.setup", lambda: None)
    monkeypatch.setattr("fangxian.assessment.selectors.latest_as_of", lambda: AS_OF + timedelta(days=1))
    forecasts()
    assert {row.place.parent for row in KeptForecast.objects.all()} >= {None}
    assert set(KeptForecast.objects.values_list("as_of", flat=True)) == {AS_OF}


def test_command_keeps_weeks_back_and_refuses_days_to_come(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two earlier rounds and this one; places two levels down too; no day that has not come."""
    monkeypatch.setattr("django.setup", lambda: None)
    forecasts("T11", as_of=[datetime.combine(AS_OF, time(), UTC)], weeks_back=1, levels=2)
    assert capsys.readouterr().out.count("保存了") == 2
    assert KeptForecast.objects.values("as_of").distinct().count() == 2
    assert KeptForecast.objects.filter(place__parent__code="T111").exists()
    with pytest.raises(InvalidInput, match="has not come yet"):
        forecasts("T11", as_of=[datetime(2999, 1, 1, tzinfo=UTC)])
