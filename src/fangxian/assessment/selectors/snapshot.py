"""The snapshot: everything that a brief of a place needs, read in a handful of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from fangxian.assessment.selectors.owing import owed
from fangxian.assessment.selectors.totals import FormTotals, Window, read_totals
from fangxian.base.errors import NotFound
from fangxian.ground.emergency_plans.selectors import plan_of_edition, sha256_in_force
from fangxian.ground.places.models import LevelName, Place
from fangxian.ground.places.selectors import capacity_totals
from fangxian.plans.schema import Aggregation, Form, Plan
from fangxian.reporting.rules.state import deadline_at
from fangxian.reporting.selectors.coverage import UnitGroups, groups_in
from fangxian.reporting.selectors.units import children_of
from fangxian.studies.brief.beds import bed_series
from fangxian.studies.brief.from_plan import brief_indicators, disease_of, serial_interval_of
from fangxian.studies.brief.records import BriefIndicator, BriefInput, BriefPlace, Panel, Timeliness

FloatArray = NDArray[np.float64]
HISTORY_DAYS = 400
BELOW_DAYS = 20
ENOUGH_BEFORE_THE_DEADLINE = 0.8
_BED_FIELDS = ("in_hospital", "intensive_care", "ordinary_beds", "intensive_care_beds")


@dataclass(frozen=True)
class _Snapshot:
    """What was read, before it is laid out for the brief."""

    window: Window
    plan: Plan
    totals: dict[str, FormTotals]
    due: dict[str, FloatArray]
    population_due: dict[str, FloatArray]
    synthetic: bool
    last: dict[str, date]


def snapshot(place: Place, as_of: date, *, below_days: int = BELOW_DAYS) -> BriefInput:
    """Return the input of the brief of a place as it stood at the end of a day.

    The places below are read for ``below_days``. A day counts once its reports were due by then, or once four
    of five units that owe them have given them; what was said later is taken out, and later corrections give
    way to the revision that stood.
    """
    sha256 = sha256_in_force(place, as_of)
    plan = plan_of_edition(sha256)
    cut = end_of_day(plan, as_of)
    read = _read(place, plan, as_of, cut, below_days)
    indicators = brief_indicators(plan)
    forms = _forms_used(plan, indicators, read)
    panel = _panel(read, as_of, indicators, forms)
    return BriefInput(
        as_of=as_of,
        first_day=read.window.first,
        places=_brief_places(read.window.places),
        indicators=indicators,
        panel=panel,
        timeliness=_timeliness(read, cut),
        lineage=_Lineage(read, indicators, forms),
        capacities=_capacities(read, as_of),
        synthetic=read.synthetic
        or any(bool(totals.counters["synthetic"].any()) for totals in read.totals.values()),
        plan={
            "id": plan.identity.id,
            "version": plan.identity.version,
            "sha256": sha256,
        },
        sources=[_said_of_plan(plan)],
        **_disease(plan),
    )


def end_of_day(plan: Plan, day: date) -> datetime:
    """Return the first instant after a local day of the plan."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(plan.identity.timezone))


def _said_of_plan(plan: Plan) -> dict[str, str]:
    identity = plan.identity
    return {
        "zh": f"各单位报送；{identity.title.zh} {identity.version}",
        "en": f"Reports of the units; {identity.title.en} {identity.version}",
    }


def _disease(plan: Plan) -> dict[str, Any]:
    try:
        disease = disease_of(plan)
    except NotFound:
        return {}
    return {"serial_interval": serial_interval_of(disease), "disease": disease.name.model_dump()}


def _read(place: Place, plan: Plan, as_of: date, cut: datetime, below_days: int) -> _Snapshot:
    last = {form.id: _last_due(form, as_of, cut) for form in plan.forms}
    window = Window(
        places=[place, *children_of(place)],
        forms={form.id: form for form in plan.forms},
        first=as_of - timedelta(days=HISTORY_DAYS),
        first_below=as_of - timedelta(days=below_days),
        last=last,
        cut=cut,
        fields=_wanted_fields(plan),
    )
    units = groups_in(place)
    due, people = {}, {}
    for form in plan.forms:
        due[form.id], people[form.id] = _owed(window, form, units)
    totals = read_totals(window)
    counted = {}
    for form in plan.forms:
        due_by_now = _last_due(form, last[form.id], min(cut, timezone.now()))
        counted[form.id] = _last_counted(window, totals[form.id], due[form.id], due_by_now, last[form.id])
        due[form.id][(counted[form.id] - window.first).days + 1 :] = 0
    return _Snapshot(window, plan, totals, due, people, bool(units.synthetic.any()), counted)


def _wanted_fields(plan: Plan) -> dict[str, list[str]]:
    """Return by form the fields of the brief: those of indicators, and beds."""
    wanted = {form.id: [field.id for field in form.fields if field.id in _BED_FIELDS] for form in plan.forms}
    for indicator in plan.indicators:
        for form_id, field_id in (source.split(".", 1) for source in indicator.sources):
            wanted[form_id].append(field_id)
    return wanted


def _last_due(form: Form, day: date, at: datetime) -> date:
    """Return the last day, not after ``day``, whose reports were due at an instant."""
    while deadline_at(form.deadline, day) > at:
        day -= timedelta(days=1)
    return day


def _last_counted(window: Window, totals: FormTotals, due: FloatArray, day: date, last: date) -> date:
    """Return the last day of the brief: later than the last due where most units were early."""
    while day < last:
        index = (day - window.first).days + 1
        owed, came = due[index, 0], totals.counters["reported"][index, 0]
        if owed == 0 or came < ENOUGH_BEFORE_THE_DEADLINE * owed:
            break
        day += timedelta(days=1)
    return day


def _owed(window: Window, form: Form, units: UnitGroups) -> tuple[FloatArray, FloatArray]:
    """Return units that owe a form and the people they serve, [time, place]; 0 after the last day due."""
    length = (window.last[form.id] - window.first).days + 1
    days = [window.first + timedelta(days=step) for step in range(length)]
    owing, served = owed(form, units, window.places, days)
    unread = max(0, (window.first_below - window.first).days)
    owing[:unread, 1:], served[:unread, 1:] = 0, np.nan
    shape = (window.days, len(window.places))
    due, people = np.zeros(shape), np.full(shape, np.nan)
    due[:length], people[:length] = owing, served
    return due, people


def _forms_used(
    plan: Plan, indicators: list[BriefIndicator], read: _Snapshot
) -> list[list[tuple[str, str] | None]]:
    """Return for each indicator and place the first form that any unit owes there, and the field."""
    sources = {one.id: [source.split(".", 1) for source in one.sources] for one in plan.indicators}
    owed = {form_id: due[-_recent(read) :].sum(axis=0) > 0 for form_id, due in read.due.items()}
    used: list[list[tuple[str, str] | None]] = []
    for indicator in indicators:
        of_indicator = sources.get(indicator.id, [])
        used.append(
            [
                next(((form, field) for form, field in of_indicator if owed[form][index]), None)
                for index in range(len(read.window.places))
            ]
        )
    return used


def _recent(read: _Snapshot) -> int:
    return min(read.window.days, BELOW_DAYS)


def _panel(
    read: _Snapshot, as_of: date, indicators: list[BriefIndicator], forms: list[list[tuple[str, str] | None]]
) -> Panel:
    days = (as_of - read.window.first).days + 1
    shape = (len(indicators), days, len(read.window.places))
    values, share = np.full(shape, np.nan), np.full(shape, np.nan)
    reported, due = np.zeros(shape), np.zeros(shape)
    spoken = {form_id: _population_share(read, form_id) for form_id in read.totals}
    for index, of_places in enumerate(forms):
        for source in {one for one in of_places if one is not None}:
            form_id, field_id = source
            totals = read.totals[form_id]
            length = (read.last[form_id] - read.window.first).days + 1
            mean = read.window.forms[form_id].field(field_id).aggregation is Aggregation.MEAN
            chosen = np.array([one == source for one in of_places])
            for panel, found in (
                (values, totals.figure(field_id, mean=mean)),
                (reported, totals.counts[:, :, totals.fields[field_id]]),
                (due, read.due[form_id]),
                (share, spoken[form_id]),
            ):
                np.copyto(panel[index, :length], found[:length], where=chosen)
    return Panel(*(panel.transpose(1, 2, 0) for panel in (values, reported, due, share)))


def _population_share(read: _Snapshot, form_id: str) -> FloatArray:
    """Return the share of the people served whose units reported, [time, place]."""
    people = read.population_due[form_id]
    with np.errstate(invalid="ignore", divide="ignore"):
        spoken = read.totals[form_id].counters["population_reported"] / people
    return np.where(people > 0, np.minimum(spoken, 1.0), np.nan)


def _brief_places(places: Any) -> list[BriefPlace]:  # noqa: ANN401 -- a sequence of Place
    names = {
        level: {"zh": zh, "en": en}
        for level, zh, en in LevelName.objects.filter(country=places[0].country).values_list(
            "level", "name_zh", "name_en"
        )
    }
    return [
        BriefPlace(
            code=place.code,
            name=place.name,
            name_en=place.name_en,
            level=place.level,
            level_name=names.get(place.level, {"zh": "", "en": place.get_level_display()}),
            parent=None if index == 0 else 0,
            population=place.population,
        )
        for index, place in enumerate(places)
    ]


def _timeliness(read: _Snapshot, cut: datetime) -> list[Timeliness]:
    """Return reports of the last day due, all forms together; none is missing before its deadline."""
    now = min(cut, timezone.now())
    day = max(read.last.values())
    found = []
    for index in range(len(read.window.places)):
        on_time = late = missing = owed = 0
        open_still = False
        for form_id, form in read.window.forms.items():
            time_index = (read.last[form_id] - read.window.first).days
            due = int(read.due[form_id][time_index, index])
            counters = read.totals[form_id].counters
            came, came_late = (int(counters[name][time_index, index]) for name in ("reported", "late"))
            owed += due
            on_time, late = on_time + came - came_late, late + came_late
            missing += max(0, due - came)
            open_still |= due > came and deadline_at(form.deadline, read.last[form_id]) > now
        if owed == 0:
            found.append(Timeliness(None, None, None, day))
        else:
            found.append(Timeliness(on_time, late, None if open_still else missing, day))
    return found


@dataclass(frozen=True)
class _Lineage:
    """Addresses of the drill-down behind each figure."""

    read: _Snapshot
    indicators: list[BriefIndicator]
    forms: list[list[tuple[str, str] | None]]

    def __call__(self, time_index: int, place: int, indicator: int) -> str:
        """Return the address for a day, place and indicator; of the numerator for a ratio."""
        one = self.indicators[indicator]
        if one.numerator is not None:
            indicator = next(
                (index for index, other in enumerate(self.indicators) if other.id == one.numerator), indicator
            )
        source = self.forms[indicator][place]
        if source is None:
            return ""
        day = self.read.window.first + timedelta(days=time_index)
        return f"/figures/{self.read.window.places[place].code}/{source[0]}/{source[1]}/{day.isoformat()}/"


def _capacities(read: _Snapshot, as_of: date) -> Any:  # noqa: ANN401 -- a list of CapacitySeries
    """Return beds as the units state them day by day; where none does, as the registry has them."""
    days = (as_of - read.window.first).days + 1
    series: dict[str, FloatArray] = {}
    origin: dict[str, str] = {}
    place = read.window.places[0]
    for form_id, totals in read.totals.items():
        for name in _BED_FIELDS:
            if name in totals.fields and name not in series and read.due[form_id][:, 0].any():
                padded = np.full(days, np.nan)
                length = (read.last[form_id] - read.window.first).days + 1
                padded[:length] = totals.figure(name)[:length, 0]
                series[name], origin[name] = padded, form_id
    found = bed_series(
        series,
        lambda name: f"/figures/{place.code}/{origin[name]}/{name}/{read.last[origin[name]].isoformat()}/",
        length=days,
    )
    if all(one.total is not None for one in found):
        return found
    registered = capacity_totals(place, [one.kind for one in found], on=as_of)
    return [
        one
        if one.total is not None or one.kind not in registered
        else type(one)(one.kind, one.label, one.occupied, float(registered[one.kind].amount), one.lineage)
        for one in found
    ]
