"""Curves of a comparison as SVG and PNG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from fangxian.base.errors import Text
from fangxian.studies.comparison.sentences import number_words

FloatArray = NDArray[np.float64]

COLOURS = ("#0b4f8a", "#c2410c", "#12704a", "#7a3e9d", "#8a6d00", "#b42318")
INK, QUIET, GRID = "#1f2d3d", "#5f6c7b", "#e3e8ee"
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Sans CJK JP",
)
LARGEST_COUNT = 1e15


@dataclass(frozen=True)
class Panel:
    """One picture: which columns are added up, and the line of capacity that it is read against."""

    title: Text
    columns: tuple[str, ...]
    limit: str | None = None
    running_total: bool = False


PANELS: Mapping[str, Panel] = {
    "infections": Panel({"zh": "每日新增感染", "en": "New infections a day"}, ("infections",)),
    "reported": Panel({"zh": "每日报告病例", "en": "Reported cases a day"}, ("reported",)),
    "in_hospital": Panel(
        {"zh": "在院（虚线为普通床位）", "en": "In ward beds (dashed: beds)"}, ("in_ward",), "ward_beds"
    ),
    "in_intensive_care": Panel(
        {"zh": "重症监护（虚线为监护床位）", "en": "In intensive care (dashed: beds)"},
        ("in_intensive_care",),
        "intensive_care_beds",
    ),
    "deaths": Panel({"zh": "累计死亡", "en": "Deaths so far"}, ("deaths",), running_total=True),
    "cost": Panel(
        {"zh": "累计措施成本（元）", "en": "Cost of measures so far, yuan"},
        ("cost_yuan",),
        running_total=True,
    ),
}


def chinese_font() -> str | None:
    """Return a font on this machine that has Chinese characters, or None."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in known), None)


def draw(
    series: pl.DataFrame,
    titles: Mapping[str, str],
    *,
    language: str,
    form: Literal["svg", "png"],
    note: str,
    panels: Sequence[str] = tuple(PANELS),
) -> bytes:
    """Draw the curves of an ensemble: median, half and nine tenths of the runs.

    Parameters
    ----------
    series : polars.DataFrame
        Series of an ensemble.
    titles : mapping of str to str
        What each scenario is called, by id, in the order of drawing.
    language : str
        ``"zh"`` or ``"en"``; without a Chinese font on this machine pictures are in English.
    form : {"svg", "png"}
        What is returned.
    note : str
        Printed below, e.g. that the data are simulated.
    panels : sequence of str
        Names of `PANELS`.

    Returns
    -------
    bytes
        The file; the same for the same data and fonts.
    """
    font = chinese_font()
    spoken = language if font is not None or language == "en" else "en"
    family = [font, "DejaVu Sans"] if font is not None else ["DejaVu Sans"]
    settings: dict[str, Any] = {
        "font.family": family,
        "svg.hashsalt": "fangxian",
        "svg.fonttype": "path",
        "axes.unicode_minus": False,
        "font.size": 9,
    }
    with rc_context(settings):
        columns = min(2, len(panels))
        rows = -(-len(panels) // columns)
        height = 2.7 * rows + (0.25 * len(titles) + 0.3 if columns == 2 else 0.25)
        figure = Figure(figsize=(5.0 * columns, height), layout="constrained", facecolor="white")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis, name in zip(axes, panels, strict=False):
            _draw_panel(axis, series, PANELS[name], titles, spoken)
        for axis in axes[len(panels) :]:
            axis.set_visible(False)
        if columns == 2:
            handles, labels = axes[0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside upper left", ncols=1, frameon=False)
        figure.text(0.995, 0.995, note, ha="right", va="top", color="#7a4700", fontsize=9, weight="bold")
        written = io.BytesIO()
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        figure.savefig(written, format=form, dpi=150, metadata=metadata)
    return written.getvalue()


def _draw_panel(
    axis: Any,  # noqa: ANN401 -- matplotlib is not typed here
    series: pl.DataFrame,
    panel: Panel,
    titles: Mapping[str, str],
    language: str,
) -> None:
    for at, (scenario, title) in enumerate(titles.items()):
        runs = _runs(series.filter(pl.col("scenario") == scenario), panel)
        day = np.arange(runs.shape[1])
        colour = COLOURS[at % len(COLOURS)]
        low, quarter, middle, upper, high = np.quantile(runs, (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
        axis.fill_between(day, low, high, color=colour, alpha=0.13, linewidth=0)
        axis.fill_between(day, quarter, upper, color=colour, alpha=0.22, linewidth=0)
        axis.plot(day, middle, color=colour, linewidth=1.6, label=title)
        if panel.limit is not None:
            limit = _runs(series.filter(pl.col("scenario") == scenario), Panel({}, (panel.limit,)))[0]
            if limit.max() < LARGEST_COUNT:
                axis.plot(day, limit, color=colour, linewidth=1.0, linestyle=(0, (4, 3)))
    axis.set_title(panel.title[language], fontsize=10, loc="left", color=INK)
    axis.grid(axis="y", color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.set_ylim(bottom=0)
    axis.set_xlim(left=0)
    axis.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_words(value, language)))
    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_xlabel("天" if language == "zh" else "day", loc="right", color=QUIET, fontsize=8, labelpad=1)
    axis.tick_params(colors=QUIET, length=0)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(GRID)


def _runs(series: pl.DataFrame, panel: Panel) -> FloatArray:
    """Return the values of a panel by run and day; float array [replicates, D]."""
    own = series.sort("replicate", "day").with_columns(
        pl.sum_horizontal(pl.col(column).cast(pl.Float64) for column in panel.columns).alias("value")
    )
    runs = np.stack([run["value"].to_numpy() for run in own.partition_by("replicate", maintain_order=True)])
    return np.cumsum(runs, axis=1) if panel.running_total else runs
