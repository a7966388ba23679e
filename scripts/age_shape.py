"""Age a province's people of 2010 by ten years: the single-year shape that margins scale to bands.

    python scripts/age_shape.py AGES_2010.csv

The table is "age index,people" for ages 0 to 83 and, last, 84 and over (Mistry et al. 2021). People of 2010
grow ten years older and die as Gompertz's law says, with a hazard of 0.008 a year at 60 and 0.059 at 80,
near China's of 2020. Those born since are spread by the births a year that the National Bureau of
Statistics gave for the country (millions).
"""

from __future__ import annotations

import csv
import sys

import numpy as np

OLDEST = 100
BIRTHS_2011_2020 = [17.85, 19.73, 17.76, 18.97, 16.54, 17.86, 17.23, 15.23, 14.65, 12.00]
GROWTH_A_YEAR = 0.1
HAZARD_AT_60 = 0.008
OPEN_GROUP_RATIO = 0.82
"""People of one year of age beside those one year younger, from 84 on."""


def hazard(age: np.ndarray) -> np.ndarray:
    """Return deaths a person and year."""
    return HAZARD_AT_60 * np.exp(GROWTH_A_YEAR * (age - 60))


def ten_years_later(people: np.ndarray) -> np.ndarray:
    """Return weights of age 0 to 100 from people of age 0 to 83 and, last, 84 and over."""
    open_group = OPEN_GROUP_RATIO ** np.arange(OLDEST - 84 + 1)
    ages_2010 = np.concatenate((people[:84], people[84] * open_group / open_group.sum()))
    age = np.arange(OLDEST + 1, dtype=float)
    alive = np.exp(-(hazard(age + 10) - hazard(age)) / GROWTH_A_YEAR)
    later = np.zeros(OLDEST + 1)
    later[10:] = (ages_2010 * alive)[: OLDEST - 9]
    later[OLDEST] += (ages_2010 * alive)[OLDEST - 9 :].sum()
    born = np.array(BIRTHS_2011_2020[::-1])
    later[:10] = born / born[-1] * later[10]
    return later / later.max() * 1000


def main() -> None:
    """Print the weights, ten a line."""
    with open(sys.argv[1], newline="") as file:
        people = np.array([float(row[1]) for row in csv.reader(file)])
    weights = ten_years_later(people)
    for start in range(0, OLDEST + 1, 10):
        print("  " + ", ".join(f"{weight:.1f}" for weight in weights[start : start + 10]) + ",")


if __name__ == "__main__":
    main()
