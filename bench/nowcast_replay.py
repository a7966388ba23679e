"""Replay outbreaks as of then: coverage and CRPS of the nowcast against raw counts, and R where installed.

Line lists come from the folder given (shared/expected and shared/data/05_linelists of the project's reference
material); none is shipped. Every view holds the reports known at its end; truth is the final count.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from fangxian.science.renewal.nowcast import nowcast_triangle
from fangxian.science.renewal.triangle import ReportingTriangle

OUTBREAKS = {
    "HUS Germany 2011": ("expected/husO104Hosp_linelist.csv", "dHosp", "dReport", 1),
    "MERS Korea 2015": ("data/05_linelists/mers_korea_2015__linelist.csv", "dt_onset", "dt_report", 1),
    "H7N9 China 2013": (
        "data/05_linelists/fluH7N9_china_2013.csv",
        "date_of_onset",
        "date_of_hospitalisation",
        4,
    ),
    "COVID-19 Singapore 2020": (
        "data/05_linelists/covid_singapore_2020_linelist.csv",
        "date_onset_symptoms",
        "date_confirmation",
        1,
    ),
    "measles Hagelloch 1861": (
        "data/05_linelists/measles_hagelloch_1861.csv",
        "date_of_prodrome",
        "date_of_rash",
        2,
    ),
    "Ebola (simulated 模拟数据)": (
        "data/05_linelists/ebola_sim_clean__linelist.csv",
        "date_of_onset",
        "date_of_hospitalisation",
        14,
    ),
}
LAST_DAYS = 10
LEAST_KNOWN = 15
R_SCRIPT = """
suppressMessages(library(surveillance)); data(husO104Hosp)
when <- seq(as.Date("2011-05-29"), as.Date("2011-06-07"), by = "1 day")
final <- table(factor(as.character(husO104Hosp$dHosp), levels = as.character(when)))
cast <- nowcast(now = as.Date("2011-06-10"), when = when, dEventCol = "dHosp", dReportCol = "dReport",
  data = husO104Hosp, D = 15, method = "lawless", control = list(N.tInf.max = 300, predPMF = TRUE))
result <- sapply(seq_along(when), function(i) {
  p <- cast@predPMF[[as.character(when[i])]][["lawless"]]; p <- p / sum(p); s <- 0:(length(p) - 1)
  y <- as.numeric(final[i]); c(abs(s[which(cumsum(p) >= .5)[1]] - y), sum((cumsum(p) - (s >= y))^2))
})
cat("RESULT", rowMeans(result), "\\n")
"""


def _read(folder: Path, file: str, event: str, report: str) -> tuple[np.ndarray, np.ndarray]:
    days = []
    with (folder / file).open() as lines:
        for row in csv.DictReader(lines):
            try:
                pair = [date.fromisoformat(row[column][:10]).toordinal() for column in (event, report)]
            except ValueError:
                continue
            if pair[1] >= pair[0]:
                days.append(pair)
    return tuple(np.array(days).T)


def _crps(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    ordered, many = np.sort(draws, axis=0), len(draws)
    rank = 2 * np.arange(1, many + 1)[:, None] - many - 1
    return np.abs(ordered - truth).mean(axis=0) - (rank * ordered).sum(axis=0) / many**2


def _view(event: np.ndarray, report: np.ndarray, as_of: int) -> list[list[float]]:
    first = max(int(event.min()), as_of - 89)
    cast = nowcast_triangle(
        ReportingTriangle.from_reports(event, report, as_of=as_of, first=first), draws=1000
    )
    last = min(LAST_DAYS, len(cast.reported))
    truth = np.array([np.sum(event == day) for day in range(as_of - last + 1, as_of + 1)])
    drawn = cast.draws[:, -last:]
    below, upto = (drawn < truth).mean(axis=0), (drawn <= truth).mean(axis=0)
    # counts are whole: the place of the truth among the draws is spread over the draws equal to it
    place = below + np.random.default_rng(as_of).random(last) * (upto - below)
    open_ = cast.share[-last:] < 0.995
    rows = np.column_stack(
        [
            np.abs(place - 0.5) < 0.25,
            np.abs(place - 0.5) < 0.475,
            _crps(drawn, truth),
            np.abs(np.median(drawn, axis=0) - truth),
            np.abs(cast.reported[-last:] - truth),
        ]
    )
    return rows[open_].tolist()


def _reference() -> str:
    if shutil.which("Rscript") is None:
        return "R is not installed"
    with tempfile.NamedTemporaryFile("w", suffix=".R") as script:
        script.write(R_SCRIPT)
        script.flush()
        output = subprocess.run(["Rscript", script.name], capture_output=True, text=True, check=False).stdout
    lines = [line.split()[1:] for line in output.splitlines() if line.startswith("RESULT")]
    return f"MAE {float(lines[0][0]):.2f}, CRPS {float(lines[0][1]):.2f}" if lines else "R lacks surveillance"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="folder that holds expected/ and data/")
    folder = parser.parse_args().folder
    print(f"{'outbreak':<28} days  in 50 %  in 95 %   CRPS    MAE  MAE of raw counts")
    pooled: list[list[float]] = []
    for name, (file, event_column, report_column, step) in OUTBREAKS.items():
        event, report = _read(folder, file, event_column, report_column)
        rows: list[list[float]] = []
        for as_of in range(int(event.min()) + 7, int(event.max()) + 1, step):
            if np.sum((report <= as_of) & (event <= as_of)) >= LEAST_KNOWN:
                rows += _view(event, report, as_of)
        pooled += rows
        half, wide, crps, error, raw = np.mean(rows, axis=0)
        print(f"{name:<28} {len(rows):4d}   {half:5.3f}    {wide:5.3f} {crps:6.2f} {error:6.2f} {raw:6.2f}")
    half, wide, *_rest = np.mean(pooled, axis=0)
    print(f"{'all':<28} {len(pooled):4d}   {half:5.3f}    {wide:5.3f}")
    event, report = _read(folder, *OUTBREAKS["HUS Germany 2011"][:3])
    as_of = date(2011, 6, 10).toordinal()
    cast = nowcast_triangle(ReportingTriangle.from_reports(event, report, as_of=as_of), draws=4000)
    truth = np.array([np.sum(event == day) for day in range(as_of - 12, as_of - 2)])
    drawn = cast.draws[:, -13:-3]
    ours = f"MAE {np.abs(np.median(drawn, axis=0) - truth).mean():.2f}, CRPS {_crps(drawn, truth).mean():.2f}"
    raw = np.abs(cast.reported[-13:-3] - truth).mean()
    print(f"the R surveillance, its example: ours {ours}; R lawless {_reference()}; raw MAE {raw:.2f}")


if __name__ == "__main__":
    main()
