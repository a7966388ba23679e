"""Claim: ``fangxian brief --data`` on the Chinese city series takes less than 5 s, start included.

The floor, in the same run: a new Python that only imports what the brief needs to read, count and check
(polars, numpy, scipy.special, pydantic).

    python bench/brief_from_files.py [--data ../shared/data/03_covid_china] [--rounds 5]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_S = 5.0
FLOOR = "import numpy, polars, pydantic, scipy.special"
MAIN = "from fangxian.console.cli import main; main()"
CASES = [("1304", "2020-02-05", "--json"), ("42", "2020-02-20", "--html"), ("CN", "2020-12-08", "--docx")]


def _median_s(command: list[str], rounds: int) -> tuple[float, float]:
    """Return seconds on the wall and seconds of processor: a busy machine stretches only the first."""
    wall, processor = [], []
    for _ in range(rounds):
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(time.perf_counter() - start)
        processor.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(wall), statistics.median(processor)


def main() -> None:
    """Print one line for each place, day and format, and exit 1 where the claim does not hold."""
    here = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=here.parent / "shared/data/03_covid_china")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    floor = _median_s([sys.executable, "-c", FLOOR], given.rounds)
    print(f"{'':34}{'wall s':>9}{'x floor':>9}{'CPU s':>9}{'x floor':>9}")
    print(f"{'floor: imports alone':34}{floor[0]:9.2f}{1.0:9.1f}{floor[1]:9.2f}{1.0:9.1f}")
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for place, day, form in CASES:
            out = str(Path(folder) / "brief")
            asked = ["--data", str(given.data), "--descriptor", "china-cities-2020", "--place", place]
            command = [sys.executable, "-c", MAIN, "brief", *asked, "--as-of", day, form, "--out", out]
            wall, processor = _median_s(command, given.rounds)
            slowest = max(slowest, wall)
            ratios = (wall / floor[0], processor / floor[1])
            said = f"brief {place} {day} {form}"
            print(f"{said:34}{wall:9.2f}{ratios[0]:9.1f}{processor:9.2f}{ratios[1]:9.1f}")
    print(f"claim: under {LIMIT_S:g} s: {'holds' if slowest < LIMIT_S else 'DOES NOT HOLD'}")
    raise SystemExit(slowest >= LIMIT_S)


if __name__ == "__main__":
    main()
