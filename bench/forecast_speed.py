"""Claim: 28 days ahead for 3 000 daily series of 120 days in 10 ms of one core each.

The budget for nowcast, reproduction number and forecast together is 40 ms a series. The floor in the same run
is numpy sorting as many samples as an ensemble of 500 trajectories would hold.

    python bench/forecast_speed.py [--series 3000] [--days 120]
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from fangxian.science.renewal.forecast import Forecaster

LIMIT_MS = 10.0


def main() -> None:
    """Print milliseconds a series and the memory held, and exit 1 where the claim does not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--series", type=int, default=3000)
    parser.add_argument("--days", type=int, default=120)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    growth = rng.normal(0, 0.02, given.series) + np.cumsum(
        rng.normal(0, 0.004, (given.days, given.series)), axis=0
    )
    counts = rng.poisson(np.exp(4 + np.cumsum(growth, axis=0).clip(-4, 4))).astype(float)
    start = time.process_time()
    forecast = Forecaster(counts, period=7, of_days=True).forecast(given.days, tuple(range(1, 29)))
    spent_ms = 1000 * (time.process_time() - start) / given.series
    assert np.isfinite(forecast.quantiles).all()
    start = time.process_time()
    for _ in range(100):
        np.sort(rng.random((28, 500)), axis=-1)
    floor_ms = 1000 * (time.process_time() - start) / 100
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{given.series} series of {given.days} days, 28 days ahead")
    print(f"{'forecast':12}{spent_ms:8.2f} ms a series")
    print(f"{'floor':12}{floor_ms:8.2f} ms a series   ratio {spent_ms / floor_ms:.1f}")
    print(f"{'memory':12}{memory:8.0f} MiB held at most")
    print(f"claim: under {LIMIT_MS:g} ms: {'holds' if spent_ms < LIMIT_MS else 'DOES NOT HOLD'}")
    raise SystemExit(spent_ms >= LIMIT_MS)


if __name__ == "__main__":
    main()
