"""The shipments of a plan, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from fangxian.logistics.allocation.allocate import ItemPlan
from fangxian.logistics.allocation.batch_lines import batch_lines
from fangxian.logistics.allocation.supplies import NEVER
from fangxian.studies.supplies.problem import SupplyCase


class Line(NamedTuple):
    """One batch, or part of it, on its way."""

    warehouse: str
    item: str
    batch: str
    point: str
    quantity: int
    unit: str
    expires: date | None
    hours: float
    km: float


def shipment_lines(case: SupplyCase, plan: ItemPlan) -> Iterator[Line]:
    """Return the shipments of one item; of a shelf life the batch that ends first leaves first.

    Parameters
    ----------
    case : SupplyCase
    plan : ItemPlan

    Yields
    ------
    Line
    """
    problem = case.problem
    for batch, need, units in batch_lines(problem, plan.stocks, plan.shipping).T.tolist():
        warehouse, point = int(problem.batches.warehouse[batch]), int(plan.needs.point[need])
        days = int(problem.batches.expires_days[batch])
        yield Line(
            problem.warehouses.code[warehouse],
            problem.items.code[plan.item],
            problem.batches.code[batch],
            problem.point_code[point],
            units,
            problem.items.unit[plan.item],
            None if days >= NEVER else case.today + timedelta(days),
            round(float(problem.hours[warehouse, point]), 2),
            round(float(problem.km[warehouse, point]), 1),
        )
