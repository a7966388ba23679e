"""The renewal model over many places: smoothness and noise are shared, where each place stands is its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fangxian.science.renewal.renewal import RenewalData, RenewalFit, RenewalOptions, estimate_renewal
from fangxian.science.renewal.smooth_model import SmoothPrior

ROUNDS = 2
LEAST_PLACES = 3


class PooledFit(NamedTuple):
    """Fits of the places, in their order, and the prior that they share.

    Attributes
    ----------
    fits : tuple of RenewalFit
    prior : SmoothPrior
        Its means of movement and noise are those of the places.
    """

    fits: tuple[RenewalFit, ...]
    prior: SmoothPrior


def estimate_renewal_places(
    places: Sequence[RenewalData], options: RenewalOptions | None = None
) -> PooledFit:
    """Fit places that lend each other strength.

    Parameters
    ----------
    places : sequence of RenewalData
    options : RenewalOptions, optional
        Its prior is where the sharing starts from.

    Returns
    -------
    PooledFit

    Raises
    ------
    ValueError
        Without any place, or as :func:`estimate_renewal`.

    Notes
    -----
    Movement and noise of a place are exponential around means that all places share. The means are found by
    two steps of expectation-maximisation: fit every place, put the mean of the posterior means in the prior,
    fit again (Dempster, Laird and Rubin 1977, DOI 10.1111/j.2517-6161.1977.tb01600.x). A place with few cases
    thereby takes its smoothness from the others; a place with many keeps its own. With fewer than three
    places nothing is shared.
    """
    if not places:
        raise ValueError("estimate_renewal_places needs at least one place (got none); pass RenewalData each")
    chosen = options or RenewalOptions()
    fits = tuple(estimate_renewal(place, chosen) for place in places)
    if len(places) < LEAST_PLACES:
        return PooledFit(fits, chosen.prior)
    for _ in range(ROUNDS):
        chosen = replace(chosen, prior=_shared(chosen.prior, fits))
        fits = tuple(estimate_renewal(place, chosen) for place in places)
    return PooledFit(fits, chosen.prior)


def _shared(prior: SmoothPrior, fits: tuple[RenewalFit, ...]) -> SmoothPrior:
    noise = float(np.mean([fit.posterior.average("noise") for fit in fits]))
    steps = float(
        np.mean([fit.posterior.average_of_order("movement", 1, prior.step_deviation) for fit in fits])
    )
    bends = float(
        np.mean([fit.posterior.average_of_order("movement", 2, prior.bend_deviation) for fit in fits])
    )
    return replace(prior, noise=noise, step_deviation=steps, bend_deviation=bends)
