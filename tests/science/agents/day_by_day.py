"""The slow twin of the simulator: a run, day by day and step by step, in which everybody is looked at.

A day has ``STEPS`` steps. In each, every infectious person makes a Poisson number of effective contacts in
proportion to the infectiousness it spends in the step, and whatever falls due for anybody is done in order of
time. The only error of the step is that somebody infected in a step makes its first contacts in the next one.
"""

from __future__ import annotations

import numpy as np
from day_by_day_beds import (
    die_without_care,
    leave_bed,
    need_intensive,
    need_ward,
    refuse_intensive,
    refuse_ward,
)
from day_by_day_course import (
    confirm,
    end_apart,
    infect,
    onset,
    quarantine,
    sample,
    take_contact_sample,
)
from day_by_day_morning import community_partner, import_person, morning
from day_by_day_town import NEVER, NOBODY, Due, Scene, Town, of_place

from fangxian.science.agents.measures import Stay, default_leak
from fangxian.science.agents.outcome import Flow, Stock

STEPS = 4
USUAL_LEAK = default_leak()
STAY_OF_STOCK = {
    Stock.IN_WARD: Stay.WARD,
    Stock.IN_INTENSIVE_CARE: Stay.INTENSIVE_CARE,
    Stock.AT_HOME_APART: Stay.HOME,
    Stock.IN_ROOMS: Stay.ROOM,
}


def run_day_by_day(scene: Scene, seed: int, *, steps: int = STEPS) -> Town:
    """Return the town after the days of a scene; its flows and stocks are laid out as those of an Outcome."""
    town = Town(scene, np.random.default_rng(seed), scene.days)
    for day in range(scene.days):
        town.day, town.today = day, scene.measures_of(day)
        morning(town)
        for step in range(steps):
            pass_time(town, day + (step + 1) / steps)
        evening(town)
    return town


def evening(town: Town) -> None:
    """Write the stocks of the day down."""
    day, capacity = town.day, town.today.laboratory_tubes
    for stock, stay in STAY_OF_STOCK.items():
        inside = town.stay == stay
        np.add.at(town.stocks[day, stock], (town.place[inside], town.age[inside]), 1)
    for stock, kind in (
        (Stock.WAITING_WARD, Stay.WARD),
        (Stock.WAITING_INTENSIVE_CARE, Stay.INTENSIVE_CARE),
    ):
        for person in (person for line in town.waiting[kind] for person in line):
            town.stocks[day, stock, town.place[person], town.age[person]] += 1
    town.tubes[day] = town.tubes_today
    town.backlog = max(0.0, town.backlog + town.tubes_today - capacity)
    town.backlogs[day] = town.backlog
    town.rooms[day], town.courses_left[day] = town.rooms_used.sum(), town.antivirals.sum()


def pass_time(town: Town, end: float) -> None:
    """Let everything happen that falls due before the end of a step, what that brings about included."""
    happenings = make_contacts(town, end)
    while True:
        for kind, person in np.argwhere(town.due < end):
            happenings.append((float(town.due[kind, person]), Due(kind).name, int(person), NOBODY, NOBODY))
        happenings += [
            (time, what, who, NOBODY, NOBODY) for time, what, who in town.appointments if time < end
        ]
        town.appointments = [one for one in town.appointments if one[0] >= end]
        if not happenings:
            return
        for happening in sorted(happenings):
            happen(town, *happening)
        happenings = []


def make_contacts(town: Town, end: float) -> list[tuple[float, str, int, int, int]]:
    """Return the effective contacts of a step: time, what, who, partner, setting."""
    active = np.flatnonzero((town.infectious_at < end) & (town.spent < 1.0))
    since = end - town.infectious_at[active]
    part = np.where(since < town.period[active], since / np.maximum(town.period[active], 1e-300), 1.0)
    spent = np.interp(part, town.profile_at, town.profile_spent)
    newly = spent - town.spent[active]
    numbers = town.rng.poisson(town.strength[active] * newly * town.rates[:, active])
    made = []
    for where, column in np.argwhere(numbers):
        person = int(active[column])
        for _ in range(numbers[where, column]):
            share = town.spent[person] + town.rng.random() * newly[column]
            part_of_period = np.interp(share, town.profile_spent, town.profile_at)
            time = float(town.infectious_at[person] + town.period[person] * part_of_period)
            partner, setting = partner_of(town, person, int(where))
            if partner == NOBODY:
                continue
            made.append((time, "CONTACT", person, partner, setting))
            if setting != 0:
                town.contacts_of[person].append((time, partner, setting))
    town.spent[active] = spent
    return made


def partner_of(town: Town, person: int, where: int) -> tuple[int, int]:
    """Return the partner and the setting of a contact at home, in the group, or in the community."""
    people = town.scene.city.population
    if where == 2:
        return community_partner(town, person), 5
    if where == 0:
        circle, setting = town.household[people.person_household[person]], 0
    else:
        circle, setting = town.members[people.person_group[person]], int(town.group_setting[person])
    others = [other for other in circle if other != person]
    return int(others[town.rng.integers(len(others))]), setting


def leak(town: Town, person: int, setting: int) -> float:
    """Return the share of its contacts that a person keeps where it is today."""
    if town.is_dead(person):
        return 0.0
    leaks = USUAL_LEAK if town.today.isolation is None else town.today.isolation.leak
    return float(of_place(leaks, town.place[person], 2)[town.stay[person], setting])


def chance_of_infection(town: Town, giver: int, taker: int, setting: int, now: float) -> float:
    """Return the chance that an effective contact infects somebody never infected."""
    meeting, here, there = town.today.meeting, town.place[giver], town.place[taker]
    ends = ((here, town.age[giver]), (there, town.age[taker]))
    chance = min(
        meeting.contact_factor[place, setting, age] * meeting.mask_factor[place, setting]
        for place, age in ends
    )
    chance /= town.scene.city.contacts.ceiling[setting]
    if now >= town.onset_at[giver]:
        chance *= of_place(meeting.symptomatic_factor, here, 1)[setting]
    if here != there:
        chance *= min(meeting.travel_factor[here], meeting.travel_factor[there])
    chance *= min(leak(town, giver, setting), leak(town, taker, setting))
    if town.treated[giver]:
        ills = town.scene.disease.severity
        assert ills is not None
        chance *= 1.0 - ills.antiviral_transmission_efficacy
    susceptible = town.scene.disease.susceptibility[town.age[taker]]
    return float(chance * susceptible * town.unprotected("infection", taker))


def happen(town: Town, time: float, what: str, person: int, partner: int, setting: int) -> None:
    """Let one thing happen, unless something before it has put it off or made it void."""
    if what == "CONTACT":
        fresh = town.infected_at[partner] == NEVER
        if fresh and town.rng.random() < chance_of_infection(town, person, partner, setting, time):
            infect(town, partner, time, person, setting)
    elif what == "import":
        import_person(town, person, time)
    elif what == "quarantine":
        quarantine(town, person, time)
    elif what == "contact test":
        take_contact_sample(town, person, time)
    elif town.due[Due[what], person] == time:
        town.due[Due[what], person] = NEVER
        fall_due(town, Due[what], person, time)


def fall_due(town: Town, what: Due, person: int, now: float) -> None:
    """Do what falls due in the course of a person."""
    if what == Due.REPORT:
        town.count(Flow.REPORTED, person)
    elif what == Due.END_APART:
        end_apart(town, person)
    elif what in (Due.LEAVE_WARD, Due.LEAVE_INTENSIVE):
        leave_bed(town, Stay.WARD if what == Due.LEAVE_WARD else Stay.INTENSIVE_CARE, person, now)
    else:
        {
            Due.ONSET: onset,
            Due.SAMPLE: sample,
            Due.CONFIRMATION: confirm,
            Due.NEED_WARD: need_ward,
            Due.NEED_INTENSIVE: need_intensive,
            Due.WARD_REFUSAL: refuse_ward,
            Due.INTENSIVE_REFUSAL: refuse_intensive,
            Due.DEATH: die_without_care,
        }[what](town, person, now)
