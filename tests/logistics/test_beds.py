"""Patients and beds: hand-worked mornings, a general solver as oracle, and laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from fangxian.logistics.assignment.assign import WAITS, assign_beds, costs_of
from fangxian.logistics.assignment.explain import explain_beds
from fangxian.logistics.assignment.online import beds_left, place_more, reserve_for_tomorrow
from fangxian.logistics.assignment.problem import (
    NOWHERE,
    BedParameters,
    BedProblem,
    Openings,
    Patients,
    Pools,
    Severities,
    open_beds,
)
from fangxian.logistics.assignment.usual_rules import nearest_hospital
from fangxian.logistics.programme import SolverStop

MILD, SEVERE = 0, 1
GRADES = Severities(np.array([0.001, 0.05]), np.array([False, True]), np.array([1, 2]))


def patients(*rows: dict) -> Patients:
    """Return patients: at home in place 0, mild, of zone 0 and without needs unless said otherwise."""
    plain = [{"place": 0, "severity": MILD, "needs": (), "zone": 0, "at": NOWHERE} | row for row in rows]
    needs = np.array([[kind in row["needs"] for kind in range(2)] for row in plain], np.bool_)
    columns = {
        name: np.array([row[name] for row in plain], np.int64) for name in ("place", "severity", "zone", "at")
    }
    return Patients(needs=needs.reshape(len(plain), 2), **columns)


def morning(who: Patients, beds: list[tuple], minutes: list[list[int]], levels: list[int], **parameters):
    """Return a problem; a bed is hospital, ready minutes, beds[, offers[, reserved]]; a minute is a km."""
    rows = [(*row, *((), False)[len(row) - 3 :]) for row in beds]
    offers = np.array([[kind in row[3] for kind in range(2)] for row in rows], np.bool_).reshape(-1, 2)
    pools = Pools(np.array([row[0] for row in rows]), np.zeros(len(rows), np.int64), offers)
    openings = Openings(
        np.arange(len(rows)),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        np.array([row[4] for row in rows], np.bool_),
    )
    travel = np.array(minutes)
    return BedProblem(
        who, GRADES, np.array(levels), pools, openings, travel, travel * 1000, BedParameters(**parameters)
    )


@st.composite
def mornings(draw):
    """Small mornings with ties, full hospitals, kept beds and patients who lie somewhere already."""
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, hospitals, pools, places = (int(numbers.integers(1, top)) for top in (9, 5, 7, 4))
    who = Patients(
        numbers.integers(0, places, count),
        numbers.integers(0, 2, count),
        numbers.random((count, 2)) < 0.3,
        numbers.integers(0, 2, count),
        np.where(numbers.random(count) < 0.8, NOWHERE, numbers.integers(0, hospitals, count)),
    )
    beds = Pools(
        numbers.integers(0, hospitals, pools), numbers.integers(0, 2, pools), numbers.random((pools, 2)) < 0.6
    )
    slots = int(numbers.integers(1, 10))
    openings = Openings(
        numbers.integers(0, pools, slots),
        numbers.integers(0, 20, slots) * 60,
        numbers.integers(0, 4, slots),
        numbers.random(slots) < 0.2,
    )
    travel = numbers.integers(1, 200, (places, hospitals))
    level = numbers.integers(1, 4, hospitals)
    return BedProblem(who, GRADES, level, beds, openings, travel, travel * 700, BedParameters())


def by_one_sum(problem):
    """Return the three aims of the best plan, found by one assignment of all patients with weighted costs."""
    plan = assign_beds(problem)
    costs, who = costs_of(problem), np.flatnonzero(~plan.stays)
    beds = np.repeat(np.arange(len(problem.openings)), problem.openings.beds)
    columns = np.concatenate([beds, np.full(who.size, len(problem.openings))])
    risk = np.rint(costs.risk * 1000)
    table = costs.severe_minutes * 1e6 + risk * 1.0
    table = np.where(costs.allowed, table, 1e13)[np.ix_(who, columns)]
    rows, chosen = linear_sum_assignment(table)
    picked = columns[chosen]
    return (
        costs.severe_minutes[who[rows], picked].sum() / 60,
        risk[who[rows], picked].sum() / 1000,
    )


def test_the_severe_patient_has_the_near_bed_and_the_mild_one_goes_on():
    """One bed near by in a county hospital, one an hour off: the severe one waits least."""
    who = patients({"severity": MILD}, {"severity": SEVERE})
    problem = morning(who, [(0, 0, 1), (1, 0, 1)], [[10, 60]], [2, 2])
    plan = assign_beds(problem)
    assert plan.opening.tolist() == [1, 0]
    assert plan.minutes.tolist() == [60, 10]
    assert [aim.value for aim in plan.aims] == [pytest.approx(10 / 60), pytest.approx(0.009), 80]
    assert plan.bed_price.tolist() == [0, 0]
    mild, severe = explain_beds(problem, plan)
    assert (mild.verdict, mild.against) == ("farther", ("others first",))
    assert severe.verdict == "nearest"


def test_a_bed_that_opens_later_near_by_can_be_worse_than_one_far_off():
    who = patients({"severity": SEVERE})
    plan = assign_beds(morning(who, [(0, 240, 1), (1, 0, 1)], [[10, 90]], [2, 2]))
    assert plan.minutes.tolist() == [90]
    assert explain_beds(morning(who, [(0, 240, 1), (1, 0, 1)], [[10, 90]], [2, 2]), plan)[0].against == (
        "later there",
    )


def test_a_mild_patient_goes_to_the_lowest_level_that_will_do():
    """Ten kilometres count for each level above need: 15 km to the township rather than 10 to the city."""
    plan = assign_beds(morning(patients({}), [(0, 0, 1), (1, 0, 1)], [[10, 15]], [3, 1]))
    assert plan.opening.tolist() == [1]
    nearer = morning(patients({}), [(0, 0, 1), (1, 0, 1)], [[10, 15]], [3, 1], above_level_m=0)
    assert assign_beds(nearer).opening.tolist() == [0]
    # Told apart to a millionth, five minutes of a mild risk come before every kilometre.
    finely = morning(patients({}), [(0, 0, 1), (1, 0, 1)], [[10, 15]], [3, 1], risk_step=1e-6)
    assert assign_beds(finely).opening.tolist() == [0]


def test_who_is_cared_for_is_not_moved_and_who_is_not_may_be():
    who = patients({"severity": SEVERE, "at": 0}, {"severity": SEVERE, "at": 0, "needs": (1,)})
    problem = morning(who, [(0, 0, 0), (1, 0, 2, (1,))], [[0, 40]], [2, 3])
    plan = assign_beds(problem)
    assert plan.stays.tolist() == [True, False]
    assert plan.opening.tolist() == [WAITS, 1]


def test_nobody_is_moved_who_loses_by_it():
    """Ten hours on the road at three times the hazard against a day's wait at one."""
    who = patients({"severity": SEVERE})
    far = morning(who, [(0, 0, 1)], [[600]], [2], travel_hazard_factor=3.0)
    plan = assign_beds(far)
    assert plan.opening.tolist() == [WAITS]
    assert explain_beds(far, plan)[0].against == ("worse than waiting",)
    assert assign_beds(replace(far, parameters=BedParameters())).opening.tolist() == [0]


def test_beds_kept_for_tomorrow_are_for_the_severe_only():
    who = patients({}, {"severity": SEVERE})
    problem = morning(who, [(0, 0, 2, (), True)], [[10]], [2])
    plan = assign_beds(problem)
    assert plan.opening.tolist() == [WAITS, 0]
    assert explain_beds(problem, plan)[0].against == ("kept for tomorrow",)


def test_a_bed_is_worth_what_the_severe_wait_less_by_it():
    """Two severe patients, one bed now and one in three hours: one more now saves 180 - 10 minutes."""
    who = patients({"severity": SEVERE}, {"severity": SEVERE})
    problem = morning(who, [(0, 0, 1), (0, 180, 1)], [[10]], [2])
    plan = assign_beds(problem)
    assert sorted(plan.minutes.tolist()) == [10, 180]
    assert plan.bed_price.tolist() == [170, 0]


def test_limits_that_collide_are_named_and_none_too_many():
    """The ventilator is in the township, the level in the city: neither alone is in the way."""
    who = patients({"severity": SEVERE, "needs": (0,)})
    problem = morning(who, [(0, 0, 5, (0,)), (1, 0, 5)], [[10, 20]], [1, 3])
    (reason,) = explain_beds(problem, assign_beds(problem))
    assert reason.verdict == "waits"
    assert set(reason.against) == {"need:0", "level"}


@given(mornings())
@settings(deadline=None, max_examples=80)
def test_the_first_two_aims_are_those_of_a_general_solver(problem):
    plan = assign_beds(problem)
    assert [aim.gap for aim in plan.aims] == [0, 0, 0]
    severe, risk = by_one_sum(problem)
    assert plan.aims[0].value == pytest.approx(severe, abs=1e-9)
    assert plan.aims[1].value == pytest.approx(risk, abs=1e-9)


@given(mornings())
@settings(deadline=None, max_examples=80)
def test_no_bed_is_given_twice_and_every_limit_holds(problem):
    plan, costs = assign_beds(problem), costs_of(problem)
    assert (beds_left(problem, plan) >= 0).all()
    placed = np.flatnonzero(plan.opening != WAITS)
    assert costs.allowed[placed, plan.opening[placed]].all()
    assert (plan.risk[placed] < costs.risk[placed, -1]).all()
    assert not plan.stays[placed].any()
    for reason in explain_beds(problem, plan):
        assert (reason.verdict == "waits") == (
            plan.opening[reason.patient] == WAITS and not plan.stays[reason.patient]
        )
        assert reason.against or reason.verdict in {"stays", "nearest"}


@given(mornings(), st.integers(0, 8))
@settings(deadline=None, max_examples=60)
def test_one_more_bed_never_harms_and_saves_at_most_its_price(problem, which):
    row = which % len(problem.openings)
    beds = problem.openings.beds.copy()
    beds[row] += 1
    before, after = (
        assign_beds(each)
        for each in (problem, replace(problem, openings=replace(problem.openings, beds=beds)))
    )
    saved = before.aims[0].value - after.aims[0].value
    if problem.openings.beds[row] > 0:
        assert -1e-9 <= saved <= before.bed_price[row] / 60 + 1e-9
    assert saved >= -1e-9
    if saved < 1e-9:
        assert after.aims[1].value <= before.aims[1].value + 1e-9


@given(mornings(), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_the_order_of_the_patients_does_not_change_the_aims(problem, seed):
    order = np.random.default_rng(seed).permutation(len(problem.patients))
    shuffled = Patients(**{name: values[order] for name, values in vars(problem.patients).items()})
    one, other = assign_beds(problem), assign_beds(replace(problem, patients=shuffled))
    assert [aim.value for aim in one.aims] == [aim.value for aim in other.aims]


@given(mornings())
@settings(deadline=None, max_examples=40)
def test_severe_waiting_is_never_longer_than_by_the_usual_rules(problem):
    """Without kept beds: the rules know of none."""
    unkept = replace(problem.openings, reserved=np.zeros_like(problem.openings.reserved))
    free = replace(problem, openings=unkept)
    plan = assign_beds(free)
    severe = GRADES.severe[free.patients.severity] & ~plan.stays
    for go_on in (False, True):
        moving = Patients(**{name: values[~plan.stays] for name, values in vars(free.patients).items()})
        if len(moving) == 0:
            return
        usual = nearest_hospital(replace(free, patients=moving), go_on=go_on)
        assert plan.minutes[severe].sum() <= usual[GRADES.severe[moving.severity]].sum()


def test_a_newcomer_takes_what_is_left_and_nobody_is_moved():
    problem = morning(patients({"severity": SEVERE}), [(0, 0, 1), (1, 0, 1)], [[10, 60]], [2, 2])
    plan = assign_beds(problem)
    later = place_more(problem, plan, patients({"severity": SEVERE}))
    assert later.opening.tolist() == [1]
    assert later.minutes.tolist() == [60]


def test_beds_open_as_patients_leave_and_wards_are_converted():
    """Four discharges a day free a bed every six hours; two beds can be made in two hours; one is kept."""
    assert open_beds(7, 2, 4.0, (2, 2.0), 1, 720) == [
        (7, 0, 1, True),
        (7, 0, 1, False),
        (7, 120, 2, False),
        (7, 360, 1, False),
        (7, 720, 1, False),
    ]


def test_the_reserve_is_what_discharges_will_not_cover_shared_by_size():
    beds = np.array([10, 5, 0, 5])
    assert reserve_for_tomorrow(12, 8.5, beds).tolist() == [2, 1, 0, 1]
    assert reserve_for_tomorrow(5, 8.5, beds).tolist() == [0, 0, 0, 0]
    assert reserve_for_tomorrow(99, 0.0, beds).tolist() == beds.tolist()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"hospital_level": np.zeros(0, np.int64)},
            r"a patient, a hospital and a pool of beds \(got 1, 0 and 1\)",
        ),
        ({"travel_minutes": np.array([[10, 3]])}, r"a column a hospital \(got \(1, 2\) and \(1, 1\) for 1\)"),
        ({"distance_m": np.array([[-1]])}, r"distance_m must lie in 0 to 999999999 \(got -1 to -1\)"),
        ({"patients": patients({"severity": 9})}, r"patients.severity must lie in 0 to 1 \(got 9 to 9\)"),
        (
            {"severities": replace(GRADES, hazard_per_hour=np.array([-0.1, 0.2]))},
            r"hazard_per_hour must be at least 0 \(got \[-0.1, 0.2\]\)",
        ),
    ],
)
def test_mornings_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(morning(patients({}), [(0, 0, 1)], [[10]], [2]), **change)


def test_roads_do_not_heal():
    with pytest.raises(ValueError, match=r"must be at least 1 \(got 1440 and 0.5\)"):
        BedParameters(travel_hazard_factor=0.5)


def test_a_time_limit_keeps_the_wait_of_the_severe_and_says_what_is_not_proven():
    """Two severe and two mild share four beds; only the first aim is met when the time is over at once."""
    who = patients({"severity": SEVERE}, {"severity": SEVERE}, {}, {})
    problem = morning(who, [(0, 0, 2), (1, 0, 2), (1, 60, 2)], [[10, 60]], [2, 2])
    best, hurried = assign_beds(problem), assign_beds(problem, SolverStop(1e-9))
    assert hurried.aims[0] == best.aims[0]
    assert hurried.aims[0].gap == 0
    for soon, late in zip(hurried.aims[1:], best.aims[1:], strict=True):
        assert soon.bound <= late.value <= soon.value + 1e-9
    assert max(aim.gap for aim in best.aims) == 0
    assert hurried.minutes[:2].tolist() == [10, 10]
