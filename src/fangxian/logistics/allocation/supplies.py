"""What an allocation is about: items, warehouses with batches, points with forecasts, and roads.

Amounts are whole units of an item. Arrays are by warehouse, then by point; needs are a list, one entry a
point and item that is used there, since a village clinic uses few of the items that a hospital does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TIERS = ("red", "yellow", "green")
"""Tiers of key people, the most endangered first."""
NEVER = 10**6
"""Days until expiry of what does not expire."""


@dataclass(frozen=True)
class Items:
    """What is shared out.

    Parameters
    ----------
    code, unit : tuple of str
        Name and unit of each item; all its amounts are in that unit.
    litres : float64[I]
        Volume of a unit; above 0.
    floor_days : float64[I]
        Days of ordinary use that count as the survival floor of the average point.
    longest_hours : float64[I]
        Most hours on the road, e.g. what a cold box keeps; infinite without a limit.
    cold : bool[I]
        Travels in cold vehicles only.
    least_shipment : int64[I]
        Fewest units that leave a warehouse for a point; 1 allows any.
    """

    code: tuple[str, ...]
    unit: tuple[str, ...]
    litres: Floats
    floor_days: Floats
    longest_hours: Floats
    cold: Flags
    least_shipment: Integers

    def __post_init__(self) -> None:
        """Check shapes and signs."""
        _same_length(
            "items", len(self.code), self.unit, self.litres, self.floor_days, self.longest_hours, self.cold,
            self.least_shipment,
        )  # fmt: skip
        _at_least("litres of a unit", self.litres, 1e-9)
        _at_least("floor_days", self.floor_days, 0)
        _at_least("longest_hours", self.longest_hours, 0)
        _at_least("least_shipment", self.least_shipment, 1)


@dataclass(frozen=True)
class Warehouses:
    """Where stock lies and what can carry it away before the next plan.

    Parameters
    ----------
    code, level : tuple of str
        Name, and one of the five levels of the administration.
    load_litres, cold_load_litres : float64[W]
        What ordinary and cold vehicles carry away: vehicles x trips x volume.
    """

    code: tuple[str, ...]
    level: tuple[str, ...]
    load_litres: Floats
    cold_load_litres: Floats

    def __post_init__(self) -> None:
        """Check shapes and signs."""
        _same_length("warehouses", len(self.code), self.level, self.load_litres, self.cold_load_litres)
        _at_least("load_litres", self.load_litres, 0)
        _at_least("cold_load_litres", self.cold_load_litres, 0)


@dataclass(frozen=True)
class Batches:
    """Stock by batch.

    Parameters
    ----------
    code : tuple of str
    warehouse, item : int64[B]
        Where it lies and what it is.
    quantity : int64[B]
        Units held.
    expires_days : int64[B]
        Days from today on which it may still be used; ``NEVER`` without a date. At least 0.
    """

    code: tuple[str, ...]
    warehouse: Integers
    item: Integers
    quantity: Integers
    expires_days: Integers

    def __post_init__(self) -> None:
        """Check shapes and signs."""
        _same_length("batches", len(self.code), self.warehouse, self.item, self.quantity, self.expires_days)
        _at_least("quantity of a batch", self.quantity, 0)
        _at_least("expires_days", self.expires_days, 0)


@dataclass(frozen=True)
class Needs:
    """What each point uses of each item.

    Parameters
    ----------
    point, item : int64[N]
        No pair occurs twice.
    on_hand : int64[N]
        Units at the point.
    coming : int64[N]
        Units on the road to it that arrive within the horizon: yesterday's plan is kept.
    guaranteed : int64[N]
        Units that it must be sent whatever else is short; 0 without an order.
    quantiles : int64[N, K]
        Demand within the horizon, at the levels of the problem; do not fall from left to right.
    tier_share : float64[N, 3]
        Part of that demand which is for people of the red, yellow and green tier; sums to 1.
    """

    point: Integers
    item: Integers
    on_hand: Integers
    coming: Integers
    guaranteed: Integers
    quantiles: Integers
    tier_share: Floats

    def __post_init__(self) -> None:
        """Check shapes, signs, order of quantiles and sums of shares."""
        count = self.point.shape[0]
        _same_length(
            "needs", count, self.item, self.on_hand, self.coming, self.guaranteed, self.quantiles,
            self.tier_share,
        )  # fmt: skip
        for name in ("on_hand", "coming", "guaranteed", "quantiles", "tier_share"):
            _at_least(name, getattr(self, name), 0)
        if (np.diff(self.quantiles, axis=1) < 0).any():
            row = int(np.argmax((np.diff(self.quantiles, axis=1) < 0).any(axis=1)))
            raise ValueError(
                f"quantiles must not fall (got {self.quantiles[row].tolist()} in need {row}); sort them"
            )
        if count and not np.allclose(self.tier_share.sum(axis=1), 1):
            row = int(np.argmax(np.abs(self.tier_share.sum(axis=1) - 1)))
            raise ValueError(
                f"tier_share must sum to 1 (got {self.tier_share[row].sum():g} in need {row}); normalise it"
            )


@dataclass(frozen=True)
class SupplyProblem:
    """One morning's question: who gets what from where.

    Parameters
    ----------
    items : Items
    warehouses : Warehouses
    batches : Batches
    reserve : int64[W, I]
        Units that may not be touched.
    needs : Needs
    point_code : tuple of str
    severity : float64[D]
        How grave the state of a point's people is beside the average of 1; weighs its survival floor.
    hours, km : float64[W, D]
        By road; infinite where none leads.
    serves : bool[W, D]
        Whether a warehouse may send to a point.
    levels : float64[K]
        Of the quantiles, rising, between 0 and 1.
    horizon_days : int
        Days that the demand is for.
    replan_days : int
        Days until the next plan; what expires in a warehouse by then is lost.
    tier_weight : float64[3]
        What a unit that a person lacks counts, by tier; does not rise.
    average_claim : float64[I], optional
        What claims to a floor are measured by; by default that of these needs. Parts of a province share it.
    """

    items: Items
    warehouses: Warehouses
    batches: Batches
    reserve: Integers
    needs: Needs
    point_code: tuple[str, ...]
    severity: Floats
    hours: Floats
    km: Floats
    serves: Flags
    levels: Floats
    horizon_days: int = 7
    replan_days: int = 7
    tier_weight: tuple[float, float, float] = (8.0, 3.0, 1.0)
    average_claim: Floats | None = None

    def __post_init__(self) -> None:
        """Check that the parts fit together."""
        held, wanted = len(self.warehouses.code), len(self.point_code)
        for name in ("hours", "km", "serves"):
            shape = getattr(self, name).shape
            if shape != (held, wanted):
                raise ValueError(
                    f"{name} must have a row a warehouse and a column a point "
                    f"(got {shape} for {held} and {wanted}); align the tables"
                )
        if self.reserve.shape != (held, len(self.items.code)):
            raise ValueError(
                f"reserve must have a row a warehouse and a column an item (got {self.reserve.shape}); "
                "align it"
            )
        _at_least("reserve", self.reserve, 0)
        _at_least("severity", self.severity, 1e-9)
        levels = self.levels
        if levels.shape[0] == 0 or levels.min() <= 0 or levels.max() >= 1 or (np.diff(levels) <= 0).any():
            raise ValueError(
                f"levels must rise between 0 and 1 (got {levels.tolist()}); name them as q05, q50, q95"
            )
        if self.needs.quantiles.shape[1] != levels.shape[0]:
            raise ValueError(
                f"there must be a quantile a level (got {self.needs.quantiles.shape[1]} for "
                f"{levels.shape[0]}); align them"
            )
        if self.horizon_days < 1 or self.replan_days < 1:
            raise ValueError(
                f"horizon_days and replan_days must be at least 1 (got {self.horizon_days} and "
                f"{self.replan_days}); plan for a day or more"
            )
        red, yellow, green = self.tier_weight
        if not red >= yellow >= green > 0:
            raise ValueError(
                f"tier_weight must not rise from red to green and be above 0 (got {self.tier_weight}); "
                "the red tier is the most endangered"
            )


def _same_length(what: str, count: int, *columns: object) -> None:
    lengths = [len(column) for column in columns]  # type: ignore[arg-type]
    if any(length != count for length in lengths):
        raise ValueError(f"{what} must have columns of one length (got {count} and {lengths}); align them")


def _at_least(name: str, values: Integers | Floats, least: float) -> None:
    if values.size and not values.min() >= least:
        raise ValueError(f"{name} must be at least {least:g} (got {values.min():g}); correct the record")
