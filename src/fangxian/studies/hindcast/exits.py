"""The packaged plans as they stood on a day of the winter of 2022, and other ways out of containment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from fangxian.plans.schema import ContactQuarantine, Measure, Plan
from fangxian.studies.hindcast.phases import Phase

FIRST_DAY = date(2022, 11, 11)
"""Twenty measures 二十条: five days of central isolation, no screening of whole districts."""

TEN_MEASURES_DAY = (date(2022, 12, 7) - FIRST_DAY).days
"""Ten measures 新十条: the infected stay at home; the plan of class B stands for them."""

DROPPED_BY_TWENTY_MEASURES = ("pooled-testing", "standstill")
FROM_NOVEMBER = "close-contact-from-november"


def twenty_measures(containment: Plan) -> Plan:
    """Return a containment plan with the shorter quarantine of November 2022.

    Parameters
    ----------
    containment : Plan
        With a schedule of contacts named ``close-contact-from-november``.

    Returns
    -------
    Plan

    Raises
    ------
    ValueError
        If the plan has no such schedule.
    """
    if FROM_NOVEMBER not in {contact.id for contact in containment.contacts}:
        raise ValueError(
            f"twenty_measures: the plan {containment.identity.id} has no contact schedule {FROM_NOVEMBER}; "
            "add it, or rehearse the plan as it is"
        )
    return containment.model_copy(
        update={"measures": tuple(_with_schedule(measure) for measure in containment.measures)}
    )


def as_ordered(containment: Plan, class_b: Plan) -> list[Phase]:
    """Return what was ordered: twenty measures on 11 November, class B from 7 December."""
    return [
        Phase(0, twenty_measures(containment), DROPPED_BY_TWENTY_MEASURES),
        Phase(TEN_MEASURES_DAY, class_b),
    ]


def always(plan: Plan, measures: Collection[str]) -> Plan:
    """Return a plan that takes some measures from its first day on, whatever its levels say."""
    return _changed(plan, measures, {"always": True})


def borrowing(plan: Plan, measure: Measure, **changes: Any) -> Plan:  # noqa: ANN401 -- fields of an effect
    """Return a plan with a measure of another one, always taken, the fields of its effects changed."""
    effects = tuple(
        effect.model_copy(update={name: value for name, value in changes.items() if hasattr(effect, name)})
        for effect in measure.effects
    )
    kept = tuple(one for one in plan.measures if one.id != measure.id)
    borrowed = measure.model_copy(update={"always": True, "effects": effects})
    return plan.model_copy(update={"measures": (*kept, borrowed)})


def measure_of(plan: Plan, measure_id: str) -> Measure:
    """Return a measure of a plan by its id; KeyError names an id that is not there."""
    return {measure.id: measure for measure in plan.measures}[measure_id]


def _changed(plan: Plan, measures: Collection[str], update: dict[str, Any]) -> Plan:
    unknown = set(measures) - {measure.id for measure in plan.measures}
    if unknown:
        raise ValueError(
            f"always: the plan {plan.identity.id} has no measure {', '.join(sorted(unknown))}; "
            f"name one of {', '.join(measure.id for measure in plan.measures)}"
        )
    return plan.model_copy(
        update={
            "measures": tuple(
                measure.model_copy(update=update) if measure.id in measures else measure
                for measure in plan.measures
            )
        }
    )


def _with_schedule(measure: Measure) -> Measure:
    effects = tuple(
        effect.model_copy(update={"contact": FROM_NOVEMBER})
        if isinstance(effect, ContactQuarantine)
        else effect
        for effect in measure.effects
    )
    return measure.model_copy(update={"effects": effects})
