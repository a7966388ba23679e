"""Who infects whom, as two vectors that a pass over the people of a city improves.

The matrix K, "i infects j", is never written down. It is kept as vectors w (where infections of a generation
are) and u (what an infection of each person is worth to later generations), which a pass replaces by K w and
u K at once. The growth factor is then taken to be ``u K w / u w``: its error is the product of those of w and
u, so that a few passes do; and it can be written for *any* transmissibility as a sum over kinds of pairs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled
from fangxian.science.agents.city import City, age_of, kind_of, place_of
from fangxian.science.agents.records import DiseaseCourse, Setting
from fangxian.science.agents.whole import whole

Float64Array = NDArray[np.float64]
Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]


class Cells(NamedTuple):
    """Tables by which people of a city differ. A ages, P places, R kinds and sizes of groups."""

    card: NDArray[np.uint32]
    person_group: Int32Array
    row_of: Int64Array
    """[6, largest group + 1]: row of a kind of group (0: none) and its members."""
    susceptible: Float64Array
    """[A]"""
    strength: Float64Array
    """[A]: expected days of infectiousness."""
    groups: int
    places: int


class Vectors(NamedTuple):
    """The two vectors, [n] each, and the factors that make them sum to 1."""

    where: Float64Array
    worth: Float64Array
    scale: Float64Array
    """[2]"""


class Weights(NamedTuple):
    """``u K w`` by kind of pair, for contacts that infect with certainty, and ``u w``."""

    household: Float64Array
    """[largest household + 1, A]: by size, and age of the infector."""
    group: Float64Array
    """[R, A]"""
    community: float
    """For one contact a day per unit of transmissibility."""
    both: float


def cells_of(city: City, disease: DiseaseCourse, strength: Float64Array) -> tuple[Cells, Int64Array]:
    """Return the tables of a city, and for each row the kind of group + 1 and its members; [R, 2]."""
    population = city.population
    members = np.diff(population.group_start)
    kinds = population.group_kind.astype(np.int64) + 1
    rows = np.unique(np.column_stack((kinds, members)), axis=0) if len(kinds) else np.zeros((0, 2), int)
    rows = np.concatenate((np.zeros((1, 2), dtype=np.int64), rows.astype(np.int64)))
    row_of = np.zeros((6, int(members.max(initial=0)) + 1), dtype=np.int64)
    row_of[rows[:, 0], rows[:, 1]] = np.arange(len(rows))
    cells = Cells(
        card=city.tables.card,
        person_group=population.person_group,
        row_of=row_of,
        susceptible=np.array(disease.susceptibility, dtype=np.float64),
        strength=strength,
        groups=population.groups,
        places=city.sizes.places,
    )
    return cells, rows


def first_vectors(people: int) -> Vectors:
    """Return vectors that know nothing."""
    return Vectors(np.full(people, 1.0 / people), np.full(people, 1.0 / people), np.ones(2))


def one_pass(
    cells: Cells, city: City, vectors: Vectors, infects: tuple[Float64Array, Float64Array, float]
) -> Weights:
    """Replace the vectors by those a generation on; return the weights of those given.

    Parameters
    ----------
    cells, city
        Of one city.
    vectors : Vectors
        Written to.
    infects : (float array [largest household + 1, A], float array [R, A], float)
        Probability that a person infects one other of the household, of the group, and the transmissibility.
    """
    at_home, at_work, transmissibility = infects
    shape = (cells.places, len(cells.susceptible))
    group_sums = np.zeros((cells.groups + 1, 2))
    cell_sums = np.zeros((2, *shape))
    _gather(cells, vectors, at_work, group_sums, cell_sums)
    received, worth = _community(city, cell_sums)
    weights = Weights(
        np.zeros(at_home.shape), np.zeros(at_work.shape), float((cell_sums[0] * worth).sum()), 0.0
    )
    totals = _spread(
        cells,
        vectors,
        (at_home, at_work),
        (group_sums, received * transmissibility, worth * transmissibility),
        (weights.household, weights.group),
    )
    for number in range(2):
        vectors.scale[number] = 1.0 / totals[number] if totals[number] > 0.0 else 0.0
    return weights._replace(both=totals[2])


def _community(city: City, cell_sums: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return what a person of each cell receives and what one infection there is worth; [P, A] each."""
    contacts = city.contacts
    community = contacts.community * contacts.weight[Setting.COMMUNITY]
    people = city.cell_people
    sent, wanted = cell_sums[0] @ community, np.zeros(people.shape)
    np.divide(cell_sums[1], people, out=wanted, where=people > 0)
    if contacts.place_mixing is not None:
        sent, wanted = contacts.place_mixing.T @ sent, contacts.place_mixing @ wanted
    received = np.divide(sent, people, out=np.zeros(people.shape), where=people > 0)
    return received, wanted @ community.T


@compiled(nogil=True)
def _gather(
    cells: Cells, vectors: Vectors, at_work: Float64Array, group_sums: Float64Array, cell_sums: Float64Array
) -> None:
    """Add up both vectors by group and by cell."""
    card = cells.card
    for person in range(len(vectors.where)):
        last = whole(card[4 * person + 3])
        place, age = place_of(last), age_of(last)
        where = vectors.where[person] * vectors.scale[0]
        worth = vectors.worth[person] * vectors.scale[1] * cells.susceptible[age]
        row = cells.row_of[kind_of(last), whole(card[4 * person + 2]) & 0xFFFF]
        group = cells.person_group[person] + 1
        group_sums[group, 0] += where * at_work[row, age]
        group_sums[group, 1] += worth
        cell_sums[0, place, age] += where * cells.strength[age]
        cell_sums[1, place, age] += worth


@compiled(nogil=True)
def _spread(
    cells: Cells,
    vectors: Vectors,
    infects: tuple[Float64Array, Float64Array],
    sums: tuple[Float64Array, Float64Array, Float64Array],
    weights: tuple[Float64Array, Float64Array],
) -> tuple[float, float, float]:
    """Give every person its share of the sums; return the sums of the new vectors, the product of the old."""
    card = cells.card
    at_home, at_work = infects
    group_sums, received, wanted = sums
    total_where, total_worth, both = 0.0, 0.0, 0.0
    home_where, home_worth = 0.0, 0.0
    for person in range(len(vectors.where)):
        last = whole(card[4 * person + 3])
        sizes = whole(card[4 * person + 2])
        size, place, age = sizes >> 16, place_of(last), age_of(last)
        if whole(card[4 * person]) == person:
            home_where, home_worth = 0.0, 0.0
            for member in range(person, person + size):
                age_of_member = age_of(whole(card[4 * member + 3]))
                home_where += vectors.where[member] * at_home[size, age_of_member]
                home_worth += vectors.worth[member] * cells.susceptible[age_of_member]
            home_where *= vectors.scale[0]
            home_worth *= vectors.scale[1]
        where = vectors.where[person] * vectors.scale[0]
        worth = vectors.worth[person] * vectors.scale[1]
        row = cells.row_of[kind_of(last), sizes & 0xFFFF]
        group = cells.person_group[person] + 1
        own = worth * cells.susceptible[age]
        at_home_worth = home_worth - own
        at_work_worth = group_sums[group, 1] - own if group > 0 else 0.0
        new_where = home_where - where * at_home[size, age] + received[place, age]
        if group > 0:
            new_where += group_sums[group, 0] - where * at_work[row, age]
        new_where *= cells.susceptible[age]
        new_worth = at_home[size, age] * at_home_worth + at_work[row, age] * at_work_worth
        new_worth += cells.strength[age] * wanted[place, age]
        weights[0][size, age] += where * at_home_worth
        weights[1][row, age] += where * at_work_worth
        both += where * worth
        vectors.where[person], vectors.worth[person] = new_where, new_worth
        total_where += new_where
        total_worth += new_worth
    return total_where, total_worth, both
