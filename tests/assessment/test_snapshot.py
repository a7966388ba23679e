"""The brief from the database: strict as of a day, absent never zero, each figure with its coverage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangxian.assessment.selectors import brief_for
from fangxian.assessment.selectors import totals as totals_module
from fangxian.base.errors import InvalidInput
from fangxian.ground.places.models import Place
from fangxian.studies.brief.contract import Brief
from town import AS_OF, Town, noon_after

DAY = AS_OF - timedelta(days=1)


def _city(town: Town) -> Place:
    return town.places["city"]


def _figure(brief: Brief, indicator: str) -> float | None:
    part = brief.indicator(indicator)
    assert part is not None
    return part.value


def test_figure_is_the_sum_of_what_was_reported_with_its_coverage(town: Town) -> None:
    """Three of four hospitals gave 5, 6 and 7; the fourth is missing, not zero."""
    brief = brief_for(_city(town), AS_OF)
    cases = brief.indicator("new_cases")
    assert cases is not None
    assert (cases.value, cases.day) == (18, DAY)
    assert (cases.coverage.reported, cases.coverage.due) == (3, 4)
    assert cases.coverage.population_share == 0.75
    assert cases.lineage == f"/figures/T11/hospital-daily/new_cases/{DAY}/"
    assert cases.cumulative is not None
    assert cases.cumulative.value == sum(3 * (step // 4) + 3 for step in range(21))


def test_place_below_without_reports_is_null(town: Town) -> None:
    """The county of H21 and H22 gives what H21 said; an unreported field stays null."""
    brief = brief_for(_city(town), AS_OF)
    below = {place.code: {part.id: part for part in place.indicators} for place in brief.below}
    assert below["T111"]["new_cases"].value == 11
    assert below["T112"]["new_cases"].value == 7
    assert below["T112"]["deaths"].value is None
    assert _figure(brief, "deaths") is None
    assert _figure(brief, "home_care") is None


def test_timeliness_counts_in_time_and_missing(town: Town) -> None:
    """Of four hospitals and four clinics, three were in time and five never came."""
    record = brief_for(_city(town), AS_OF).timeliness
    assert (record.on_time, record.late, record.missing, record.day) == (3, 0, 5, DAY)


@pytest.mark.parametrize("undone_at_most", [20_000, 0])
def test_what_is_said_later_changes_no_byte(
    town: Town, undone_at_most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Late reports, corrections and new days after the day of the brief leave it as it was."""
    before = brief_for(_city(town), AS_OF).to_json()
    after = noon_after(AS_OF, 2)
    town.say("H22", DAY, 50, at=after)
    town.say("H11", DAY - timedelta(days=3), 77, at=after, expected_revision=1, reason="more")
    town.say("H11", DAY - timedelta(days=3), 78, at=after, expected_revision=2, reason="again")
    town.say("H12", AS_OF, 40, at=after)
    town.say("H12", AS_OF - timedelta(days=20), 40, at=after, expected_revision=1, reason="long ago")
    monkeypatch.setattr(totals_module, "UNDONE_AT_MOST", undone_at_most)
    assert brief_for(_city(town), AS_OF).to_json() == before
    later = brief_for(_city(town), AS_OF + timedelta(days=3)).to_json()
    assert later != before


def test_later_reports_from_elsewhere_leave_a_brief_alone(town: Town) -> None:
    """A county's brief as of an earlier day takes out what its own units said later, and nobody else's."""
    county = town.places["county-2"]
    before = brief_for(county, AS_OF).to_json()
    town.say("H11", DAY, 77, at=noon_after(AS_OF, 2), expected_revision=1, reason="more")
    assert brief_for(county, AS_OF).to_json() == before


def test_report_of_a_day_not_due_yet_is_no_figure(town: Town) -> None:
    """A report made before its deadline about the day itself waits for the others."""
    town.say("H11", AS_OF, 99, at=noon_after(AS_OF, 0))
    brief = brief_for(_city(town), AS_OF)
    assert _figure(brief, "new_cases") == 18
    assert any(unknown.code == "days-not-due" for unknown in brief.unknowns)


def test_unknown_is_not_zero(town: Town) -> None:
    """A hospital that declares a number not known lowers the coverage, not the mean."""
    town.say("H12", DAY, None, at=noon_after(DAY), expected_revision=1, reason="not known")
    cases = brief_for(_city(town), AS_OF).indicator("new_cases")
    assert cases is not None
    assert (cases.value, cases.coverage.reported) == (12, 2)


def test_township_reads_its_villages_live(town: Town) -> None:
    """Totals are not kept for villages; the brief of a township still shows them."""
    brief = brief_for(town.places["township-11"], AS_OF)
    assert _figure(brief, "new_cases") == 5
    assert [place.code for place in brief.below] == ["T11111"]
    village = brief_for(town.places["village-111"], AS_OF)
    assert _figure(village, "home_care") is None


def test_day_ahead_is_refused(town: Town) -> None:
    """A brief of tomorrow cannot be asked for."""
    with pytest.raises(InvalidInput, match="has not come yet"):
        brief_for(_city(town), AS_OF + timedelta(days=100_000))


def test_few_queries(town: Town, django_assert_max_num_queries) -> None:
    """The number of queries does not grow with places or days."""
    place = _city(town)
    brief_for(place, AS_OF)
    with django_assert_max_num_queries(8):
        brief_for(place, AS_OF)
