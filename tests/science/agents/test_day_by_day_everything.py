"""The simulator against its slow twin: all measures at once (issue 3, section 5)."""

from __future__ import annotations

from dataclasses import fields

from day_by_day_comparison import disagreements, normal_disagreements, small_scene
from small_city import every_measure


def everything() -> dict[str, object]:
    """Return every measure by its name."""
    day = every_measure()
    return {item.name: getattr(day, item.name) for item in fields(day)}


def test_all_measures_at_once_agree_with_the_slow_twin() -> None:
    """Everything on, in a small town: every statistic."""
    assert disagreements(small_scene(1_000, 60, **everything()), fast=50, slow=14) == []


def test_all_measures_at_once_agree_in_ten_thousand_people() -> None:
    """Everything on, in a larger town: attack rate, peak day, peak height in mean and spread."""
    assert normal_disagreements(small_scene(10_000, 60, **everything()), fast=24, slow=4) == []
