"""Margins of cities: the published totals and stated assumptions from which a synthetic city is built."""

from fangxian.plans.cities.loader import (
    CityFile,
    city_sources,
    load_city,
    packaged_cities,
    packaged_city,
)
from fangxian.plans.cities.schema import OLDEST, CityMargins

__all__ = [
    "OLDEST",
    "CityFile",
    "CityMargins",
    "city_sources",
    "load_city",
    "packaged_cities",
    "packaged_city",
]
