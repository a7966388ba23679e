"""The published contract of the brief: what ``--json`` prints and what the API answers.

Absent is ``null`` and never 0. Keys are only added while ``contract`` is 1.
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A frozen part of the brief that refuses numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Words(Part):
    """One text in Chinese and in English."""

    zh: str
    en: str

    def say(self, language: str) -> str:
        """Return the text of a language, ``"zh"`` or ``"en"``."""
        return self.en if language == "en" else self.zh


class PlacePart(Part):
    """The place that the brief is about."""

    code: str
    name: str
    level: int = Field(description="0 nation, 1 province, 2 city, 3 county, 4 township, 5 village")
    name_en: str = ""
    level_name: Words
    population: int | None = None


class CoveragePart(Part):
    """How much of what was due stands behind a figure."""

    reported: int | None = Field(description="Units that gave the number")
    due: int | None = Field(description="Units that had to")
    share: float | None = Field(description="reported / due")
    population_share: float | None = Field(description="Share of the population that these units serve")


class CumulativePart(Part):
    """Sum of the known days since a day."""

    value: float
    since: date
    missing_days: int = Field(description="Days since then that are not in the sum")


class IndicatorPart(Part):
    """One figure of the place."""

    id: str
    value: float | None = Field(description="On `day`; null: not reported")
    unit: str
    coverage: CoveragePart
    change_7d: float | None = Field(
        description="Relative change. Daily counts: mean of the last 7 days against the 7 before; stocks: "
        "against 7 days before; ratios: of the 7-day ratios. 0.25 is a quarter more"
    )
    lineage: str = Field(description="Address, or file and rows, that opens the records behind the value")
    label: Words
    kind: str = Field(description="daily_count, stock or ratio")
    day: date | None = Field(description="The last day whose reports were due")
    change_7d_absolute: float | None = Field(description="The same change in units of the figure")
    sum_7d: float | None = Field(description="Daily counts: known days of the last 7; else null")
    per_100000_7d: float | None = Field(description="sum_7d per 100 000 people")
    cumulative: CumulativePart | None = None


class BelowIndicatorPart(Part):
    """One figure of a place below."""

    id: str
    value: float | None
    unit: str
    coverage: CoveragePart
    change_7d: float | None
    sum_7d: float | None
    per_100000_7d: float | None
    lineage: str


class ReproductionPart(Part):
    """The reproduction number with its 95 % interval."""

    median: float | None
    lower: float | None
    upper: float | None
    method: str
    window_start: date | None = None
    window_end: date | None = None
    cases: float | None = Field(default=None, description="Cases in the window")
    words: Words


class DoublingPart(Part):
    """Doubling time in days; negative: the counts halve in that time."""

    days: float | None
    lower: float | None = Field(description="Shortest of the 95 % interval; null where growth is not decided")
    upper: float | None
    growth_per_day: float | None = Field(description="0.1 is a tenth more each day")
    method: str
    words: Words


class AlarmPlace(Part):
    """Where an alarm or a change stands."""

    code: str
    name: str
    name_en: str = ""


class AlarmPart(Part):
    """A count above what its past leads one to expect."""

    place: AlarmPlace
    indicator: str
    date: date
    observed: float
    expected: float
    method: str
    upper: float = Field(description="A count of one day above this is an alarm")
    window_days: int = Field(default=1, description="Days up to this one whose sum raised the alarm")
    window_observed: float | None = Field(default=None, description="Their sum; null: one day")
    window_expected: float | None = Field(default=None, description="What was expected of it")
    words: Words
    lineage: str


class CapacityPart(Part):
    """Beds of one kind."""

    kind: str
    occupied: float | None
    total: float | None
    days_to_full: float | None = Field(description="null: not known, or the beds are not filling")
    label: Words
    share: float | None = Field(description="occupied / total")
    day: date | None
    trend: str | None = Field(description="linear, exponential or falling; null: not known")
    words: Words
    lineage: str


class TimelinessPart(Part):
    """Reports of `day`, all forms together, counted as of the brief."""

    on_time: int | None
    late: int | None
    missing: int | None
    day: date | None


class BelowPart(Part):
    """One place directly below."""

    code: str
    name: str
    indicators: list[BelowIndicatorPart]
    level: int
    name_en: str = ""
    population: int | None
    timeliness: TimelinessPart

    def figure(self, indicator: str) -> BelowIndicatorPart:
        """Return the figure of that id; absent where no unit of the place owes it."""
        return next((part for part in self.indicators if part.id == indicator), _absent(indicator))


def _absent(indicator: str) -> BelowIndicatorPart:
    nothing = CoveragePart(reported=None, due=None, share=None, population_share=None)
    return BelowIndicatorPart(
        id=indicator,
        value=None,
        unit="",
        coverage=nothing,
        change_7d=None,
        sum_7d=None,
        per_100000_7d=None,
        lineage="",
    )


class ChangePart(Part):
    """One of the things that changed most, and why."""

    rank: int
    place: AlarmPlace
    indicator: str
    before: float
    after: float
    difference: float
    words: Words
    why: list[Words]
    lineage: str


class UnknownPart(Part):
    """One thing that is not known, or an assumption that was made."""

    code: str
    words: Words


class CurvePart(Part):
    """A series for a curve, day by day from `first_day`."""

    indicator: str
    label: Words
    kind: str
    first_day: date
    values: list[float | None]
    mean_7d: list[float | None]
    coverage: list[float | None]


class ReproductionCurvePart(Part):
    """The reproduction number of the window that ends on each day."""

    first_day: date
    median: list[float | None]
    lower: list[float | None]
    upper: list[float | None]


class ForecastWeekPart(Part):
    """Sum of the seven days up to `last_day`, as forecast."""

    week: int = Field(description="1 is the week after the last day known")
    first_day: date
    last_day: date
    median: float
    lower_50: float
    upper_50: float
    lower_95: float
    upper_95: float


class PastForecastPart(ForecastWeekPart):
    """An earlier forecast, and what came."""

    as_of: date = Field(description="Nothing that was reported later was known")
    observed: float
    wis: float = Field(description="Weighted interval score of this forecast, in units of the figure")
    basis: str = Field(
        description="kept: made before what it forecasts; replayed: made afterwards from what had been "
        "reported by then; retold: made afterwards from the figures as they stand now"
    )


class ForecastRecordPart(Part):
    """How good the earlier forecasts were, on the outcomes known by now."""

    rounds: int = Field(description="Earlier forecasts, at least a week apart")
    forecasts: int = Field(description="Their weeks whose outcome is known")
    first_as_of: date
    last_as_of: date
    inside_50: int = Field(description="Outcomes inside the 50 % interval")
    inside_95: int
    wis: float = Field(description="Mean weighted interval score")
    relative_wis: float | None = Field(description="Over that of the baseline on the same weeks")
    baseline: str
    replayed: int = Field(description="Rounds made afterwards from what had been reported by their day")
    retold: int = Field(description="Rounds made afterwards from the figures as they stand now")
    words: Words = Words(zh="", en="")


class WeekSumPart(Part):
    """What came in the seven days up to `last_day`; null where a day is not known."""

    last_day: date
    value: float | None


class ForecastPart(Part):
    """What is forecast of one figure of the place, and what earlier forecasts were worth."""

    indicator: str
    label: Words
    unit: str
    as_of: date | None = Field(description="Of the forecast of `weeks`; null: none is current")
    model: str
    version: str
    weeks: list[ForecastWeekPart]
    past: list[PastForecastPart] = Field(description="Weeks whose outcome is known, the latest first")
    history: list[WeekSumPart] = Field(description="The weeks before, up to the last day of the forecast")
    record: ForecastRecordPart | None
    words: Words


class GeneratedBy(Part):
    """Program and version."""

    name: str = "fangxian"
    version: str


class Brief(Part):
    """The whole brief."""

    contract: int = 1
    as_of: date
    place: PlacePart
    synthetic: bool
    indicators: list[IndicatorPart]
    reproduction_number: ReproductionPart
    alarms: list[AlarmPart]
    capacity: list[CapacityPart]
    timeliness: TimelinessPart
    below: list[BelowPart]
    headline: list[Words]
    doubling_time: DoublingPart
    changes: list[ChangePart]
    unknowns: list[UnknownPart]
    curves: list[CurvePart]
    reproduction_curve: ReproductionCurvePart | None
    disease: Words | None
    plan: dict[str, str]
    sources: list[Words]
    generated_by: GeneratedBy
    forecasts: list[ForecastPart] = []

    def indicator(self, indicator_id: str) -> IndicatorPart | None:
        """Return the figure of that id, or None."""
        return next((part for part in self.indicators if part.id == indicator_id), None)

    @property
    def alarm_methods(self) -> tuple[str, ...]:
        """Methods that raised an alarm, each once; one alone is named at the foot, several at each alarm."""
        return tuple(dict.fromkeys(alarm.method for alarm in self.alarms))

    def to_json(self) -> str:
        """Return the contract as JSON, indented, with a newline at the end."""
        return self.model_dump_json(indent=2) + "\n"
