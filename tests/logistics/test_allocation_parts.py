"""A province solved in parts is as fair and as useful as solved at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fangxian.logistics.allocation.allocate import allocate
from fangxian.logistics.allocation.decomposition import allocate_parts
from fangxian.logistics.allocation.supplies import Batches, Needs, SupplyProblem, Warehouses
from fangxian.logistics.instances.geography import RegionSize, make_region, part_of
from fangxian.logistics.instances.supplies import SupplyOptions, make_parts

SIZE = RegionSize(3, 6, 10, 25, 60_000)


def whole(parts, shared) -> SupplyProblem:
    """Join the parts by hand: shared stock in the warehouse of the first that every point is served by."""
    first = parts[0]
    held = [len(part.warehouses.code) for part in parts]
    wanted = [len(part.point_code) for part in parts]
    at, here = np.cumsum([0, *held]), np.cumsum([0, *wanted])
    tables = {
        name: np.full((at[-1], here[-1]), fill)
        for name, fill in (("hours", np.inf), ("km", np.inf), ("serves", False))
    }
    for number, part in enumerate(parts):
        for name, table in tables.items():
            block = getattr(part, name)
            table[at[number] : at[number + 1], here[number] : here[number + 1]] = block
            table[shared.warehouse, here[number] : here[number + 1]] = block[shared.warehouse]

    def joined(record, kind, **offsets):
        columns = []
        for name in kind.__dataclass_fields__:
            values = [getattr(getattr(part, record), name) for part in parts]
            if isinstance(values[0], tuple):
                columns.append(tuple(x for value in values for x in value))
            else:
                shift = offsets.get(name, np.zeros(len(parts), int))
                columns.append(
                    np.concatenate([value + step for value, step in zip(values, shift, strict=True)])
                )
        return columns

    codes, *lots = joined("batches", Batches, warehouse=at[:-1])
    more = (np.full(shared.item.size, shared.warehouse), shared.item, shared.quantity, shared.expires_days)
    lots = [np.concatenate(pair) for pair in zip(lots, more, strict=True)]
    return replace(
        first,
        warehouses=Warehouses(*joined("warehouses", Warehouses)),
        batches=Batches((*codes, *map(str, range(shared.item.size))), *lots),
        reserve=np.concatenate([part.reserve for part in parts]),
        needs=Needs(*joined("needs", Needs, point=here[:-1])),
        point_code=tuple(map(str, range(here[-1]))),
        severity=np.concatenate([part.severity for part in parts]),
        **tables,
    )


@pytest.mark.parametrize(("seed", "ratio"), [(1, 0.4), (2, 0.8), (3, 1.5)])
def test_dividing_what_is_shared_loses_neither_fairness_nor_use(seed, ratio):
    parts, shared = make_parts(make_region(SIZE, seed), SupplyOptions(4, ratio), seed)
    ones = np.ones(4, int)
    parts = [replace(part, items=replace(part.items, least_shipment=ones)) for part in parts]
    found, at_once = allocate_parts(parts, shared), allocate(whole(parts, shared))
    for item, plan in enumerate(at_once.plans):
        assert (found.steps[item] == plan.worth.steps).all()
        assert (found.steps_bound[item] == plan.worth.steps).all()
        assert found.weighted_shortage[item] == pytest.approx(plan.worth.weighted_shortage)
        assert found.shortage_bound[item] == pytest.approx(plan.worth.weighted_shortage)
        in_parts = sum(part[item].worth.hectometres for part in found.parts)
        sent = sum(part[item].amount.sum() for part in found.parts)
        assert sent == plan.received.sum()
        assert in_parts >= plan.worth.hectometres or found.parts[0][item].worth.lost > 0
    assert (found.divided.sum(axis=0) <= np.bincount(shared.item, shared.quantity, 4)).all()


def test_a_part_keeps_its_places_people_and_roads():
    region = make_region(SIZE, 4)
    top = int(region.of_level(1)[1])
    part = part_of(region, top)
    assert part.level[0] == 0 and part.of_level(1).size == 1
    assert (part.people[0] == region.people[top]).all()
    assert set(part.code) == {code for code in region.code if code.startswith(region.code[top])} | {"99"}
    assert np.unique(part.roads.parts()).size == 1
