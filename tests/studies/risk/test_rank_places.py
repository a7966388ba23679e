"""Places ranked by risk, each with its reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fangxian.studies.risk.places import RiskPlace, rank_places

QUIET = RiskPlace("甲", 500_000, 100, 0.0, 0.02, 0.05, 25, 0.0, 0.0)


def test_the_place_that_grows_comes_first_and_says_so() -> None:
    """Growth of 15 % a day in one of three equal places raises its risk, and its sentence names growth."""
    places = [
        QUIET,
        replace(QUIET, name="乙", growth_per_day=0.15, east_km=30.0),
        replace(QUIET, name="丙", north_km=30.0),
    ]
    found = rank_places(places)
    assert found[0].name == "乙"
    assert max(found[0].shares, key=lambda factor: found[0].shares[factor]) == "growth"
    assert "growth raises it most" in found[0].reason["en"]
    assert "增长推高最多" in found[0].reason["zh"]
    left_over = [one.risk - sum(one.shares.values()) for one in found]  # the risk of the average place
    np.testing.assert_allclose(left_over, left_over[0], atol=1e-9)


def test_given_trips_are_used() -> None:
    """A place to which a sick city travels is more at risk than one to which nobody does."""
    places = [replace(QUIET, name="城", weekly_cases=5000), QUIET, replace(QUIET, name="丙")]
    trips = np.zeros((3, 3))
    trips[0, 2] = 20_000
    found = {one.name: one for one in rank_places(places, trips=trips)}
    assert found["丙"].risk > found["甲"].risk
    assert found["丙"].shares["importation"] > 0


def test_equal_places_and_a_week_beyond_everybody() -> None:
    """Where nothing differs no factor is blamed; no more people fall ill than there are."""
    found = rank_places([QUIET, replace(QUIET, name="乙", north_km=30.0)])
    assert all("no factor sets it apart" in one.reason["en"] for one in found)
    assert "没有哪个因素" in found[0].reason["zh"]
    full = rank_places([replace(QUIET, weekly_cases=400_000, growth_per_day=1.0)])
    assert "about 100000 cases per 100 000" in full[0].reason["en"]


def test_neither_trips_nor_coordinates_is_named() -> None:
    """The error says what to give."""
    with pytest.raises(ValueError, match="coordinates of every place"):
        rank_places([replace(QUIET, east_km=None)])
    assert rank_places([]) == []
