"""Transmission from case counts: the reproduction number and the rate of growth."""

from fangxian.science.renewal.cori import (
    GammaPrior,
    ReproductionNumber,
    discretised_gamma,
    estimate_reproduction_number,
    infectivity,
)
from fangxian.science.renewal.growth import Growth, estimate_growth
from fangxian.science.renewal.renewal import (
    RenewalData,
    RenewalFit,
    RenewalOptions,
    Reproduction,
    estimate_renewal,
)
from fangxian.science.renewal.smooth import SmoothPrior
from fangxian.science.renewal.uncertain_interval import (
    TruncatedNormal,
    UncertainInterval,
    estimate_with_uncertain_interval,
)
from fangxian.science.renewal.wallinga_teunis import (
    CaseReproductionNumber,
    estimate_case_reproduction_number,
)

__all__ = [
    "CaseReproductionNumber",
    "GammaPrior",
    "Growth",
    "RenewalData",
    "RenewalFit",
    "RenewalOptions",
    "Reproduction",
    "ReproductionNumber",
    "SmoothPrior",
    "TruncatedNormal",
    "UncertainInterval",
    "discretised_gamma",
    "estimate_case_reproduction_number",
    "estimate_growth",
    "estimate_renewal",
    "estimate_reproduction_number",
    "estimate_with_uncertain_interval",
    "infectivity",
]
