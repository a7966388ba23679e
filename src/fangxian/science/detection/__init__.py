"""Unusual counts: when a series leaves what its own past leads one to expect."""

from fangxian.science.detection.bayes import BayesOptions, BayesResult, detect_bayes
from fangxian.science.detection.cusum import CusumOptions, CusumResult, CusumTransform, detect_cusum
from fangxian.science.detection.ears import EarsMethod, EarsResult, detect_ears
from fangxian.science.detection.false_discovery import adjusted_probabilities
from fangxian.science.detection.farrington import (
    FarringtonOptions,
    FarringtonResult,
    Power,
    Threshold,
    detect_farrington,
)
from fangxian.science.detection.likelihood_ratio import (
    RatioOptions,
    RatioResult,
    SeasonalMean,
    detect_likelihood_ratio,
)
from fangxian.science.detection.place_tree import lowest_alarms, sum_up
from fangxian.science.detection.reference_points import TimeAxis
from fangxian.science.detection.surprise import SurpriseOptions, SurpriseResult, detect_surprises

__all__ = [
    "BayesOptions",
    "BayesResult",
    "CusumOptions",
    "CusumResult",
    "CusumTransform",
    "EarsMethod",
    "EarsResult",
    "FarringtonOptions",
    "FarringtonResult",
    "Power",
    "RatioOptions",
    "RatioResult",
    "SeasonalMean",
    "SurpriseOptions",
    "SurpriseResult",
    "Threshold",
    "TimeAxis",
    "adjusted_probabilities",
    "detect_bayes",
    "detect_cusum",
    "detect_ears",
    "detect_farrington",
    "detect_likelihood_ratio",
    "detect_surprises",
    "lowest_alarms",
    "sum_up",
]
