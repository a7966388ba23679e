"""The slow twin of the simulator: beds, waiting for them, and death."""

from __future__ import annotations

from day_by_day_course import end_apart
from day_by_day_town import NEVER, Due, Luck, Town, of_place

from fangxian.science.agents.measures import Stay
from fangxian.science.agents.outcome import Flow
from fangxian.science.agents.records import Severity

REFUSAL = {Stay.WARD: Due.WARD_REFUSAL, Stay.INTENSIVE_CARE: Due.INTENSIVE_REFUSAL}


def severity_of(town: Town) -> Severity:
    """Return the clinical course of the disease."""
    ills = town.scene.disease.severity
    assert ills is not None
    return ills


def is_critical(town: Town, person: int) -> bool:
    """Return whether a severe course becomes critical."""
    return bool(town.luck[Luck.CRITICAL, person] < severity_of(town).critical[town.age[person]])


def would_die(town: Town, person: int, where: str) -> bool:
    """Return whether a person dies in a bed or without one, decided now."""
    share = getattr(severity_of(town), f"death_{where}")[town.age[person]]
    if town.treated[person]:
        share *= 1.0 - severity_of(town).antiviral_death_efficacy
    return bool(town.luck[Luck.DEATH, person] < share * town.unprotected("death", person))


def need_ward(town: Town, person: int, now: float) -> None:
    """A course becomes severe, unless treatment prevents it."""
    ills = severity_of(town)
    if town.treated[person] and town.luck[Luck.TREATMENT_WORKS, person] < ills.antiviral_efficacy:
        return
    town.count(Flow.SEVERE, person)
    town.severe_since[person] = now
    if is_critical(town, person):
        town.due[Due.NEED_INTENSIVE, person] = now + town.draw(ills.severe_to_critical)
    ask_for_bed(town, Stay.WARD, person, now)


def need_intensive(town: Town, person: int, now: float) -> None:
    """A severe course becomes critical."""
    town.count(Flow.CRITICAL, person)
    town.critical_since[person] = now
    ask_for_bed(town, Stay.INTENSIVE_CARE, person, now)


def free_beds(town: Town, kind: Stay, pool: int) -> bool:
    """Return whether a pool has a free bed."""
    return int(((town.stay == kind) & (town.pool == pool)).sum()) < town.open[kind][pool]


def ask_for_bed(town: Town, kind: Stay, person: int, now: float) -> None:
    """Take a free bed, or wait."""
    pool, care = town.pool[person], town.today.care
    if free_beds(town, kind, pool):
        admit(town, kind, person, now)
    else:
        assert care is not None
        town.waiting[kind][pool].append(person)
        town.due[REFUSAL[kind], person] = now + of_place(care.longest_wait_days, town.place[person])


def stop_waiting(town: Town, kind: Stay, person: int) -> bool:
    """Take a person off the list of those who wait; return whether it was on it."""
    line = town.waiting[kind][town.pool[person]]
    town.due[REFUSAL[kind], person] = NEVER
    if person not in line:
        return False
    line.remove(person)
    return True


def admit(town: Town, kind: Stay, person: int, now: float) -> None:
    """Give a person a bed."""
    ills, pool = severity_of(town), town.pool[person]
    end_apart(town, person)
    left_ward = town.stay[person] == Stay.WARD
    if kind == Stay.INTENSIVE_CARE:
        stop_waiting(town, Stay.WARD, person)
        town.count(Flow.INTENSIVE_CARE_ADMISSIONS, person)
        town.dies_in_bed[person] = would_die(town, person, "in_intensive_care")
        town.due[Due.LEAVE_INTENSIVE, person] = now + town.draw(ills.intensive_care_stay)
    else:
        town.count(Flow.ADMISSIONS, person)
        if not is_critical(town, person):
            town.dies_in_bed[person] = would_die(town, person, "in_ward")
            town.due[Due.LEAVE_WARD, person] = now + town.draw(ills.ward_stay)
        elif town.survives_refusal[person]:
            town.due[Due.LEAVE_WARD, person] = now + town.draw(ills.ward_stay)
    town.stay[person] = kind
    if left_ward:
        fill_beds(town, Stay.WARD, pool, now)


def fill_beds(town: Town, kind: Stay, pool: int, now: float) -> None:
    """Give free beds to those who wait, first come first served."""
    line = town.waiting[kind][pool]
    while line and free_beds(town, kind, pool):
        person = line[0]
        stop_waiting(town, kind, person)
        admit(town, kind, person, now)


def open_beds(town: Town) -> None:
    """Set the beds of the day; intensive care is filled first."""
    care = town.today.care
    for pool in range(len(town.open[Stay.WARD])):
        town.open[Stay.WARD][pool] = NEVER if care is None else care.ward_beds[pool]
        town.open[Stay.INTENSIVE_CARE][pool] = NEVER if care is None else care.intensive_care_beds[pool]
    for pool in range(len(town.open[Stay.WARD])):
        fill_beds(town, Stay.INTENSIVE_CARE, pool, town.day)
        fill_beds(town, Stay.WARD, pool, town.day)
    town.antivirals += 0 if care is None else care.antiviral_courses


def refuse_ward(town: Town, person: int, now: float) -> None:
    """Waiting for a ward bed was in vain."""
    if not stop_waiting(town, Stay.WARD, person):
        return
    town.count(Flow.REFUSED_WARD, person)
    if not is_critical(town, person) and would_die(town, person, "without_ward"):
        later = town.severe_since[person] + town.draw(severity_of(town).untreated_to_death)
        town.due[Due.DEATH, person] = max(now, later)


def refuse_intensive(town: Town, person: int, now: float) -> None:
    """Waiting for intensive care was in vain."""
    if not stop_waiting(town, Stay.INTENSIVE_CARE, person):
        return
    town.count(Flow.REFUSED_INTENSIVE_CARE, person)
    ills = severity_of(town)
    if would_die(town, person, "without_intensive_care"):
        later = town.critical_since[person] + town.draw(ills.untreated_to_death)
        town.due[Due.DEATH, person] = max(now, later)
        return
    town.survives_refusal[person] = True
    if town.stay[person] == Stay.WARD:
        town.due[Due.LEAVE_WARD, person] = now + town.draw(ills.ward_stay)


def leave_bed(town: Town, kind: Stay, person: int, now: float) -> None:
    """Leave a bed alive or dead; the next in line gets it."""
    died = town.dies_in_bed[person]
    town.stay[person] = Stay.DEAD if died else Stay.NOWHERE
    town.count(Flow.DEATHS if died else Flow.DISCHARGES, person)
    fill_beds(town, kind, town.pool[person], now)


def die_without_care(town: Town, person: int, now: float) -> None:
    """Die of not having found the bed that was needed."""
    had_ward_bed = town.stay[person] == Stay.WARD
    stop_waiting(town, Stay.WARD, person)
    stop_waiting(town, Stay.INTENSIVE_CARE, person)
    end_apart(town, person)
    town.stay[person] = Stay.DEAD
    town.count(Flow.DEATHS, person)
    town.count(Flow.DEATHS_WITHOUT_CARE, person)
    if had_ward_bed:
        fill_beds(town, Stay.WARD, town.pool[person], now)
