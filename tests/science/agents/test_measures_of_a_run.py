"""What measures do to a run: nothing when they have no effect, what they say when they have one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from small_city import (
    AGES,
    PLACES,
    every_measure,
    no_limits,
    run_small,
    small_city,
    small_disease,
    with_seeds,
)

from fangxian.science.agents import measures
from fangxian.science.agents.measures import (
    Care,
    DayMeasures,
    Isolation,
    Screening,
    Tracing,
    Vaccination,
)
from fangxian.science.agents.outcome import Flow, Outcome, Stock
from fangxian.science.agents.records import Setting
from fangxian.science.agents.run import simulate


def same_epidemic(one: Outcome, other: Outcome) -> bool:
    """Return whether two runs infected the same people at the same times through the same people."""
    assert one.tree is not None and other.tree is not None
    return all(
        np.array_equal(getattr(one.tree, name), getattr(other.tree, name))
        for name in ("infectee", "infector", "time_days", "setting")
    )


WITHOUT_EFFECT = {
    "testing that finds nobody": {
        "testing": measures.Testing(np.zeros((PLACES, AGES)), np.ones((PLACES, AGES)), np.full(PLACES, 5.0))
    },
    "testing without consequence": {
        "testing": measures.Testing(np.ones((PLACES, AGES)), np.ones((PLACES, AGES)), np.zeros(PLACES))
    },
    "screening without consequence": {"screening": Screening(np.ones(PLACES))},
    "tracing without cases": {"tracing": Tracing(np.ones(6), np.full(PLACES, 100))},
    "isolation of nobody": {"isolation": Isolation(0.0, 0.0, rooms=100)},
    "sessions without doses": {
        "vaccination": Vaccination(np.zeros((PLACES, 2, AGES), dtype=np.int64), np.ones(AGES))
    },
    "beds for everybody": {"care": Care(np.full(2, 10_000), np.full(2, 10_000))},
    "a laboratory": {"laboratory_tubes": 10.0},
}


@pytest.mark.parametrize("name", WITHOUT_EFFECT)
def test_a_measure_without_effect_changes_nothing_to_the_bit(name: str) -> None:
    """Switching it on leaves every infection at its time (law 10)."""
    plain = run_small(no_limits())
    assert plain.total(Flow.INFECTIONS).sum() > 1000
    changed = run_small(replace(no_limits(), **WITHOUT_EFFECT[name]))
    assert same_epidemic(plain, changed)
    assert np.array_equal(plain.flow(Flow.DEATHS), changed.flow(Flow.DEATHS))


def test_the_same_run_on_any_number_of_threads() -> None:
    """Four threads and one give the same runs."""
    city = small_city()

    def one(seed: int) -> Outcome:
        return run_small(every_measure(), city=city, seed=seed)

    alone = [one(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(one, range(4)))
    for first, second in zip(alone, together, strict=True):
        assert same_epidemic(first, second)
        assert np.array_equal(first.flows, second.flows) and np.array_equal(first.stocks, second.stocks)
    assert not same_epidemic(alone[0], alone[1])


def test_contacts_that_are_forbidden_do_not_infect() -> None:
    """Closed schools, and a place that nobody enters or leaves."""
    day = no_limits()
    day.meeting.contact_factor[:, Setting.SCHOOL] = 0.0
    day.meeting.travel_factor[2] = 0.0
    outcome = run_small(day)
    tree = outcome.tree
    assert tree is not None
    assert not np.any(tree.setting == Setting.SCHOOL) and np.any(tree.setting == Setting.WORKPLACE)
    place = small_city().population.person_place()
    pairs = (tree.infector >= 0) & (tree.setting == Setting.COMMUNITY)
    here, there = place[tree.infectee[pairs]], place[tree.infector[pairs]]
    assert not np.any((here == 2) != (there == 2))
    assert np.any(here != there)


def test_the_stricter_end_of_a_contact_decides() -> None:
    """A place without contacts keeps its residents from all others, even where those are free."""
    day = no_limits()
    day.meeting.contact_factor[1] = 0.0
    tree = run_small(day).tree
    assert tree is not None
    place = small_city().population.person_place()
    infected = tree.infector >= 0
    assert not np.any(place[tree.infectee[infected]] == 1)
    assert not np.any(place[tree.infector[infected]] == 1)


def test_fewer_contacts_mean_fewer_infections() -> None:
    """On the same luck, with a factor and with masks."""
    day, masked = no_limits(), no_limits()
    day.meeting.contact_factor[:] = 0.5
    masked.meeting.mask_factor[:] = 0.5
    plain, half, masks = run_small(no_limits()), run_small(day), run_small(masked)
    assert half.total(Flow.INFECTIONS).sum() < 0.8 * plain.total(Flow.INFECTIONS).sum()
    assert same_epidemic(half, masks)


def test_a_factor_up_to_the_ceiling_raises_contacts() -> None:
    """The ceiling alone changes luck, not the size; a factor above 1 raises it, above the ceiling none."""
    high, seeds = small_city(ceiling=1.5), range(4)
    day = no_limits()
    day.meeting.contact_factor[:] = 1.5
    plain = np.array([run_small(no_limits(), city=high, seed=seed).total(Flow.INFECTIONS) for seed in seeds])
    usual = np.array([run_small(no_limits(), seed=seed).total(Flow.INFECTIONS) for seed in seeds])
    more = np.array([run_small(day, city=high, seed=seed).total(Flow.INFECTIONS) for seed in seeds])
    assert abs(plain.sum() / usual.sum() - 1.0) < 0.05
    assert more.max(axis=1).mean() > 1.3 * plain.max(axis=1).mean()
    with pytest.raises(ValueError, match=r"must not exceed Contacts.ceiling \(got 1.5 against 1 in"):
        run_small(day)


def test_strict_isolation_of_everybody_found_stops_an_epidemic() -> None:
    """Daily testing of all, results at once, nobody leaks: the seeds infect few."""
    nobody = np.zeros((5, 6))
    nobody[0] = 1.0
    day = replace(
        no_limits(),
        screening=Screening(np.ones(PLACES), turnaround_days=0.0),
        isolation=Isolation(1.0, 1.0, 20, 20, True, True, 10_000, (), nobody),
    )
    assert (
        run_small(day).total(Flow.INFECTIONS).sum()
        < 0.25 * run_small(no_limits()).total(Flow.INFECTIONS).sum()
    )


def test_a_laboratory_that_finishes_nothing_confirms_nobody() -> None:
    """Capacity of zero: samples are taken and wait; what is tested by antigen does not."""
    day = replace(every_measure(), laboratory_tubes=0.0)
    outcome = run_small(day)
    confirmed = outcome.flow(Flow.POSITIVES).sum(axis=(0, 2))
    assert confirmed[:2].sum() == 0 and confirmed[2] > 0
    assert outcome.total(Flow.TESTS).sum() > 0
    assert outcome.laboratory_backlog[-1] == pytest.approx(outcome.laboratory_tubes.sum())


def test_people_beds_rooms_doses_and_courses_are_conserved() -> None:
    """Nothing is negative, nothing is lost, no capacity is exceeded."""
    outcome = run_small(every_measure())
    flow = {which: outcome.flow(which).astype(np.int64) for which in Flow}
    stock = {which: outcome.stock(which).astype(np.int64) for which in Stock}
    assert min(int(array.min()) for array in (*flow.values(), *stock.values())) >= 0
    people = small_city().cell_people
    for which in (Flow.INFECTIONS, Flow.POSITIVES, Flow.REPORTED, Flow.DEATHS, Flow.DOSES):
        assert np.all(flow[which].sum(axis=0) <= people), which
    in_hospital = stock[Stock.IN_WARD] + stock[Stock.IN_INTENSIVE_CARE]
    # who enters: a ward bed, or intensive care straight from home; who leaves: alive, or dead in a bed
    assert np.all(flow[Flow.DEATHS_WITHOUT_CARE] <= flow[Flow.DEATHS])
    assert in_hospital.sum(axis=(1, 2)).max() <= 12
    pool = np.array([0, 0, 1])
    for number, beds in enumerate((6, 3)):
        assert stock[Stock.IN_WARD][:, pool == number].sum(axis=(1, 2)).max() <= beds
    assert stock[Stock.IN_WARD].max() > 0 and flow[Flow.REFUSED_INTENSIVE_CARE].sum() > 0
    assert outcome.rooms_used.sum(axis=1).max() <= 40
    for number in range(2):
        here = pool == number
        assert np.array_equal(stock[Stock.IN_ROOMS][:, here].sum(axis=(1, 2)), outcome.rooms_used[:, number])
    used = flow[Flow.ANTIVIRAL_COURSES].sum(axis=(1, 2))
    assert np.array_equal(outcome.antiviral_stock.sum(axis=1), np.cumsum(3 - used))
    assert outcome.antiviral_stock.min() >= 0
    tested = flow[Flow.TESTS].sum(axis=2)
    assert np.all(outcome.laboratory_tubes[:, 2] <= tested[:, 2]) and outcome.laboratory_tubes.min() >= 0
    assert outcome.laboratory_backlog.min() >= 0.0
    assert flow[Flow.CASES_TRACED].sum(axis=2).max() <= 3
    assert np.all(flow[Flow.DOSES].sum(axis=2) <= 2 * 2 * AGES)


def test_beds_balance_day_by_day_where_everybody_finds_one() -> None:
    """With beds for everybody: in = before + first admissions - discharges - deaths."""
    outcome = run_small(no_limits())
    total = {which: outcome.total(which) for which in Flow}
    inside = outcome.stock(Stock.IN_WARD) + outcome.stock(Stock.IN_INTENSIVE_CARE)
    inside = inside.sum(axis=(1, 2))
    change = total[Flow.ADMISSIONS] - total[Flow.DISCHARGES] - total[Flow.DEATHS]
    assert np.array_equal(inside, np.cumsum(change))
    assert total[Flow.SEVERE].sum() == total[Flow.ADMISSIONS].sum()
    assert total[Flow.DEATHS_WITHOUT_CARE].sum() == 0 and total[Flow.DEATHS].sum() > 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_more_beds_never_cost_lives(seed: int) -> None:
    """On the same luck; beds change who is infected a little, so a few deaths of noise are allowed."""
    deaths = []
    for beds in (0, 2, 5, 1000):
        day = replace(no_limits(), care=Care(np.full(2, beds), np.full(2, beds)))
        deaths.append(int(run_small(day, seed=seed).total(Flow.DEATHS).sum()))
    assert deaths[0] > deaths[-1]
    assert all(more <= fewer + 3 for fewer, more in pairwise(deaths))


def test_no_beds_at_all_refuse_everybody() -> None:
    """Capacity of zero: everybody severe is refused, and nobody is in hospital."""
    outcome = run_small(replace(no_limits(), care=Care(np.zeros(2, dtype=int), np.zeros(2, dtype=int))))
    assert outcome.total(Flow.ADMISSIONS).sum() == 0
    refused, severe = outcome.total(Flow.REFUSED_WARD).sum(), outcome.total(Flow.SEVERE).sum()
    assert 0.9 * severe < refused <= severe
    assert np.array_equal(outcome.flow(Flow.DEATHS), outcome.flow(Flow.DEATHS_WITHOUT_CARE))


def test_a_controller_sees_what_is_reported_and_no_truth() -> None:
    """Rows of days before only, and the truth is refused by name."""
    seen: list[int] = []

    def controller(reported) -> DayMeasures:
        seen.append(len(reported.flow(Flow.REPORTED)))
        assert len(reported.stock(Stock.IN_WARD)) == reported.day
        with pytest.raises(ValueError, match="INFECTIONS is not reported to anybody"):
            reported.flow(Flow.INFECTIONS)
        return with_seeds(no_limits()) if reported.day == 0 else no_limits()

    simulate(small_city(), small_disease(), controller, days=5, seed=1)
    assert seen == [0, 1, 2, 3, 4]


def test_sessions_reach_the_tier_and_age_they_are_for() -> None:
    """Doses for one tier and age of one place go there, and protect."""
    doses = np.zeros((PLACES, 2, AGES), dtype=np.int64)
    doses[1, 1, 2] = 7
    day = replace(no_limits(), vaccination=Vaccination(doses, np.full(AGES, 1.0)))
    given = run_small(day).flow(Flow.DOSES)
    population = small_city().population
    of_place = population.person_place() == 1
    meant = of_place & (population.person_age >= 60) & (population.person_flags > 0)
    eligible = int((meant & (population.person_vaccination < 3)).sum())
    assert given.sum() == given[:, 1, 2].sum()
    assert 0.9 * eligible < given.sum() <= eligible
    assert given.max() == 7
