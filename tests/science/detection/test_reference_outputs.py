"""Every method equals the reference program: alarms are identical and bounds agree to 1e-3.

The series is our own (模拟数据); the reference outputs were computed once with R surveillance 1.20.3.
"""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import numpy as np
import pytest

from fangxian.studies.detection.judgement import Judgement
from fangxian.studies.detection.methods import method_of
from fangxian.studies.detection.options import parse_options
from fangxian.studies.detection.series import Panel, read_panel

HERE = Path(__file__).parent / "reference"
DATED = {"flexible-dates-plugin"}
CASES = {
    "flexible-default": ("farringtonFlexible", []),
    "flexible-dates-plugin": (
        "farringtonFlexible",
        ["b=4", "noPeriods=10", "pastWeeksNotIncluded=26", "pThresholdTrend=1", "thresholdMethod=nbPlugin"],
    ),
    "flexible-muan": (
        "farringtonFlexible",
        ["b=4", "w=2", "noPeriods=5", "pastWeeksNotIncluded=26", "thresholdMethod=muan", "alpha=0.01"],
    ),
    "flexible-half-noreweight": (
        "farringtonFlexible",
        ["b=3", "powertrans=1/2", "reweight=FALSE", "limit54=0,4"],
    ),
    "flexible-none-notrend": (
        "farringtonFlexible",
        ["b=5", "powertrans=none", "trend=FALSE", "weightsThreshold=1", "alpha=0.1"],
    ),
    "farrington-default": ("farrington", []),
    "farrington-half": ("farrington", ["b=3", "w=2", "powertrans=1/2", "alpha=0.01", "limit54=c(0,4)"]),
    "cusum-standard": ("cusum", []),
    "cusum-rossi": ("cusum", ["trans=rossi"]),
    "cusum-rossi-glm": ("cusum", ["trans=rossi", "m=glm", "k=0.5", "h=4"]),
    "cusum-anscombe": ("cusum", ["trans=anscombe"]),
    "cusum-pearson": ("cusum", ["trans=pearsonNegBin", "alpha=0.2"]),
    "cusum-pearson-null": ("cusum", ["trans=pearsonNegBin"]),
    "cusum-anscombe2nd": ("cusum", ["trans=anscombe2nd", "k=0.5", "h=4"]),
    "glrpois-dec": ("glrpois", ["dir=dec", "c.ARL=2"]),
    "glrpois-lasting": ("glrpois", ["Mtilde=4", "c.ARL=2"]),
    "glrpois-refit": ("glrpois", ["mu0=list(S=1,trend=TRUE,refit=TRUE)", "c.ARL=2"]),
    "glrnb-refit": ("glrnb", ["alpha=NULL", "mu0=list(S=1,refit=TRUE)", "c.ARL=2"]),
    "glrnb-dec": ("glrnb", ["alpha=0.1", "dir=dec", "c.ARL=2"]),
    "glrpois-value": ("glrpois", ["ret=value"]),
    "glrpois-cases": ("glrpois", ["ret=cases", "mu0=list(S=2,trend=TRUE)"]),
    "glrpois-theta": ("glrpois", ["ret=cases", "theta=0.5"]),
    "glrnb-value": ("glrnb", ["alpha=NULL"]),
    "glrnb-theta": ("glrnb", ["ret=cases", "alpha=0.2", "theta=0.6"]),
    "glrnb-M": ("glrnb", ["ret=value", "alpha=0.1", "M=5", "Mtilde=2", "c.ARL=3"]),
    "bayes1": ("bayes1", []),
    "bayes2": ("bayes", ["b=1", "w=6", "actY=TRUE"]),
    "bayes3": ("bayes3", []),
    "ears-C1": ("earsC", ["method=C1", "baseline=9", "minSigma=0.5", "alpha=0.01"]),
    "ears-C3": ("earsC3", []),
}


def _panel(folder: Path, *, dated: bool) -> Panel:
    with (HERE / "simulated_weeks.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    first = datetime.date(2018, 1, 1)
    path = folder / "series.csv"
    path.write_text(
        "date,value\n"
        + "".join(
            f"{first + datetime.timedelta(7 * step) if dated else step + 1},{row['count']}\n"
            for step, row in enumerate(rows)
        )
    )
    return read_panel(path)


def _run(panel: Panel, case: str, first: int, last: int) -> Judgement:
    name, given = CASES[case]
    method = method_of(name)
    return method.run(panel, parse_options(name, method.options, given), first, last)


@pytest.mark.parametrize("case", CASES)
def test_alarms_and_bounds_equal_the_reference(case: str, tmp_path: Path) -> None:
    """All judged weeks of the reference, whatever the option set."""
    with (HERE / "simulated_thresholds.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["case"] == case]
    first, last = int(rows[0]["week"]) - 1, int(rows[-1]["week"]) - 1
    found = _run(_panel(tmp_path, dated=case in DATED), case, first, last)
    assert found.alarm[:, 0].tolist() == [row["alarm"] == "1" for row in rows]
    bound = np.array([float(row["threshold"] or "nan") for row in rows])
    decided = found.decided[:, 0] & ~np.isnan(bound)
    assert decided.sum() > 30
    np.testing.assert_allclose(found.threshold[decided, 0], bound[decided], rtol=1e-3)
