"""Synthetic counties and cities for testing rounds (模拟数据): dense seats, and villages around townships."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fangxian.base.written_tables import write_rows

HALF_WIDTH_KM = 14.0
COUNTY_RADIUS_KM = 55.0
"""How far the counties of a city lie from its seat."""
AT_RISK = 0.03
"""Share of an area that is known to be at risk where a risk group is told apart: contacts and their like."""


@dataclass(frozen=True)
class RoundSize:
    """How much of what there is; a city like 邯郸 has 20 counties.

    Parameters
    ----------
    counties : int
        Of the city.
    townships, villages, quarters : int
        Of each county; quarters are the dense parts of its seat.
    """

    counties: int = 1
    townships: int = 12
    villages: int = 280
    quarters: int = 20


def write_synthetic_round(folder: Path, *, seed: int, size: RoundSize | None = None) -> tuple[str, ...]:
    """Write the tables of a round in a made-up county or city.

    Parameters
    ----------
    folder : Path
        Made when missing.
    seed : int
        The same seed gives the same county.
    size : RoundSize, optional
        A county of the usual size if none is given.

    Returns
    -------
    tuple of str
        Names of the files.
    """
    chosen = size or RoundSize()
    numbers = np.random.default_rng(seed)
    tables: dict[str, list[list[object]]] = {name: [] for name in _HEADS}
    # Laboratories are not where the people are: one county has too few, its neighbour has room.
    uneven = numbers.uniform(0.55, 1.45, chosen.counties) if chosen.counties > 1 else np.ones(1)
    for county in range(chosen.counties):
        prefix = f"C{county:02d}" if chosen.counties > 1 else ""
        angle, distance = numbers.uniform(0, 2 * np.pi), COUNTY_RADIUS_KM * np.sqrt(numbers.uniform())
        seat = distance * np.array([np.cos(angle), np.sin(angle)]) if chosen.counties > 1 else np.zeros(2)
        _county(numbers, chosen, (prefix, seat, float(uneven[county] / uneven.mean())), tables)
    tables["rules"] = [["walk_limit_minutes", 25], ["clock_hours", 24], ["array_sides", "8 12"]]
    folder.mkdir(parents=True, exist_ok=True)
    for name, head in _HEADS.items():
        write_rows(folder / f"{name}.csv", head, tables[name])
    return tuple(f"{name}.csv" for name in _HEADS)


_HEADS = {
    "areas": ("area", "people", "prevalence", "x_km", "y_km"),
    "risk_groups": ("area", "group", "people", "prevalence"),
    "sites": ("site", "x_km", "y_km", "most_lanes", "opening_yuan"),
    "laboratories": ("laboratory", "x_km", "y_km", "tubes_per_hour", "test_yuan"),
    "rules": ("name", "value"),
}


def _county(
    numbers: np.random.Generator,
    size: RoundSize,
    where: tuple[str, NDArray[np.float64], float],
    tables: dict[str, list[list[object]]],
) -> None:
    prefix, seat, capacity = where
    villages, quarters = size.villages, size.quarters
    centre = numbers.uniform(-HALF_WIDTH_KM, HALF_WIDTH_KM, (size.townships, 2))
    centre[0] = 0.0
    home = numbers.integers(0, size.townships, villages)
    rural = centre[home] + numbers.normal(0, 3.0, (villages, 2))
    town = numbers.normal(0, 1.2, (quarters, 2))
    place = np.concatenate([town, rural])
    people = np.concatenate(
        [numbers.lognormal(8.6, 0.4, quarters), numbers.lognormal(7.1, 0.5, villages)]
    ).astype(int)
    # An area goes whole to one site: a village to one of four lanes, a quarter to one of twelve.
    people = np.minimum(people, np.repeat([14_000, 4500], [quarters, villages]))
    prevalence = 0.0008 * np.exp(numbers.normal(0, 1.2, place.shape[0]))
    prevalence[numbers.integers(0, place.shape[0], 6)] = 0.03
    prevalence = np.round(np.minimum(prevalence, 0.2), 5)
    traced = np.asarray(numbers.random(place.shape[0]) < 0.1)
    for k in range(place.shape[0]):
        code = f"{prefix}A{k:04d}"
        tables["areas"].append([code, int(people[k]), f"{prevalence[k]:.5f}", *_at(seat + place[k])])
        contacts = int(AT_RISK * people[k])
        if traced[k] and contacts:
            # Half of the cases are among those who are known to be at risk.
            inside = min(0.3, 0.5 * prevalence[k] * people[k] / contacts)
            tables["risk_groups"].append([code, "contacts", contacts, f"{inside:.5f}"])
    # Every quarter and village has a possible site at its door, townships one besides.
    site_place = np.concatenate([place + numbers.normal(0, 0.1, place.shape), centre])
    lanes = np.concatenate([np.full(quarters, 12), np.full(villages, 4), np.full(size.townships, 10)])
    for k in range(site_place.shape[0]):
        opening = 400 if k >= quarters else 800
        tables["sites"].append([f"{prefix}S{k:04d}", *_at(seat + site_place[k]), int(lanes[k]), opening])
    speed = people.sum() / 10 / 16 * capacity
    for name, spot, share, yuan in (
        ("L-county", centre[0], 2.4, 18),
        ("L-hospital", centre[0] + 1.0, 1.2, 22),
        ("L-mobile", centre[-1], 0.9, 30),
    ):
        tables["laboratories"].append([f"{prefix}{name}", *_at(seat + spot), round(share * speed), yuan])


def _at(place: NDArray[np.float64]) -> list[str]:
    return [f"{place[0]:.3f}", f"{place[1]:.3f}"]
