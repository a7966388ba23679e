"""The shipments of a plan, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from fangxian.logistics.allocation.allocate import ItemPlan
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
    problem, stocks = case.problem, plan.stocks
    left = _batches_of_rows(case, plan)
    order = np.lexsort((plan.shipping.need, plan.shipping.row))
    for shipment in order.tolist():
        row, need = int(plan.shipping.row[shipment]), int(plan.shipping.need[shipment])
        wanted, queue = int(plan.shipping.amount[shipment]), left[row]
        warehouse, point = int(stocks.warehouse[row]), int(plan.needs.point[need])
        while wanted:
            batch, units = queue[-1]
            taken = min(wanted, units)
            wanted -= taken
            queue[-1] = (batch, units - taken)
            if taken == units:
                queue.pop()
            days = int(problem.batches.expires_days[batch])
            yield Line(
                problem.warehouses.code[warehouse],
                problem.items.code[plan.item],
                problem.batches.code[batch],
                problem.point_code[point],
                taken,
                problem.items.unit[plan.item],
                None if days >= NEVER else case.today + timedelta(days),
                round(float(problem.hours[warehouse, point]), 2),
                round(float(problem.km[warehouse, point]), 1),
            )


def _batches_of_rows(case: SupplyCase, plan: ItemPlan) -> list[list[tuple[int, int]]]:
    """Return the batches of each row of stock with their units, the one to leave first last."""
    batches, stocks = case.problem.batches, plan.stocks
    found: list[list[tuple[int, int]]] = [[] for _ in stocks.warehouse]
    last_first = np.argsort(-batches.expires_days[stocks.batch], kind="stable")
    for batch, row in zip(
        stocks.batch[last_first].tolist(), stocks.batch_row[last_first].tolist(), strict=True
    ):
        if row >= 0 and batches.quantity[batch]:
            found[row].append((batch, int(batches.quantity[batch])))
    return found
