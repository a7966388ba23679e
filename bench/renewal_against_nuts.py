"""Claim: both renewal models have the medians of long chains within 2 %, ends within 5 % of the width.

Each model is written once more in JAX, from its equations and priors, and sampled by the no-U-turn sampler of
NumPyro: two chains, movement and noise sampled with the path. Seven simulated series (模拟数据). Written as a
random walk and its scales the posterior is so long and thin that each draw takes hundreds of steps; here each
unknown is measured in standard deviations of the normal that fits it at the same movement and noise, which
changes the coordinates and not the posterior.

NumPyro is no dependency. Without it this says so and stops: ``pip install numpyro`` beside the package.

    JAX_PLATFORMS=cpu python bench/renewal_against_nuts.py [--only weekly] [--draws 4000]
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.science.renewal.cori import discretised_gamma
from fangxian.science.renewal.latent import LatentData, LatentPrior, estimate_latent_renewal
from fangxian.science.renewal.renewal import RenewalData, RenewalOptions, estimate_renewal
from fangxian.science.renewal.smooth_model import SmoothPrior

FloatArray = NDArray[np.float64]

INTERVAL = discretised_gamma(5.2, 2.8)[:15]
INTERVAL = INTERVAL / INTERVAL.sum()
DELAY = np.array([0.05, 0.15, 0.2, 0.2, 0.15, 0.1, 0.08, 0.07])
OF_THE_WEEK = np.array([1.1, 1.1, 1.05, 1.0, 1.0, 0.95, 0.8])
LEVELS = (0.025, 0.5, 0.975)
OUR_DRAWS = 20_000
SETTLE = 600
MOST_KNOTS = 60


class Posterior(NamedTuple):
    """One model of one series: what a sampler has to know, and the quantiles of R that ours gives.

    Attributes
    ----------
    counts : array [observation]
        Only those that are known.
    expected : function
        Expected counts at a state.
    precision : function
        Of the normal prior of the state, at a movement.
    reproduction : array [day, unknown]
        The log of R is this times the state.
    means : array [2]
        Of the exponential priors of movement and noise.
    ours : array [day, level]
    seconds : float
        That ours took, the second time.
    """

    counts: FloatArray
    expected: Callable[[Any], Any]
    precision: Callable[[Any], Any]
    reproduction: FloatArray
    means: FloatArray
    ours: FloatArray
    seconds: float


def _latent_reports(
    generator: np.random.Generator, days: int, start: float, weekdays: FloatArray | None = None
) -> FloatArray:
    """Draw reports of infections whose R swings between 0.78 and 1.28."""
    past = 40
    log_r = 0.25 * np.sin(np.arange(days) / 12 + 0.5)
    infected = np.full(past + days, start)
    for day in range(days):
        here = past + day
        infected[here] = np.exp(log_r[day]) * infected[here - len(INTERVAL) + 1 : here] @ INTERVAL[:0:-1]
    mean = np.array(
        [infected[here - len(DELAY) + 1 : here + 1] @ DELAY[::-1] for here in range(past, past + days)]
    )
    mean *= 1.0 if weekdays is None else weekdays[np.arange(days) % 7]
    return generator.poisson(mean * generator.gamma(100, 0.01, days)).astype(float)


def _chained_reports(
    generator: np.random.Generator, days: int, start: float, weekdays: FloatArray | None = None
) -> FloatArray:
    """Draw reports of which each leads to later ones."""
    factor = np.ones(days) if weekdays is None else weekdays[np.arange(days) % 7]
    cases = np.full(days, start)
    for day in range(1, days):
        lags = np.arange(1, min(day, len(INTERVAL) - 1) + 1)
        pressure = cases[day - lags] / factor[day - lags] @ INTERVAL[lags] / INTERVAL[lags].sum()
        mean = np.exp(0.2 * np.sin(day / 12 + 0.5)) * pressure * factor[day]
        cases[day] = generator.poisson(mean * generator.gamma(100, 0.01))
    return cases


def _series() -> dict[str, Callable[[], Posterior]]:
    generator = np.random.default_rng(5)
    weeks = _latent_reports(generator, 98, 80.0).reshape(14, 7).sum(axis=1)
    gap = _latent_reports(generator, 70, 60.0)
    gap[30:40] = np.nan
    daily = _latent_reports(generator, 70, 90.0, OF_THE_WEEK)
    few = _latent_reports(generator, 70, 4.0)
    chained = _chained_reports(generator, 63, 60.0, OF_THE_WEEK)
    rare = _chained_reports(generator, 60, 6.0)
    return {
        "infections, daily": lambda: _latent(LatentData(daily, INTERVAL, DELAY, weekdays=True)),
        "infections, few": lambda: _latent(LatentData(few, INTERVAL, DELAY)),
        "infections, weekly": lambda: _latent(LatentData(weeks, INTERVAL, DELAY, period_days=7)),
        "infections, a gap": lambda: _latent(LatentData(gap, INTERVAL, DELAY)),
        "reports, daily": lambda: _reported(chained, order=1, weekdays=True),
        "reports, bending": lambda: _reported(chained, order=2, weekdays=True),
        "reports, few": lambda: _reported(rare, order=1, weekdays=False),
    }


def _latent(data: LatentData) -> Posterior:
    """Infections behind reports: a broken line of log R, level and trend before the series, weekdays."""
    import jax.numpy as jnp
    from jax.scipy.linalg import solve_triangular

    prior = LatentPrior()
    estimate_latent_renewal(data, prior, draws=100)
    begun = time.process_time()
    ours = estimate_latent_renewal(data, prior, draws=OUR_DRAWS).reproduction(LEVELS).quantiles
    seconds = time.process_time() - begun
    counts, period = np.asarray(data.counts, dtype=float), data.period_days
    days = len(counts) * period
    gap = max(period, -(-days // MOST_KNOTS))
    knots = np.arange(0, days - 1 + gap, gap)
    line = np.maximum(0.0, 1 - np.abs(np.arange(days)[:, None] - knots[None, :]) / gap)
    size, early = max(len(INTERVAL), len(DELAY)) - 1, counts[~np.isnan(counts)][:3].mean() / period
    known, many = ~np.isnan(counts), len(knots)
    contrasts = _contrasts(days) if data.weekdays else np.zeros((days, 0))
    unknowns = many + 2 + contrasts.shape[1]
    lag = np.subtract.outer(np.arange(size, size + days), np.arange(size + days))
    infector = np.where((lag > 0) & (lag < len(INTERVAL)), INTERVAL[np.clip(lag, 0, len(INTERVAL) - 1)], 0.0)
    walk = np.diff(np.eye(unknowns)[:many], axis=0)
    rest = np.concatenate(
        [np.full(many, gap / 10.0**2), [2.0**-2, 0.1**-2], np.full(len(contrasts.T), 0.3**-2)]
    )
    rest[0] += 1.0

    def expected(state: Any) -> Any:
        before = jnp.exp(jnp.log(early + 0.1) + state[many] + state[many + 1] * jnp.arange(-size, 0))
        r = jnp.exp(line @ state[:many])[:, None]
        # the renewal equation of all days at once: (1 - R w) new = R w before
        new = solve_triangular(
            jnp.eye(days) - r * infector[:, size:], r[:, 0] * (infector[:, :size] @ before), lower=True
        )
        mean = jnp.convolve(jnp.concatenate([before, new]), DELAY)[size : size + days]
        return (mean * jnp.exp(contrasts @ state[many + 2 :])).reshape(-1, period).sum(axis=1)[known]

    def precision(movement: Any) -> Any:
        return walk.T @ walk / (movement**2 * gap) + jnp.diag(jnp.asarray(rest))

    reproduction = np.pad(line, ((0, 0), (0, unknowns - many)))
    means = np.array([prior.movement, prior.noise])
    return Posterior(counts[known], expected, precision, reproduction, means, ours, seconds)


def _contrasts(days: int) -> FloatArray:
    """Return six orthonormal contrasts of the days of the week; which ones does not matter."""
    basis = np.linalg.qr(np.column_stack([np.ones(7), np.eye(7)[:, :6]]))[0][:, 1:]
    return basis[np.arange(days) % 7]


def _reported(counts: FloatArray, order: int, weekdays: bool) -> Posterior:
    """Reports that lead to reports: log R on each day, of a walk of order 1 or 2, and weekdays."""
    import jax.numpy as jnp

    prior = SmoothPrior(orders=(order,), jump_probability=0)
    options = RenewalOptions(prior=prior, weekdays=weekdays)
    estimate_renewal(RenewalData(counts, INTERVAL), options)
    begun = time.process_time()
    fit = estimate_renewal(RenewalData(counts, INTERVAL), options)
    ours = fit.reproduction(LEVELS).quantiles
    seconds = time.process_time() - begun
    series = fit.posterior.series
    days, known = len(counts), ~np.isnan(series.observed)
    contrasts = _contrasts(days) if weekdays else np.zeros((days, 0))
    unknowns = days + contrasts.shape[1]
    walk = np.diff(np.eye(unknowns)[:days], n=order, axis=0)
    fixed = np.diag(np.concatenate([np.full(days, 10.0**-2), np.full(len(contrasts.T), 0.3**-2)]))
    fixed[0, 0] += 1.0
    if order == 2:
        slope = np.eye(unknowns)[1] - np.eye(unknowns)[0]
        fixed += np.outer(slope, slope) / 0.1**2

    def expected(state: Any) -> Any:
        return jnp.exp(series.base + state[:days] + contrasts @ state[days:])[known]

    def precision(movement: Any) -> Any:
        return walk.T @ walk / movement**2 + jnp.asarray(fixed)

    means = np.array([prior.step_deviation if order == 1 else prior.bend_deviation, prior.noise])
    return Posterior(
        series.observed[known], expected, precision, np.eye(days, unknowns), means, ours, seconds
    )


def _chains(posterior: Posterior, draws: int) -> tuple[FloatArray, str]:
    """Return draws of R [draw, day] of two chains, and how well they were drawn."""
    import jax
    import jax.numpy as jnp
    from jax.scipy.linalg import solve_triangular
    from numpyro.diagnostics import effective_sample_size, gelman_rubin
    from numpyro.infer import MCMC, NUTS

    counts, means = jnp.asarray(posterior.counts), jnp.asarray(posterior.means)
    start, slope, mean = _middle(posterior)
    spread = _spread(posterior)

    def placed(unit: Any) -> tuple[Any, Any, Any]:
        """Return settings, state and the log of the volume that a unit of these coordinates has there."""
        settings = jnp.exp(jnp.log(means) - 0.7 + 0.5 * unit[:2])
        variance = mean * (1 + settings[1] ** 2 * mean)
        prior = posterior.precision(settings[0])
        root = jnp.linalg.cholesky((slope.T / variance) @ slope + prior)
        pull = slope.T @ ((counts - mean) / variance) - prior @ start
        step = solve_triangular(
            root, solve_triangular(root, pull, lower=True) + unit[2:], lower=True, trans=1
        )
        return settings, start + step, -jnp.log(jnp.diag(root)).sum()

    def potential(unit: Any) -> Any:
        settings, state, volume = placed(unit)
        size, expected = settings[1] ** -2, posterior.expected(state)
        seen = jax.scipy.special.gammaln(counts + size) - jax.scipy.special.gammaln(size)
        seen += counts * jnp.log(expected / (size + expected)) - size * jnp.log1p(expected / size)
        prior = posterior.precision(settings[0])
        form = state @ prior @ state / 2 - jnp.log1p(spread / settings[0] ** 2).sum() / 2
        return -(seen.sum() - form + volume + (jnp.log(settings) - settings / means).sum())

    sampler = MCMC(
        NUTS(potential_fn=potential, target_accept_prob=0.9),
        num_warmup=SETTLE,
        num_samples=draws,
        num_chains=2,
        chain_method="sequential",
        progress_bar=False,
    )
    unknowns = 2 + posterior.reproduction.shape[1]
    sampler.run(
        jax.random.PRNGKey(1),
        init_params=jnp.zeros((2, unknowns)),
        extra_fields=("num_steps", "diverging"),
    )
    units = sampler.get_samples(group_by_chain=True)
    of_unit = jax.jit(jax.vmap(lambda unit: jnp.exp(posterior.reproduction @ placed(unit)[1])))
    grouped = np.asarray([of_unit(chain) for chain in units])
    extra = sampler.get_extra_fields()
    told = (
        f"{float(np.mean(extra['num_steps'])):5.1f} {int(np.sum(extra['diverging'])):4d} "
        f"{float(np.max(gelman_rubin(grouped))):6.3f} {float(np.min(effective_sample_size(grouped))):7.0f}"
    )
    return grouped.reshape(-1, grouped.shape[2]), told


def _spread(posterior: Posterior) -> FloatArray:
    """Return eigenvalues: the prior's determinant at movement m goes with the product of 1 + each / m^2."""
    from scipy.linalg import eigvalsh

    fixed = np.asarray(posterior.precision(np.inf))
    return np.maximum(eigvalsh(np.asarray(posterior.precision(1.0)) - fixed, fixed), 0.0)


def _middle(posterior: Posterior) -> tuple[Any, Any, Any]:
    """Return a state near the mode at half of the mean settings, slope and value of the counts there."""
    import jax
    import jax.numpy as jnp

    counts = jnp.asarray(posterior.counts)
    prior = posterior.precision(posterior.means[0] / 2)
    slope_of = jax.jit(jax.jacfwd(posterior.expected))
    state = jnp.zeros(posterior.reproduction.shape[1])
    for _ in range(60):
        slope, mean = slope_of(state), posterior.expected(state)
        variance = mean * (1 + (posterior.means[1] / 2) ** 2 * mean)
        step = jnp.linalg.solve(
            (slope.T / variance) @ slope + prior, slope.T @ ((counts - mean) / variance) - prior @ state
        )
        state = state + step * min(1.0, 0.5 / float(jnp.abs(step).max()))
    return state, slope_of(state), posterior.expected(state)


def main() -> None:
    """Print a line for each series, and exit 1 where the claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--draws", type=int, default=4000, help=f"of each chain, after {SETTLE} to settle")
    given = parser.parse_args()
    if importlib.util.find_spec("numpyro") is None:
        raise SystemExit("skipped: NumPyro is not installed here (pip install numpyro)")
    import jax

    jax.config.update("jax_enable_x64", True)
    print("                     CPU seconds        of the chains            largest distance of")
    print("series               ours    NUTS  steps  bad  R-hat     ESS   median  lower end  upper end")
    worst = np.zeros(3)
    for name, build in _series().items():
        if given.only not in name:
            continue
        posterior = build()
        begun = time.process_time()
        draws, told = _chains(posterior, given.draws)
        seconds = time.process_time() - begun
        chain = np.quantile(draws, LEVELS, axis=0).T
        width = chain[:, 2] - chain[:, 0]
        apart = np.abs(posterior.ours - chain)
        off = [apart[:, 1] / chain[:, 1], apart[:, 0] / width, apart[:, 2] / width]
        largest = np.array([values.max() for values in off])
        cells = f"{largest[0]:8.4f} {largest[1]:10.4f} {largest[2]:10.4f}"
        print(f"{name:19} {posterior.seconds:5.2f} {seconds:7.1f}  {told} {cells}", flush=True)
        worst = np.maximum(worst, largest)
    held = bool(worst[0] <= 0.02 and worst[1:].max() <= 0.05)
    print(f"claim: medians within 2 %, ends within 5 % of the width: {'holds' if held else 'DOES NOT HOLD'}")
    raise SystemExit(not held)


if __name__ == "__main__":
    main()
