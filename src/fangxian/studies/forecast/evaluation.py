"""Forecasts scored against what came, by model, horizon and place."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from fangxian.base.errors import InvalidInput, NotFound
from fangxian.science.scoring import bias, covered, relative_skill, weighted_interval_score
from fangxian.studies.forecast.grid import is_weekly

TASK = ("target", "target_end_date", "location", "_round")
COVERAGES = (0.5, 0.95)


def score_forecasts(
    forecasts: pl.DataFrame, truth: pl.DataFrame, *, target: str | None = None
) -> pl.DataFrame:
    """Score every forecast whose outcome is known.

    Parameters
    ----------
    forecasts : polars.DataFrame
        As of `tables.read_forecasts`.
    truth : polars.DataFrame
        As of `tables.read_counts`: daily, then summed over the seven days up to the end of the target, of
        which none may lack, or weekly on that day. Without a target column it is of the one target forecast.
    target : str, optional
        Score only forecasts of it, e.g. ``inc death``.

    Returns
    -------
    polars.DataFrame
        One row a forecast: ``model``, ``series`` (the target without its horizon), ``horizon``, ``target``,
        ``target_end_date``, ``location``, ``_round``, ``observed``, ``wis``, ``dispersion``,
        ``overprediction``, ``underprediction``, ``bias``, ``coverage_50``, ``coverage_95`` (null where those
        quantiles were not forecast).

    Raises
    ------
    InvalidInput
        If a target does not say how far ahead it is, or truth without target meets several targets.
    NotFound
        If nothing is left to score.
    """
    parted = forecasts.with_columns(
        horizon=pl.col("target").str.extract(r"^(\d+) (?:wk|day) ahead ", 1).cast(pl.Int64),
        unit=pl.col("target").str.extract(r"^\d+ (wk|day) ahead ", 1),
        series=pl.col("target").str.replace(r"^\d+ (?:wk|day) ahead ", ""),
    )
    unread = parted.filter(pl.col("horizon").is_null())
    if not unread.is_empty():
        name = unread["target"][0]
        raise InvalidInput(
            {"zh": f"看不懂目标“{name}”。", "en": f"The target '{name}' does not say how far ahead it is."},
            {"zh": "例如“1 wk ahead inc case”。", "en": "Write it as '1 wk ahead inc case'."},
        )
    if target is not None:
        parted = parted.filter(pl.col("series") == target)
    joined = _with_truth(parted, truth)
    if joined.is_empty():
        raise NotFound(
            {"zh": "没有一个预测有已知的结果。", "en": "No forecast has a known outcome."},
            {
                "zh": f"请核对：预测的是{_held(parted, 'target_end_date')}；结果中有{_held(truth, 'date')}。",
                "en": f"Compare: forecast are {_held(parted, 'target_end_date')}; "
                f"the truth holds {_held(truth, 'date')}.",
            },
        )
    return pl.concat([_scored(rows) for _, rows in joined.group_by("_levels", maintain_order=True)]).sort(
        "model", *TASK
    )


def compare_models(scores: pl.DataFrame, *, baseline: str | None = None) -> dict[str, Any]:
    """Summarise scores by model: overall, by horizon, by place, and by both.

    Parameters
    ----------
    scores : polars.DataFrame
        Of `score_forecasts`.
    baseline : str, optional
        The model whose relative score is 1.

    Returns
    -------
    dict
        ``overall``, ``by_horizon``, ``by_location``, ``by_horizon_location``: lists of records. ``wis`` and
        its parts are means; ``relative_wis`` is the pairwise comparison of the hubs over the baseline;
        ``wis_ratio`` the sum over that of the baseline on the tasks of both.

    Raises
    ------
    NotFound
        If the baseline has not forecast.
    """
    models = scores["model"].unique().sort().to_list()
    if baseline is not None and baseline not in models:
        raise NotFound(
            {
                "zh": f"没有模型“{baseline}”，有 {', '.join(models)}。",
                "en": f"There is no model '{baseline}' (there are {', '.join(models)}).",
            },
            {"zh": "请用 --baseline 指定其中之一。", "en": "Name one of these with --baseline."},
        )
    groups = {
        "overall": ["series"],
        "by_horizon": ["series", "horizon"],
        "by_location": ["series", "location"],
        "by_horizon_location": ["series", "horizon", "location"],
    }
    found: dict[str, Any] = {"baseline": baseline}
    for name, keys in groups.items():
        parts = sorted(scores.group_by(keys), key=lambda part: part[0])
        found[name] = [record for key, rows in parts for record in _records(keys, key, rows, baseline)]
    return found


def _held(table: pl.DataFrame, date: str) -> str:
    """Return which places, targets and dates a table holds, in few words."""
    named = [table[column].unique().sort().to_list() for column in ("location", "target")]
    parts = [", ".join(names[:3]) + (", …" if len(names) > 3 else "") for names in named if names != [""]]
    if days := table[date].cast(pl.String).to_list():
        parts.append(f"{min(days)} – {max(days)}")
    return " / ".join(part for part in parts if part) or "—"


def _with_truth(forecasts: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Return one row a forecast with lists of levels and values, and what came."""
    names = forecasts["series"].unique().sort().to_list()
    if truth["target"].unique().to_list() == [""]:
        if len(names) > 1:
            raise InvalidInput(
                {
                    "zh": f"真值没有目标列，而预测有 {', '.join(names)}。",
                    "en": f"The truth names no target, but the forecasts are of {', '.join(names)}.",
                },
                {
                    "zh": "请加 --target，或给真值加 target 列。",
                    "en": "Add --target, or a target column to the truth.",
                },
            )
        truth = truth.with_columns(target=pl.lit(names[0] if names else ""))
    came = pl.concat([_outcomes(rows) for _, rows in truth.group_by("target", maintain_order=True)])
    rounds = forecasts.select("model", "target", "target_end_date", "location", "forecast_date").unique()
    rounds = rounds.with_columns(
        _round=pl.col("forecast_date").rank("dense").over("model", "target", "target_end_date", "location")
    )
    one = (
        forecasts.join(rounds, on=["model", "target", "target_end_date", "location", "forecast_date"])
        .sort("quantile")
        .group_by("model", "series", "horizon", "unit", *TASK, maintain_order=True)
        .agg(quantiles=pl.col("value"), levels=pl.col("quantile"))
        .with_columns(_levels=pl.col("levels").cast(pl.List(pl.String)).list.join(" "))
    )
    return one.join(came, on=["series", "unit", "location", "target_end_date"], how="inner")


def _outcomes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what came on each day, and in the week that ends with it."""
    keyed = rows.select("location", series="target", target_end_date="date", observed="value").filter(
        pl.col("observed").is_not_null()
    )
    day = keyed.with_columns(unit=pl.lit("day"))
    if is_weekly(rows["date"], alone=True):
        return keyed.with_columns(unit=pl.lit("wk"))
    week = (
        keyed.sort("target_end_date")
        .rolling("target_end_date", period="7d", group_by=["location", "series"])
        .agg(pl.col("observed").sum(), number=pl.len())
        .filter(pl.col("number") == 7)
        .drop("number")
        .with_columns(unit=pl.lit("wk"))
    )
    return pl.concat([day, week.select(day.columns)])


def _scored(rows: pl.DataFrame) -> pl.DataFrame:
    levels = np.array(rows["levels"][0].to_list())
    quantiles = np.sort(np.array(rows["quantiles"].to_list()), axis=-1)
    observed = rows["observed"].to_numpy()
    try:
        score = weighted_interval_score(quantiles, levels, observed)
        side = bias(quantiles, levels, observed) if 0.5 in levels else np.full(len(rows), np.nan)
    except ValueError as error:
        first = rows.row(0, named=True)
        raise InvalidInput(
            {
                "zh": f"模型 {first['model']} 的分位数不能评分：{error}",
                "en": f"The quantiles of {first['model']} cannot be scored: {error}",
            },
            {"zh": "每个预测应有成对的水平。", "en": "Each forecast needs levels in pairs."},
        ) from error
    columns = {
        "wis": score.total,
        "dispersion": score.dispersion,
        "overprediction": score.overprediction,
        "underprediction": score.underprediction,
        "bias": side,
    }
    for nominal in COVERAGES:
        ends = ((1 - nominal) / 2, (1 + nominal) / 2)
        there = all(np.any(np.abs(levels - end) < 1e-9) for end in ends)
        inside = covered(quantiles, levels, observed, nominal_coverage=nominal) if there else np.nan
        columns[f"coverage_{round(100 * nominal)}"] = np.broadcast_to(inside, observed.shape)
    kept = rows.select("model", "series", "horizon", *TASK, "observed")
    return kept.with_columns(**{name: pl.Series(values).fill_nan(None) for name, values in columns.items()})


def _records(
    keys: list[str], key: tuple[object, ...], rows: pl.DataFrame, baseline: str | None
) -> list[dict[str, Any]]:
    means = rows.group_by("model").agg(
        pl.len().alias("forecasts"),
        pl.col(
            "wis",
            "dispersion",
            "overprediction",
            "underprediction",
            "bias",
            "coverage_50",
            "coverage_95",
        ).mean(),
    )
    wide = rows.pivot(on="model", index=TASK, values="wis")
    models = [name for name in wide.columns if name not in TASK]
    column = models.index(baseline) if baseline in models else None
    skill = relative_skill(wide.select(models).fill_null(np.nan).to_numpy(), baseline=column)
    found = []
    for record in means.sort("model").iter_rows(named=True):
        number = models.index(record["model"])
        compared = {} if column is None else {"wis_ratio": _or_none(skill.ratio[number, column])}
        met = baseline is None or compared.get("wis_ratio") is not None
        relative = _or_none(skill.scaled[number]) if met else None
        found.append({**dict(zip(keys, key, strict=True)), **record, "relative_wis": relative, **compared})
    return found


def _or_none(value: float) -> float | None:
    """Return None for what could not be compared: JSON knows no NaN."""
    return float(value) if np.isfinite(value) else None
