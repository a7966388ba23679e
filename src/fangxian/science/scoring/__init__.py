"""How good a forecast was: proper scores, calibration, and the comparison of models."""

from fangxian.science.scoring.calibration import (
    pit_counts,
    pit_histogram_counts,
    pit_quantiles,
    pit_sample,
)
from fangxian.science.scoring.comparison import (
    DieboldMariano,
    RelativeSkill,
    diebold_mariano,
    relative_skill,
)
from fangxian.science.scoring.crps import (
    crps_gamma,
    crps_lognormal,
    crps_negative_binomial,
    crps_normal,
    crps_poisson,
    crps_sample,
)
from fangxian.science.scoring.log_score import (
    log_score_negative_binomial,
    log_score_normal,
    log_score_poisson,
    log_score_sample,
)
from fangxian.science.scoring.quantiles import (
    HUB_LEVELS,
    WeightedIntervalScore,
    bias,
    covered,
    interval_score,
    pinball_loss,
    weighted_interval_score,
)

__all__ = [
    "HUB_LEVELS",
    "DieboldMariano",
    "RelativeSkill",
    "WeightedIntervalScore",
    "bias",
    "covered",
    "crps_gamma",
    "crps_lognormal",
    "crps_negative_binomial",
    "crps_normal",
    "crps_poisson",
    "crps_sample",
    "diebold_mariano",
    "interval_score",
    "log_score_negative_binomial",
    "log_score_normal",
    "log_score_poisson",
    "log_score_sample",
    "pinball_loss",
    "pit_counts",
    "pit_histogram_counts",
    "pit_quantiles",
    "pit_sample",
    "relative_skill",
    "weighted_interval_score",
]
