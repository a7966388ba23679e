"""A made-up problem: what its tables say is what it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.made_up import supplies
from fangxian.logistics.allocation.allocate import allocate
from fangxian.logistics.instances.geography import RegionSize, make_region
from fangxian.logistics.instances.supplies import SupplyOptions, make_supplies, week_quantiles
from fangxian.studies.supplies.lines import shipment_lines
from fangxian.studies.supplies.made_up import write_world
from fangxian.studies.supplies.problem import read_case

SIZE = RegionSize(1, 2, 5, 30, 40_000)


def test_tables_read_back_are_the_problem_and_its_plan_is_the_same(tmp_path: Path) -> None:
    world = make_supplies(make_region(SIZE, 2), SupplyOptions(items=3), 2)
    write_world(world, tmp_path)
    case = read_case(tmp_path)
    for one, other in ((case.problem.hours, world.problem.hours), (case.problem.km, world.problem.km)):
        assert np.allclose(one, other)
    assert (case.problem.serves == world.problem.serves).all()
    assert case.note == "模拟数据" and case.kind == world.point_kind
    read, made = allocate(case.problem).plans, allocate(world.problem).plans
    for plan, other in zip(read, made, strict=True):
        assert plan.worth.hectometres == pytest.approx(other.worth.hectometres, rel=1e-6)
        assert plan.worth.weighted_shortage == pytest.approx(other.worth.weighted_shortage)
        lines = list(shipment_lines(case, plan))
        assert sum(line.quantity for line in lines) == plan.received.sum()
        held = dict(zip(case.problem.batches.code, case.problem.batches.quantity.tolist(), strict=True))
        for line in lines:
            held[line.batch] -= line.quantity
        assert min(held.values()) >= 0


def test_the_whole_catalogue_can_be_written_and_read(tmp_path: Path) -> None:
    world = make_supplies(make_region(SIZE, 2), SupplyOptions(items=20), 2)
    write_world(world, tmp_path)
    read = read_case(tmp_path).problem.items
    assert len(read.code) == 20 and np.allclose(read.litres, world.problem.items.litres)


def test_demand_is_spread_around_its_mean() -> None:
    """Variance of a negative binomial with k = 4: 100 + 100²/4, a standard deviation of 51."""
    (quantiles,) = week_quantiles(np.array([100.0]))
    assert quantiles[2] == pytest.approx(92, abs=2)
    assert quantiles[4] - quantiles[0] == pytest.approx(2 * 1.645 * 51, rel=0.06)
    assert (week_quantiles(np.array([0.0])) == 0).all()


def test_sizes_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="1 <= cities <= counties"):
        supplies(tmp_path, townships=5)
    with pytest.raises(InvalidInput, match="items must be 1 to 20"):
        supplies(tmp_path, items=21)
    with pytest.raises(ValueError, match="supply_ratio must be above 0"):
        SupplyOptions(supply_ratio=0)
