"""Synthetic counties for testing rounds (模拟数据): a dense seat, and villages around townships."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fangxian.base.written_tables import write_rows

HALF_WIDTH_KM = 14.0


def write_synthetic_round(
    folder: Path, *, seed: int, townships: int = 12, villages: int = 280, quarters: int = 20
) -> None:
    """Write the tables of a round in a made-up county.

    Parameters
    ----------
    folder : Path
        Made when missing.
    seed : int
        The same seed gives the same county.
    townships, villages, quarters : int
        Sizes; quarters are the dense parts of the seat.
    """
    numbers = np.random.default_rng(seed)
    centre = numbers.uniform(-HALF_WIDTH_KM, HALF_WIDTH_KM, (townships, 2))
    centre[0] = 0.0
    home = numbers.integers(0, townships, villages)
    rural = centre[home] + numbers.normal(0, 3.0, (villages, 2))
    town = numbers.normal(0, 1.2, (quarters, 2))
    place = np.concatenate([town, rural])
    people = np.concatenate(
        [numbers.lognormal(8.6, 0.4, quarters), numbers.lognormal(7.1, 0.5, villages)]
    ).astype(int)
    people[quarters:] = np.minimum(people[quarters:], 4500)  # a village goes whole to a site of four lanes
    prevalence = 0.0008 * np.exp(numbers.normal(0, 1.2, place.shape[0]))
    prevalence[numbers.integers(0, place.shape[0], 6)] = 0.03
    areas = [
        [f"A{k:04d}", int(people[k]), f"{min(prevalence[k], 0.2):.5f}", *_at(place[k])]
        for k in range(place.shape[0])
    ]
    # Every quarter and village has a possible site at its door, townships one besides.
    site_place = np.concatenate([place + numbers.normal(0, 0.1, place.shape), centre])
    lanes = np.concatenate([np.full(quarters, 12), np.full(villages, 4), np.full(townships, 10)])
    sites = [
        [f"S{k:04d}", *_at(site_place[k]), int(lanes[k]), 400 if k >= quarters else 800]
        for k in range(site_place.shape[0])
    ]
    speed = people.sum() / 10 / 16
    labs = [
        ["L-county", *_at(centre[0]), round(2.4 * speed), 18],
        ["L-hospital", *_at(centre[0] + 1.0), round(1.2 * speed), 22],
        ["L-mobile", *_at(centre[-1]), round(0.9 * speed), 30],
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "areas.csv", ["area", "people", "prevalence", "x_km", "y_km"], areas)
    write_rows(folder / "sites.csv", ["site", "x_km", "y_km", "most_lanes", "opening_yuan"], sites)
    write_rows(
        folder / "laboratories.csv", ["laboratory", "x_km", "y_km", "tubes_per_hour", "test_yuan"], labs
    )
    write_rows(folder / "rules.csv", ["name", "value"], [["walk_limit_minutes", 25], ["clock_hours", 24]])


def _at(place: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[str]:
    return [f"{place[0]:.3f}", f"{place[1]:.3f}"]
