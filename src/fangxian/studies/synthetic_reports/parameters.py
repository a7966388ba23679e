"""The numbers behind the synthetic reports; working values for a plausible picture, not estimates."""

from __future__ import annotations

from pydantic import Field

from fangxian.plans.schema import Record


class Parameters(Record):
    """Every number of the model, with its unit; docs/explanation/demo-data.md says what each does.

    None is estimated from data. Where a source is named the order of magnitude was taken from it.
    """

    seed: int = Field(default=20230108, ge=0)

    village_share: float = Field(default=0.18, gt=0, le=1, description="Infections seen by a village clinic")
    intensive_share: float = Field(default=0.09, gt=0, lt=1, description="Of the admitted: to intensive care")
    ward_stay_days: float = Field(default=8.0, gt=1)
    intensive_stay_days: float = Field(default=9.0, gt=1)
    intensive_fatality: float = Field(
        default=0.28, ge=0, lt=1, description="Of those who leave intensive care"
    )
    ward_fatality: float = Field(default=0.012, ge=0, lt=1, description="Of those who leave the ward")

    other_fever_visits: float = Field(
        default=3.5, gt=0, description="Fever visits a day and 100 000, other causes"
    )
    tests_per_positive: float = Field(default=9.0, gt=1, description="At low prevalence")
    village_visits: float = Field(
        default=25.0, gt=0, description="Fever or cough visits a day and 100 000, other causes"
    )
    home_care_days: int = Field(default=6, ge=1)

    on_time_share: float = Field(default=0.93, gt=0, le=1, description="Mean over units")
    late_share: float = Field(
        default=0.6, ge=0, le=1, description="Of the reports that are not on time: late, not missing"
    )
    correction_share: float = Field(default=0.006, ge=0, le=0.2)
    contradiction_share: float = Field(
        default=0.0008, ge=0, le=0.2, description="Reports that contradict the day before"
    )
    cross_contradiction_share: float = Field(
        default=0.008,
        ge=0,
        le=0.2,
        description="Laboratory reports that contradict the hospitals of the county",
    )
    outage_share: float = Field(
        default=0.004, ge=0, le=0.2, description="Units that fall silent on a day, for a week"
    )
