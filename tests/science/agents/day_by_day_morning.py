"""The slow twin of the simulator: what is done in the morning of a day, in the order of the page."""

from __future__ import annotations

import numpy as np
from day_by_day_beds import open_beds
from day_by_day_course import announce, infect, sensitivity
from day_by_day_town import NEVER, NOBODY, Luck, Town, of_place

from fangxian.science.agents.outcome import Flow


def morning(town: Town) -> None:
    """Let the steps 1 to 6 of a day pass."""
    open_beds(town)
    vaccinate(town)
    positives, tubes = screen(town)
    receive_tubes(town, tubes)
    screening = town.today.screening
    for person in positives:
        assert screening is not None
        turnaround = of_place(screening.turnaround_days, town.place[person])
        announce(town, person, town.day + 0.5 + turnaround + town.lab_wait)
    trace(town)
    bring_in(town)


def vaccinate(town: Town) -> None:
    """Give the doses of the day to the next of each register."""
    sessions, protection = town.today.vaccination, town.scene.protection
    if sessions is None:
        return
    dose_class = protection.class_of_dose_day
    to_class = int(dose_class[min(town.day, len(dose_class) - 1)])
    status = town.scene.city.population.person_vaccination
    for place, tier, age in np.argwhere(sessions.doses > 0):
        register = [i for i in town.cell[place][age] if town.scene.tier[i] == tier]
        left, willing = sessions.doses[place, tier, age], of_place(sessions.willing, place, 1)[age]
        while left > 0 and town.register_position[place, tier, age] < len(register):
            person = register[town.register_position[place, tier, age]]
            town.register_position[place, tier, age] += 1
            comes = town.luck[Luck.WILLING, person] < willing and status[person] in sessions.statuses
            if not comes or town.in_bed(person) or town.is_dead(person):
                continue
            left -= 1
            town.count(Flow.DOSES, person)
            if town.infected_at[person] == NEVER and to_class >= 0:
                town.protection_class[person] = to_class


def screen(town: Town) -> tuple[list[int], float]:
    """Sample whole places at midday; return those who will be found, and how many tubes that takes."""
    plan = town.today.screening
    if plan is None:
        return [], 0.0
    people = town.scene.city.cell_people
    town.flows[town.day, Flow.TESTS] += np.rint(plan.share[:, None] * people).astype(int)
    midday = town.day + 0.5
    tubes: dict[tuple[int, int], list[int]] = {}
    for person in range(town.n):
        if town.infected_at[person] == NEVER or town.confirmed[person]:
            continue
        if town.in_bed(person) or town.is_dead(person):
            continue
        here = town.place[person]
        takes_part = town.rng.random() < plan.share[here]
        if takes_part and town.rng.random() < sensitivity(town, person, midday, "pcr"):
            first = int(np.flatnonzero(town.place == here)[0])
            tube = int((person - first) * plan.share[here] / of_place(plan.pool_size, here))
            tubes.setdefault((here, tube), []).append(person)
    return open_tubes(town, tubes)


def open_tubes(town: Town, tubes: dict[tuple[int, int], list[int]]) -> tuple[list[int], float]:
    """Look into every tube with a positive sample; return whom that finds, and the number of all tubes."""
    plan, people = town.today.screening, town.scene.city.cell_people.sum(axis=1)
    assert plan is not None
    number = sum(plan.share[p] * people[p] / of_place(plan.pool_size, p) for p in range(town.places))
    found, number = [], float(np.ceil(number))
    for (place, _), positive in tubes.items():
        size = of_place(plan.pool_size, place)
        if town.rng.random() < (size / len(positive)) ** -of_place(plan.dilution, place):
            found += positive
            number += size if size > 1 else 0
    return found, number


def receive_tubes(town: Town, tubes: float) -> None:
    """Count the tubes of the morning and find how long results of this day wait."""
    testing, capacity = town.today.testing, town.today.laboratory_tubes
    people = town.scene.city.cell_people
    if testing is not None:
        by_age = people / people.sum(axis=1, keepdims=True)
        background = np.rint(testing.background_tests[:, None] * by_age).astype(int)
        town.flows[town.day, Flow.TESTS] += background
        tubes += sum(background[p].sum() for p in range(town.places) if of_place(testing.method, p) == "pcr")
    town.tubes_today = tubes
    over = max(0.0, town.backlog + tubes - capacity)
    town.lab_wait = NEVER if capacity == 0.0 else (over / capacity if over > 0.0 else 0.0)


def trace(town: Town) -> None:
    """Take on cases and look for their contacts."""
    plan = town.today.tracing
    if plan is None:
        return
    left, stay = plan.capacity.copy(), []
    for confirmed_at, person in sorted(town.cases_to_trace):
        if town.day - confirmed_at > of_place(plan.longest_wait_days, town.place[person]):
            continue
        if left[town.place[person]] <= 0:
            stay.append((confirmed_at, person))
            continue
        left[town.place[person]] -= 1
        town.count(Flow.CASES_TRACED, person)
        for contact in found_contacts(town, person):
            town.count(Flow.CONTACTS_FOUND, contact)
            delay = of_place(plan.delay_days, town.place[person])
            town.appointments.append((town.day + delay, "quarantine", contact))
    town.cases_to_trace = stay


def found_contacts(town: Town, case: int) -> list[int]:
    """Return the contacts of a case whom a team finds; one may be found twice."""
    plan, rng, people = town.today.tracing, town.rng, town.scene.city.population
    assert plan is not None
    recall = of_place(plan.recall, town.place[case], 1)
    others_met = of_place(plan.other_contacts, town.place[case], 1)
    named = [(other, 0) for other in town.household[people.person_household[case]] if other != case]
    named += [(other, setting) for time, other, setting in town.contacts_of[case] if time < town.day]
    setting = town.group_setting[case]
    if setting != NOBODY:
        others = [i for i in town.members[people.person_group[case]] if i != case]
        named += [
            (others[rng.integers(len(others))], setting) for _ in range(rng.poisson(others_met[setting]))
        ]
    for _ in range(rng.poisson(others_met[5])):
        other = community_partner(town, case)
        if other != NOBODY:
            named.append((other, 5))
    if town.infector[case] != NOBODY and town.infected_in[case] != 0:
        named.append((int(town.infector[case]), int(town.infected_in[case])))
    return [other for other, setting in named if rng.random() < recall[setting]]


def community_partner(town: Town, person: int) -> int:
    """Return a partner of a community contact, or NOBODY."""
    rng = town.rng
    place = int(np.searchsorted(town.place_steps[town.place[person]], rng.random() * (1.0 - 1e-12), "right"))
    age = int(np.searchsorted(town.age_steps[town.age[person]], rng.random() * (1.0 - 1e-12), "right"))
    cell = town.cell[min(place, town.places - 1)][min(age, town.ages - 1)]
    if len(cell) == 0:
        return NOBODY
    other = int(cell[rng.integers(len(cell))])
    return other if other != person else NOBODY


def bring_in(town: Town) -> None:
    """Infect those who come in or are seeded; those due later in the day are appointments."""
    plan, rng = town.today.imports, town.rng
    for place in range(town.places):
        residents = np.flatnonzero(town.place == place)
        for _ in range(rng.poisson(plan.expected[place])):
            person = int(residents[rng.integers(len(residents))])
            town.appointments.append((town.day + rng.random(), "import", person))
        fresh = residents[town.infected_at[residents] == NEVER]
        for person in rng.choice(fresh, size=min(int(plan.exact[place]), len(fresh)), replace=False):
            import_person(town, int(person), float(town.day))


def import_person(town: Town, person: int, now: float) -> None:
    """Infect a person from outside, unless it was infected before."""
    if town.infected_at[person] == NEVER:
        town.count(Flow.IMPORTED, person)
        infect(town, person, now, NOBODY, NOBODY)
