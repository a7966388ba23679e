"""One small city, built once: 60 000 people of 邯郸 in two townships, large enough for whole schools."""

from __future__ import annotations

import pytest

from fangxian.plans.cities import packaged_city
from fangxian.science.population.build import build_population
from fangxian.science.population.sample import scaled_city


@pytest.fixture(scope="session")
def small_city():
    """Return margins and places of 60 000 people."""
    return scaled_city(packaged_city("1304"), 60_000)


@pytest.fixture(scope="session")
def made(small_city):
    """Return the built city with what its making tells."""
    return build_population(small_city, seed=7)


@pytest.fixture(scope="session")
def town(made):
    """Return its population."""
    return made.population
