"""The slow twin of the simulator: the course of one person, from infection to report and quarantine."""

from __future__ import annotations

import numpy as np
from day_by_day_town import NEVER, Due, Luck, Town, of_place

from fangxian.science.agents.measures import NO_TEST, Stay
from fangxian.science.agents.outcome import Flow


def infect(town: Town, person: int, when: float, infector: int, setting: int) -> None:
    """Infect somebody never infected before."""
    rng, ills, how = town.rng, town.scene.disease.severity, town.scene.disease.infectiousness
    town.count(Flow.INFECTIONS, person)
    age = town.age[person]
    town.infected_at[person], town.infector[person], town.infected_in[person] = when, infector, setting
    latent, period = town.draw(how.latent), town.draw(how.period)
    symptoms = ills is not None and rng.random() < ills.symptomatic[age]
    strength = period if how.follows_period else how.period.mean_days
    if np.isfinite(how.dispersion):
        strength *= rng.gamma(how.dispersion, 1.0 / how.dispersion)
    if ills is not None and not symptoms:
        strength *= how.asymptomatic_factor
    town.infectious_at[person], town.period[person], town.strength[person] = when + latent, period, strength
    if ills is not None and symptoms:
        onset = when + latent + town.draw(ills.infectious_to_onset)
        town.onset_at[person] = town.due[Due.ONSET, person] = onset
        severe = min(1.0, ills.severe[age] * ills.severe_by_disease[town.underlying[person]])
        chance = severe * town.unprotected("severe", person)
        town.marked_severe[person] = town.luck[Luck.SEVERE, person] < chance


def onset(town: Town, person: int, now: float) -> None:
    """Symptoms begin."""
    town.count(Flow.SYMPTOMATIC, person)
    testing, ills = town.today.testing, town.scene.disease.severity
    assert ills is not None
    if testing is not None:
        where = town.place[person], town.age[person]
        town.wants_clinic[person] = town.luck[Luck.CLINIC, person] < testing.clinic_share[where]
        town.wants_test[person] = town.luck[Luck.TEST, person] < testing.test_share[where]
        if town.wants_clinic[person] or town.wants_test[person]:
            town.due[Due.SAMPLE, person] = now + town.draw(of_place(testing.delay, town.place[person]))
    if town.marked_severe[person]:
        town.due[Due.NEED_WARD, person] = now + town.draw(ills.onset_to_severe)


def sensitivity(town: Town, person: int, now: float, method: str) -> float:
    """Return the chance that a test of an infected person is positive."""
    table = getattr(town.scene.disease, f"{method}_sensitivity")
    age_days = int(np.floor(now - town.infected_at[person]))
    return float(table[age_days]) if 0 <= age_days < len(table) else 0.0


def sample(town: Town, person: int, now: float) -> None:
    """A person with symptoms goes to a fever clinic, is tested, or both."""
    if town.is_dead(person):
        return
    if town.wants_clinic[person]:
        town.count(Flow.FEVER_CLINIC_VISITS, person)
    if not town.wants_test[person] or town.confirmed[person]:
        return
    testing, here = town.today.testing, town.place[person]
    method = "pcr" if testing is None else of_place(testing.method, here)
    town.count(Flow.TESTS, person)
    town.tubes_today += method == "pcr"
    if town.rng.random() < sensitivity(town, person, now, method):
        turnaround = 0.5 if testing is None else of_place(testing.turnaround_days, here)
        announce(town, person, now if method == "antigen" else now + turnaround + town.lab_wait)


def announce(town: Town, person: int, when: float) -> None:
    """Let a positive result be known at a time, unless an earlier one is under way."""
    town.due[Due.CONFIRMATION, person] = min(town.due[Due.CONFIRMATION, person], when)


def confirm(town: Town, person: int, now: float) -> None:
    """A first positive result is known."""
    if town.confirmed[person] or town.is_dead(person):
        return
    town.confirmed[person] = True
    town.count(Flow.POSITIVES, person)
    day = town.today
    here, plan = town.place[person], day.isolation
    delay = 0.0 if day.testing is None else of_place(day.testing.report_delay_days, here)
    town.due[Due.REPORT, person] = now + delay
    complies = plan is not None and town.luck[Luck.CASE_APART, person] < of_place(plan.case_share, here)
    if plan is not None and complies and not town.in_bed(person):
        town.count(Flow.CASES_ISOLATED, person)
        until = now + of_place(plan.case_days, here)
        keep_apart(town, person, until, seek_room=of_place(plan.cases_in_rooms, here))
    treat(town, person, now)
    if day.tracing is not None:
        town.cases_to_trace.append((now, person))


def treat(town: Town, person: int, now: float) -> None:
    """Give a course of antivirals, if there is one and it is in time."""
    care = town.today.care
    pool, here = town.pool[person], town.place[person]
    if care is None or town.antivirals[pool] < 1 or town.age[person] < of_place(care.antiviral_age, here):
        return
    since_onset = now - town.onset_at[person]
    if 0.0 <= since_onset <= care.antiviral_window_days and town.severe_since[person] > now:
        town.antivirals[pool] -= 1
        town.treated[person] = True
        town.count(Flow.ANTIVIRAL_COURSES, person)


def keep_apart(town: Town, person: int, until: float, *, seek_room: bool) -> None:
    """Keep somebody apart in a room if one is sought and free, else at home."""
    assert town.today.isolation is not None
    if town.stay[person] == Stay.NOWHERE:
        town.stay[person] = Stay.HOME
        town.due[Due.END_APART, person] = until
    else:
        town.due[Due.END_APART, person] = max(town.due[Due.END_APART, person], until)
    pool = town.pool[person]
    free = town.rooms_used[pool] < of_place(town.today.isolation.rooms, pool)
    if seek_room and free and town.stay[person] == Stay.HOME:
        town.stay[person] = Stay.ROOM
        town.rooms_used[pool] += 1


def end_apart(town: Town, person: int) -> None:
    """Set somebody free, or take the person out of its room for a bed or in death."""
    if town.stay[person] == Stay.ROOM:
        town.rooms_used[town.pool[person]] -= 1
    if town.stay[person] in (Stay.HOME, Stay.ROOM):
        town.stay[person] = Stay.NOWHERE
    town.due[Due.END_APART, person] = NEVER


def quarantine(town: Town, person: int, now: float) -> None:
    """Keep a found contact apart and make its appointments for tests."""
    plan = town.today.isolation
    if plan is None or town.is_dead(person) or town.in_bed(person):
        return
    here = town.place[person]
    if town.luck[Luck.CONTACT_APART, person] >= of_place(plan.contact_share, here):
        return
    was_free = town.stay[person] == Stay.NOWHERE
    until = now + of_place(plan.contact_days, here)
    keep_apart(town, person, until, seek_room=of_place(plan.contacts_in_rooms, here))
    if was_free:
        town.count(Flow.CONTACTS_QUARANTINED, person)
        days = [int(day) for day in of_place(np.asarray(plan.contact_test_days), here, 1)]
        town.appointments += [(now + day, "contact test", person) for day in days if day != NO_TEST]


def take_contact_sample(town: Town, person: int, now: float) -> None:
    """Test somebody in quarantine by PCR."""
    if town.stay[person] not in (Stay.HOME, Stay.ROOM) or town.confirmed[person]:
        return
    town.count(Flow.TESTS, person)
    town.tubes_today += 1
    testing, here, turnaround = town.today.testing, town.place[person], 0.5
    if testing is not None and of_place(testing.method, here) == "pcr":
        turnaround = of_place(testing.turnaround_days, here)
    if town.infected_at[person] <= now and town.rng.random() < sensitivity(town, person, now, "pcr"):
        announce(town, person, now + turnaround + town.lab_wait)
