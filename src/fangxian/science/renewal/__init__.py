"""Transmission from case counts: the reproduction number and the rate of growth."""

from fangxian.science.renewal.cori import (
    GammaPrior,
    ReproductionNumber,
    discretised_gamma,
    estimate_reproduction_number,
    infectivity,
)
from fangxian.science.renewal.growth import Growth, estimate_growth

__all__ = [
    "GammaPrior",
    "Growth",
    "ReproductionNumber",
    "discretised_gamma",
    "estimate_growth",
    "estimate_reproduction_number",
    "infectivity",
]
