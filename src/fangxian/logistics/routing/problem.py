"""Who is to be fetched, by what fleet, on what roads: the transfer problem, checked at construction.

Times are whole seconds from one zero (midnight, say), lengths whole metres: sums are exact, and a plan is
either inside a limit or outside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

HOME = -1
"""Delivery place of a request that is set down where its vehicle's round ends."""
NOBODY = -1
"""``aboard`` of a request that still waits."""
FOREVER = 2**40
"""A time that never comes; use it for a window without an end."""


@dataclass(frozen=True)
class Requests:
    """Transfers asked for; one row each, R rows.

    Parameters
    ----------
    pickup, delivery : int64[R]
        Places by number; ``delivery`` may be ``HOME``.
    persons : int64[R]
        Who travel together; at least 1.
    category : int64[R]
        Who may share a vehicle: equal numbers may, different ones never, except after a cleaning.
    ready_s, pickup_until_s : int64[R]
        Earliest and latest begin of the pickup.
    deliver_from_s, deliver_until_s : int64[R]
        Earliest and latest begin of the handing over; not looked at for ``HOME``.
    pickup_s, delivery_s : int64[R]
        How long getting in and out takes.
    weight : int64[R]
        How much leaving this request behind counts against leaving another; at least 1.
    aboard : int64[R]
        Vehicle that already carries them, or ``NOBODY``.
    """

    pickup: Integers
    delivery: Integers
    persons: Integers
    category: Integers
    ready_s: Integers
    pickup_until_s: Integers
    deliver_from_s: Integers
    deliver_until_s: Integers
    pickup_s: Integers
    delivery_s: Integers
    weight: Integers
    aboard: Integers

    def __len__(self) -> int:
        return int(self.pickup.shape[0])


@dataclass(frozen=True)
class Vehicles:
    """The fleet; one row each, V rows.

    Parameters
    ----------
    start, end : int64[V]
        Places where a round begins and ends.
    capacity : int64[V]
        Seats for those transferred.
    opens_s, closes_s : int64[V]
        Crew hours: no driving before, back and clean after.
    fixed_m : int64[V]
        What using the vehicle at all costs, in metres; 0 is allowed.
    last_category : int64[V]
        Category carried last and not cleaned away; C (one more than the last category) for a clean vehicle.
    """

    start: Integers
    end: Integers
    capacity: Integers
    opens_s: Integers
    closes_s: Integers
    fixed_m: Integers
    last_category: Integers

    def __len__(self) -> int:
        return int(self.start.shape[0])


@dataclass(frozen=True)
class TransferProblem:
    """Requests, fleet, who may ride in what, roads and cleaning.

    Parameters
    ----------
    requests : Requests
    vehicles : Vehicles
    fits : bool[R, V]
        Whether a vehicle has what a request needs (kind, stretcher, negative pressure).
    distance_m, travel_s : int64[N, N]
        From place (row) to place (column).
    cleaning_s : int64[C+1, C+1]
        Time to clean an empty vehicle between a category (row) and the next (column). The last row stands for
        a vehicle that is clean, the last column for the end of the shift.

    Raises
    ------
    ValueError
        Naming rule, value and remedy, where a shape, a number or an order is wrong.
    """

    requests: Requests
    vehicles: Vehicles
    fits: Flags
    distance_m: Integers
    travel_s: Integers
    cleaning_s: Integers

    def __post_init__(self) -> None:
        """Check shapes, places, windows and who is aboard."""
        if len(self.vehicles) == 0 or len(self.requests) == 0:
            raise ValueError(
                f"there must be at least one vehicle and one request (got {len(self.vehicles)} and "
                f"{len(self.requests)}); add vehicles, or do not ask for a plan"
            )
        _check_columns("requests", vars(self.requests), len(self.requests))
        _check_columns("vehicles", vars(self.vehicles), len(self.vehicles))
        self._check_tables()
        self._check_requests()
        self._check_vehicles()
        self._check_aboard()

    @property
    def clean(self) -> int:
        """The number that stands for a clean vehicle, and for the end of the shift."""
        return int(self.cleaning_s.shape[0]) - 1

    def penalty_m(self) -> Integers:
        """Return int64[R]: metres that leaving a request behind costs: more than any plan can drive."""
        stops = 2 * len(self.requests) + len(self.vehicles)
        worst = stops * int(self.distance_m.max()) + int(self.vehicles.fixed_m.sum()) + 1
        return self.requests.weight * worst

    def _check_tables(self) -> None:
        places = self.distance_m.shape[0]
        if self.distance_m.shape != (places, places) or self.travel_s.shape != (places, places):
            raise ValueError(
                f"distance_m and travel_s must be square and alike (got {self.distance_m.shape} and "
                f"{self.travel_s.shape}); give both for the same places"
            )
        if self.cleaning_s.ndim != 2 or len(set(self.cleaning_s.shape)) != 1 or self.clean < 1:
            raise ValueError(
                f"cleaning_s must be square, one row a category and one for clean (got "
                f"{self.cleaning_s.shape}); add the last row and column"
            )
        if self.fits.shape != (len(self.requests), len(self.vehicles)):
            raise ValueError(
                f"fits must have a row a request and a column a vehicle (got {self.fits.shape} for "
                f"{len(self.requests)} and {len(self.vehicles)}); align the tables"
            )
        for name in ("distance_m", "travel_s", "cleaning_s"):
            table: Integers = getattr(self, name)
            if table.min() < 0 or table.max() >= 2**31:
                raise ValueError(
                    f"{name} must lie in 0 to 2^31 - 1 (got {table.min()} to {table.max()}); "
                    "correct the table, or join the places by a road"
                )

    def _check_requests(self) -> None:
        asked, places = self.requests, self.distance_m.shape[0]
        _within("pickup", asked.pickup, 0, places - 1)
        _within("delivery", asked.delivery, HOME, places - 1)
        _within("category", asked.category, 0, self.clean - 1)
        _within("persons", asked.persons, 1, 10**6)
        _within("weight", asked.weight, 1, 10**6)
        for name in ("pickup_s", "delivery_s", "ready_s", "deliver_from_s"):
            _within(name, getattr(asked, name), 0, FOREVER)
        _in_order("pickup window", asked.ready_s, asked.pickup_until_s)
        _in_order("delivery window", asked.deliver_from_s, asked.deliver_until_s)

    def _check_vehicles(self) -> None:
        fleet, places = self.vehicles, self.distance_m.shape[0]
        _within("start", fleet.start, 0, places - 1)
        _within("end", fleet.end, 0, places - 1)
        _within("capacity", fleet.capacity, 1, 10**6)
        _within("last_category", fleet.last_category, 0, self.clean)
        _within("fixed_m", fleet.fixed_m, 0, FOREVER)
        _within("opens_s", fleet.opens_s, 0, FOREVER)
        _in_order("crew hours", fleet.opens_s, fleet.closes_s)

    def _check_aboard(self) -> None:
        asked, fleet = self.requests, self.vehicles
        _within("aboard", asked.aboard, NOBODY, len(fleet) - 1)
        for vehicle in np.unique(asked.aboard[asked.aboard >= 0]):
            riding = np.flatnonzero(asked.aboard == vehicle)
            kinds, load = np.unique(asked.category[riding]), int(asked.persons[riding].sum())
            if kinds.shape[0] > 1 or kinds[0] != fleet.last_category[vehicle]:
                raise ValueError(
                    f"those aboard vehicle {vehicle} must be of its last_category (got categories "
                    f"{kinds.tolist()}, last {fleet.last_category[vehicle]}); correct the state"
                )
            if load > fleet.capacity[vehicle]:
                raise ValueError(
                    f"vehicle {vehicle} must not carry more than its capacity (got {load} of "
                    f"{fleet.capacity[vehicle]}); correct the state"
                )


def _check_columns(table: str, columns: dict[str, Integers], length: int) -> None:
    for name, values in columns.items():
        if values.shape != (length,) or not np.issubdtype(values.dtype, np.integer):
            raise ValueError(
                f"{table}.{name} must hold {length} whole numbers (got {values.dtype}{list(values.shape)}); "
                "align the columns, in metres and seconds"
            )


def _within(name: str, values: Integers, least: int, most: int) -> None:
    wrong = np.flatnonzero((values < least) | (values > most))
    if wrong.size:
        raise ValueError(
            f"{name} must lie in {least} to {most} (got {values[wrong[0]]} in row {wrong[0]}); "
            "correct the row"
        )


def _in_order(name: str, first: Integers, last: Integers) -> None:
    wrong = np.flatnonzero(first > last)
    if wrong.size:
        row = wrong[0]
        raise ValueError(
            f"a {name} must not end before it begins (got {first[row]} to {last[row]} in row {row}); "
            "correct the row"
        )
