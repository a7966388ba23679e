"""Transmission from case counts: the reproduction number and the rate of growth."""

from fangxian.science.renewal.cori import (
    GammaPrior,
    ReproductionNumber,
    discretised_gamma,
    estimate_reproduction_number,
    infectivity,
)
from fangxian.science.renewal.delays import CensoredDelays, DelayEstimate, estimate_delay
from fangxian.science.renewal.growth import Growth, estimate_growth
from fangxian.science.renewal.latent import (
    LatentData,
    LatentFit,
    LatentPrior,
    estimate_latent_renewal,
)
from fangxian.science.renewal.nowcast import Nowcast, nowcast_triangle, nowcast_with_delay
from fangxian.science.renewal.places import PooledFit, estimate_renewal_places
from fangxian.science.renewal.renewal import (
    RenewalData,
    RenewalFit,
    RenewalOptions,
    Reproduction,
    estimate_renewal,
)
from fangxian.science.renewal.smooth import SmoothPrior
from fangxian.science.renewal.triangle import (
    ReportingSpeed,
    ReportingTriangle,
    estimate_reporting_speed,
)
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
    "CensoredDelays",
    "DelayEstimate",
    "GammaPrior",
    "Growth",
    "LatentData",
    "LatentFit",
    "LatentPrior",
    "Nowcast",
    "PooledFit",
    "RenewalData",
    "RenewalFit",
    "RenewalOptions",
    "ReportingSpeed",
    "ReportingTriangle",
    "Reproduction",
    "ReproductionNumber",
    "SmoothPrior",
    "TruncatedNormal",
    "UncertainInterval",
    "discretised_gamma",
    "estimate_case_reproduction_number",
    "estimate_delay",
    "estimate_growth",
    "estimate_latent_renewal",
    "estimate_renewal",
    "estimate_renewal_places",
    "estimate_reporting_speed",
    "estimate_reproduction_number",
    "estimate_with_uncertain_interval",
    "infectivity",
    "nowcast_triangle",
    "nowcast_with_delay",
]
