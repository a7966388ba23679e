"""What one person passes on, drawn at once and keyed by the person: how much, when, where and to whom.

Nothing here depends on the time of the run, on measures or on anybody else, so that two runs in which the
same person is infected, at whatever times, share this person's luck.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled_lean
from fangxian.base.counter_random import keyed_bits, next_bits, purpose_key, unit_interval
from fangxian.science.agents.checks import floats_for_kernel
from fangxian.science.agents.city import City, CityTables, age_of, kind_of, place_of
from fangxian.science.agents.delays import delay_at, quantile_table
from fangxian.science.agents.queue import LISTED, MOST_CONTACTS
from fangxian.science.agents.records import NO_DELAY, Contacts, Delay, DiseaseCourse, Setting
from fangxian.science.agents.whole import whole

Float64Array = NDArray[np.float64]
Float32Array = NDArray[np.float32]

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_SHARE = 2.0**-32
_LATENT_AND_PERIOD, _NUMBER, _FACTOR_AND_SYMPTOMS, _LEAD, _FIRST_CONTACT = 0, 1, 2, 3, 16
_LARGEST_POISSON_PIECE = 30.0
COMMUNITY = int(Setting.COMMUNITY)
LARGEST_MEAN = MOST_CONTACTS / 4


class DrawTables(NamedTuple):
    """Disease and contacts as the kernel reads them. Rates are effective contacts a day at their ceiling."""

    key: np.uint64
    latent: Float32Array
    period: Float32Array
    lead: Float32Array
    """Start of infectiousness to onset."""
    dispersion: Float32Array
    profile: Float64Array
    """[slices + 1]: share of infectiousness up to each slice."""
    household_rate: Float64Array
    """[largest household + 1]"""
    group_rate: Float64Array
    """[5, A], row 0 for no group."""
    community_rate: Float64Array
    """[A]"""
    community_ages: Float64Array
    """[A, A]: cumulative share of contacts by age of the other."""
    own_place: Float64Array
    """[P]: share of contacts inside the own place; [0] without mixing."""
    other_places: Float64Array
    """[P, P]: cumulative share of the rest."""
    symptomatic: Float64Array
    """[A]"""
    severe: Float64Array
    """[A]"""
    severe_by_disease: Float64Array
    """[4]"""
    asymptomatic_factor: float
    follows_period: bool
    mean_period: float
    varied: bool
    clinical: bool


class Traits(NamedTuple):
    """What a person's infection is like: offsets from infection in days."""

    latent: float
    period: float
    onset: float
    symptomatic: bool
    strength: float
    """Days of infectiousness, weighted by how infectious this person is."""


class Spread(NamedTuple):
    """Effective contacts a day of one person, and what it needs to choose among them."""

    person: int
    first_of_household: int
    start_of_group: int
    size_of_household: int
    size_of_group: int
    last: int
    household: float
    group: float
    total: float


def draw_tables(city: City, disease: DiseaseCourse, seed: int) -> DrawTables:
    """Return the tables of a disease in a city.

    Parameters
    ----------
    city : City
    disease : DiseaseCourse
    seed : int
        Of the run.

    Returns
    -------
    DrawTables

    Raises
    ------
    ValueError
        If the ages differ, or one person would make more effective contacts than can be numbered.
    """
    contacts, ages = city.contacts, city.age_groups.count
    infectiousness, severity = disease.infectiousness, disease.severity
    if len(disease.susceptibility) != ages or (severity is not None and len(severity.symptomatic) != ages):
        raise ValueError(
            f"draw_tables: the disease is for {len(disease.susceptibility)} age groups, the city has {ages}; "
            "use the same age groups"
        )
    scale = contacts.weight * contacts.ceiling * disease.transmissibility
    household = _household_rates(city, float(scale[0]))
    group = np.vstack([np.zeros((1, ages)), contacts.group * scale[1:5, None]])
    community = contacts.community.sum(axis=1) * scale[COMMUNITY]
    profile = np.concatenate(([0.0], np.cumsum(infectiousness.profile)))
    own, others = _mixing(contacts)
    varied = math.isfinite(infectiousness.dispersion)
    most = (household.max() + 2.0 * group.max() + community.max()) * infectiousness.period.mean_days
    if most > LARGEST_MEAN:
        raise ValueError(
            f"draw_tables: one person would make {most:.4g} effective contacts on average, at most "
            f"{LARGEST_MEAN:g} are possible; check transmissibility, contacts and the largest household"
        )
    return DrawTables(
        key=purpose_key(seed, "transmission"),
        latent=quantile_table(infectiousness.latent),
        period=quantile_table(infectiousness.period),
        lead=quantile_table(NO_DELAY if severity is None else severity.infectious_to_onset),
        dispersion=quantile_table(
            Delay("gamma", 1.0, infectiousness.dispersion**-0.5) if varied else Delay("fixed", 1.0)
        ),
        profile=profile / profile[-1],
        household_rate=household,
        group_rate=floats_for_kernel(group),
        community_rate=floats_for_kernel(community),
        community_ages=_cumulative(contacts.community),
        own_place=own,
        other_places=others,
        symptomatic=floats_for_kernel(np.ones(ages) if severity is None else severity.symptomatic),
        severe=floats_for_kernel(np.zeros(ages) if severity is None else severity.severe),
        severe_by_disease=np.ones(4) if severity is None else np.array([*severity.severe_by_disease, 1.0]),
        asymptomatic_factor=infectiousness.asymptomatic_factor,
        follows_period=infectiousness.follows_period,
        mean_period=infectiousness.period.mean_days,
        varied=varied,
        clinical=severity is not None,
    )


def _household_rates(city: City, scale: float) -> Float64Array:
    largest = int(np.diff(city.population.household_start).max())
    others = np.maximum(np.arange(largest + 1) - 1.0, 0.0)
    rates = np.zeros(largest + 1)
    some = others > 0.0
    rates[some] = (
        scale * city.contacts.household_per_member * others[some] ** (1.0 - city.contacts.household_exponent)
    )
    return rates


def _cumulative(rows: Float64Array) -> Float64Array:
    sums = rows.sum(axis=-1, keepdims=True)
    shares = np.divide(rows, sums, out=np.zeros_like(rows, dtype=np.float64), where=sums > 0.0)
    return np.ascontiguousarray(np.cumsum(shares, axis=-1))


def _mixing(contacts: Contacts) -> tuple[Float64Array, Float64Array]:
    if contacts.place_mixing is None or len(contacts.place_mixing) == 1:
        return np.zeros(0), np.zeros((1, 1))
    others = contacts.place_mixing.astype(np.float64)
    own = np.diagonal(others).copy()
    np.fill_diagonal(others, 0.0)
    return own, _cumulative(others)


@compiled_lean(forceinline=True)
def upper_half(bits: np.uint64) -> np.uint64:
    """Return the upper 32 bits."""
    return bits >> _HALF


@compiled_lean(forceinline=True)
def lower_half(bits: np.uint64) -> np.uint64:
    """Return the lower 32 bits."""
    return bits & _LOW


@compiled_lean(forceinline=True)
def share_of(half: np.uint64) -> float:
    """Return 32 bits as a number strictly between 0 and 1."""
    return (np.float64(half) + 0.5) * _SHARE


@compiled_lean(forceinline=True)
def below_half(half: np.uint64, count: int) -> int:
    """Return 32 bits as a whole number from 0 to ``count - 1``."""
    return whole((half * np.uint64(count)) >> _HALF)


@compiled_lean(forceinline=True)
def poisson(mean: float, bits: np.uint64) -> int:
    """Return a Poisson number by inversion; means above 30 in pieces, each with bits of its own."""
    total = 0
    left = mean
    while left > 0.0:
        piece = min(left, _LARGEST_POISSON_PIECE)
        left -= piece
        uniform = unit_interval(bits)
        probability = math.exp(-piece)
        cumulative = probability
        number = 0
        while uniform > cumulative and number < 400:
            number += 1
            probability *= piece / number
            cumulative += probability
        total += number
        if left > 0.0:
            bits = next_bits(bits)
    return total


@compiled_lean(forceinline=True)
def traits_of(draw: DrawTables, person: int, age: int) -> Traits:
    """Return what an infection of this person is like."""
    bits = keyed_bits(draw.key, person, _LATENT_AND_PERIOD)
    latent = delay_at(draw.latent, upper_half(bits))
    period = delay_at(draw.period, lower_half(bits))
    strength = period if draw.follows_period else draw.mean_period
    onset = latent
    symptomatic = False
    if draw.varied or draw.clinical:
        bits = keyed_bits(draw.key, person, _FACTOR_AND_SYMPTOMS)
        if draw.varied:
            strength *= delay_at(draw.dispersion, upper_half(bits))
        if draw.clinical:
            symptomatic = share_of(lower_half(bits)) < draw.symptomatic[age]
            onset += delay_at(draw.lead, upper_half(keyed_bits(draw.key, person, _LEAD)))
            if not symptomatic:
                strength *= draw.asymptomatic_factor
    return Traits(latent, period, onset, symptomatic, strength)


@compiled_lean(forceinline=True)
def spread_of(city: CityTables, draw: DrawTables, person: int) -> Spread:
    """Return the effective contacts a day of this person."""
    card = city.card
    sizes = whole(card[4 * person + 2])
    last = whole(card[4 * person + 3])
    age = age_of(last)
    home, members = sizes >> 16, sizes & 0xFFFF
    household = draw.household_rate[home]
    group = 0.0
    if members > 1:
        # one choice in `members` is the person itself and void, so the rest is raised to make up for it
        group = draw.group_rate[kind_of(last), age] * members / (members - 1)
    total = household + group + draw.community_rate[age]
    return Spread(
        person,
        whole(card[4 * person]),
        whole(card[4 * person + 1]),
        home,
        members,
        last,
        household,
        group,
        total,
    )


@compiled_lean(forceinline=True)
def number_of_contacts(draw: DrawTables, person: int, mean: float) -> int:
    """Return how many effective contacts this person makes."""
    return min(poisson(mean, keyed_bits(draw.key, person, _NUMBER)), MOST_CONTACTS)


@compiled_lean(forceinline=True)
def contact(
    city: CityTables, draw: DrawTables, spread: Spread, traits: Traits, number: int
) -> tuple[float, int, int]:
    """Return one effective contact of a person.

    Returns
    -------
    offset_days : float
        Time since infection.
    setting : int
    target : int
        First word of a queue entry; -1 for a contact that meets nobody.
    """
    bits = keyed_bits(draw.key, spread.person, _FIRST_CONTACT + number)
    more = next_bits(bits)
    offset = traits.latent + traits.period * _within_profile(draw.profile, share_of(upper_half(bits)))
    where = share_of(lower_half(bits)) * spread.total
    whom = upper_half(more)
    if where < spread.household:
        target = spread.first_of_household + below_half(whom, spread.size_of_household - 1)
        if target >= spread.person:
            target += 1
        return offset, 0, target
    where -= spread.household
    if where < spread.group:
        position = spread.start_of_group + below_half(whom, spread.size_of_group)
        return offset, kind_of(spread.last), position | LISTED
    rate = draw.community_rate[age_of(spread.last)]
    uniform = min((where - spread.group) / rate, 1.0) if rate > 0.0 else 0.0
    target = community_target(city, draw, spread.last, uniform, more)
    return offset, COMMUNITY, target


@compiled_lean(forceinline=True)
def _within_profile(profile: Float64Array, uniform: float) -> float:
    """Return the share of the infectious period at which a share of all infectiousness is over."""
    slices = len(profile) - 1
    if slices == 1:
        return uniform
    at = 0
    while at < slices - 1 and uniform > profile[at + 1]:
        at += 1
    weight = profile[at + 1] - profile[at]
    inside = (uniform - profile[at]) / weight if weight > 0.0 else 0.5
    return (at + inside) / slices


@compiled_lean(forceinline=True)
def community_target(city: CityTables, draw: DrawTables, last: int, uniform: float, more: np.uint64) -> int:
    """Return whom a person meets in the community, as the first word of a queue entry; -1 for nobody."""
    place = place_of(last)
    if len(draw.own_place) > 0:
        place = _other_place(draw, place, share_of(lower_half(more)))
    whom = upper_half(more)
    if city.ages == 1:
        start = city.place_start[place]
        count = city.place_start[place + 1] - start
        return start + below_half(whom, count) if count > 0 else -1
    ages = draw.community_ages[age_of(last)]
    age = 0
    while age < city.ages - 1 and uniform > ages[age]:
        age += 1
    cell = place * city.ages + age
    start = city.cell_start[cell]
    count = city.cell_start[cell + 1] - start
    return (start + below_half(whom, count)) | LISTED if count > 0 else -1


@compiled_lean(forceinline=True)
def _other_place(draw: DrawTables, place: int, uniform: float) -> int:
    own = draw.own_place[place]
    if uniform < own or own >= 1.0:
        return place
    row = draw.other_places[place]
    wanted = (uniform - own) / (1.0 - own)
    low, high = 0, len(row) - 1
    while low < high:
        middle = (low + high) >> 1
        if row[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low
