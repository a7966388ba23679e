"""One run under several plans, each from its first day on."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace

from fangxian.plans.schema import DiseaseFile, Plan, RehearsalDefaults
from fangxian.science.agents.measures import DayMeasures
from fangxian.science.agents.outcome import Outcome, Reported
from fangxian.science.agents.run import simulate
from fangxian.studies.rehearsal.calibration import transmissibility_for
from fangxian.studies.rehearsal.controller import Diary, LevelController
from fangxian.studies.rehearsal.from_disease import course_of
from fangxian.studies.rehearsal.from_plan import MeasuresOfDay
from fangxian.studies.rehearsal.in_force import InForce, Switchboard
from fangxian.studies.rehearsal.observables import Observed
from fangxian.studies.rehearsal.play import Question, Rehearsal, make_ready, symptomatic_share
from fangxian.studies.rehearsal.town import Town


@dataclass(frozen=True)
class Phase:
    """A plan and the day from which it is in force.

    Parameters
    ----------
    from_day : int
        Day of the run, from 0.
    plan : Plan
    off : tuple of str
        Ids of its measures that are not taken.
    """

    from_day: int
    plan: Plan
    off: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class PhasedRun:
    """One run: what happened, what was done, and the ids of all measures of all plans."""

    outcome: Outcome
    diary: Diary
    measures: tuple[str, ...]


class PhasedRehearsal:
    """Plans made ready to follow each other.

    Parameters
    ----------
    phases : sequence of Phase
        By first day; the first begins on day 0.
    disease : DiseaseFile
    town : Town
    question : Question
        Length and start of the run.

    Raises
    ------
    ValueError
        If the phases do not begin on day 0 and rise.
    """

    def __init__(self, phases: Sequence[Phase], disease: DiseaseFile, town: Town, question: Question) -> None:
        days = [phase.from_day for phase in phases]
        if not days or days[0] != 0 or sorted(set(days)) != days:
            raise ValueError(
                f"PhasedRehearsal: phases must begin on day 0 and rise (got {days}); "
                "give each plan the day from which it is in force"
            )
        self.question = question
        self._from_day = days
        plans = _prepared([phase.plan for phase in phases])
        first = make_ready(plans[0], disease, town, question, off=phases[0].off)
        self._ready = [
            first,
            *(
                replace(first, plan=plan, off=phase.off)
                for plan, phase in zip(plans[1:], phases[1:], strict=True)
            ),
        ]

    def restarted(self, *, infections_per_million: float, reproduction_number: float) -> PhasedRehearsal:
        """Return the same plans in the same town from another start, without building the town again.

        Parameters
        ----------
        infections_per_million : float
            Infected on the first day.
        reproduction_number : float
            Infections caused by one.

        Returns
        -------
        PhasedRehearsal
        """
        other = copy(self)
        first = self._ready[0]
        start = (first.plan.rehearsal or RehearsalDefaults()).model_copy(
            update={"infections_per_million": infections_per_million}
        )
        infects = transmissibility_for(first.disease, first.town, reproduction_number=reproduction_number)
        course = course_of(first.disease, first.town, transmissibility=infects)
        plan = first.plan.model_copy(update={"rehearsal": start})
        other._ready = [
            replace(ready, course=course, plan=plan if number == 0 else ready.plan)
            for number, ready in enumerate(self._ready)
        ]
        return other

    def instead(self, phases: Sequence[Phase]) -> PhasedRehearsal:
        """Return other plans in the same town from the same start, without building the town again.

        Raises
        ------
        ValueError
            If the plans have other tiers of key people, which are part of the town.
        """
        first = self._ready[0]
        plans = _prepared([phase.plan for phase in phases])
        if plans[0].tiers != first.plan.tiers:
            raise ValueError(
                f"PhasedRehearsal.instead: the plans must have the tiers of those in use (got those of "
                f"{plans[0].identity.id}); make them ready on their own"
            )
        plans[0] = plans[0].model_copy(update={"rehearsal": first.plan.rehearsal})
        other = copy(self)
        other._from_day = [phase.from_day for phase in phases]
        other._ready = [
            replace(first, plan=plan, off=phase.off) for plan, phase in zip(plans, phases, strict=True)
        ]
        return other

    def play(self, seed: int) -> PhasedRun:
        """Play the plans once; the same for the same seed, always."""
        diary = Diary()
        controllers = [
            _controller(ready, from_day, diary)
            for ready, from_day in zip(self._ready, self._from_day, strict=True)
        ]

        def in_turn(seen: Reported) -> DayMeasures:
            number = sum(from_day <= seen.day for from_day in self._from_day) - 1
            return controllers[number](seen)

        first = self._ready[0]
        outcome = simulate(
            first.city,
            first.course,
            in_turn,
            days=self.question.days,
            seed=seed,
            protection=first.protection,
        )
        names = dict.fromkeys(measure.id for ready in self._ready for measure in ready.plan.measures)
        return PhasedRun(outcome, diary, tuple(names))


class _MeasuresFrom(MeasuresOfDay):
    """Counts days from the first of its plan, so that a delivery comes when the plan begins."""

    def __init__(self, ready: Rehearsal, from_day: int) -> None:
        super().__init__(ready.plan, ready.disease, ready.town)
        self._from_day = from_day

    def build(self, in_force: InForce, day: int) -> DayMeasures:
        """Return the measures of a day of the run."""
        return super().build(in_force, day - self._from_day)


def _controller(ready: Rehearsal, from_day: int, diary: Diary) -> LevelController:
    controller = LevelController(
        ready.plan,
        ready.town,
        Switchboard(ready.plan, ready.town.population.place_parent, ready.off),
        _MeasuresFrom(ready, from_day),
        Observed(ready.plan, symptomatic_share(ready)),
    )
    controller.diary = diary
    return controller


def _prepared(plans: Sequence[Plan]) -> list[Plan]:
    """Give every plan the tiers of the last that has them and its months since vaccination.

    Only the first plan seeds the epidemic; the others find what it left.
    """
    tiers = next((plan.tiers for plan in reversed(plans) if plan.tiers is not None), None)
    months = (plans[-1].rehearsal or RehearsalDefaults()).months_since_dose
    prepared = []
    for number, plan in enumerate(plans):
        start = (plan.rehearsal or RehearsalDefaults()).model_copy(update={"months_since_dose": months})
        if number:
            start = start.model_copy(update={"infections_per_million": 0.0})
        prepared.append(plan.model_copy(update={"tiers": plan.tiers or tiers, "rehearsal": start}))
    return prepared
