"""Find unusual counts in a table of series, and say of each why it is an alarm and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fangxian.base.errors import InvalidInput
from fangxian.studies.detection.judgement import Judgement
from fangxian.studies.detection.methods import method_of
from fangxian.studies.detection.options import parse_options
from fangxian.studies.detection.reasons import alarm_reason
from fangxian.studies.detection.series import Panel, steps_between


@dataclass(frozen=True)
class Alarm:
    """One alarm; figures that a method does not have are None.

    Parameters
    ----------
    location, date : str
        As in the table.
    observed, expected, threshold, score : float or None
    probability : float or None
        Chance of such a count or a larger one if nothing has happened.
    false_discovery_rate : float or None
    method : str
    reason : dict
        One sentence in ``zh`` and in ``en``.
    """

    location: str
    date: str
    observed: float
    expected: float | None
    threshold: float | None
    score: float | None
    probability: float | None
    false_discovery_rate: float | None
    method: str
    reason: dict[str, str]


@dataclass(frozen=True)
class Findings:
    """All alarms of a table, and how much of it could be judged.

    Parameters
    ----------
    method, frequency : str
    first, last : str
        The judged range.
    judged, undecided : int
        How many counts were judged, and how many could not be.
    without_judgement : tuple of str
        Places of which nothing could be said at all.
    alarms : tuple of Alarm
    note : dict or None
        What a person should know of the whole judgement, in ``zh`` and in ``en``.
    """

    method: str
    frequency: str
    first: str
    last: str
    judged: int
    undecided: int
    without_judgement: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    note: dict[str, str] | None = None


_MORE_PAST = {"zh": "请给更长的序列。", "en": "Give a longer series."}


def detect(
    panel: Panel,
    method: str,
    options: Sequence[str] = (),
    *,
    first: str | None = None,
    last: str | None = None,
) -> Findings:
    """Judge a range of a panel.

    Parameters
    ----------
    panel : Panel
    method : str
        See `methods.METHODS`.
    options : sequence of str
        ``KEY=VALUE`` with the names of R ``surveillance``.
    first, last : str, optional
        Dates as in the table; by default everything that the method can judge. Charts that learn their
        expectation from what lies before them begin after a year, or halfway through a shorter series.

    Raises
    ------
    InvalidInput
        With the remedy, if the range or an option cannot be taken or nothing can be judged.
    """
    chosen = method_of(method)
    given = parse_options(chosen.name, chosen.options, list(options))
    start, end = steps_between(panel, first, last)
    if "range" in given:
        start, end = given["range"][0] - 1, given["range"][1] - 1
        if not 0 <= start <= end < panel.axis.steps:
            raise InvalidInput(
                {
                    "zh": f"range 超出 1 到 {panel.axis.steps}。",
                    "en": f"range leaves 1 to {panel.axis.steps}.",
                },
                {"zh": "从 1 开始数。", "en": "Steps count from 1."},
            )
    elif first is None and chosen.name in {"cusum", "glrnb", "glrpois"}:
        start = min(panel.axis.steps_per_year, (panel.axis.steps + 1) // 2)
        start = min(start, end)
    try:
        judgement = chosen.run(panel, given, start, end)
    except ValueError as error:
        raise InvalidInput(
            {"zh": f"{chosen.name} 不能运行：{error}", "en": f"{chosen.name} cannot run: {error}"},
            {"zh": "请按提示修改。", "en": "Change what it says."},
        ) from error
    if not judgement.decided.any():
        raise InvalidInput(
            {
                "zh": f"{chosen.name} 对 {panel.labels[start]} 到 {panel.labels[end]} 无法判断："
                "此前数据不足或病例太少。",
                "en": f"{chosen.name} can say nothing of {panel.labels[start]} to {panel.labels[end]}: "
                "too little past, or too few cases.",
            },
            _MORE_PAST
            if chosen.name == "surprise"
            else {
                "zh": "请给更长的序列、少回看几年（如 b=2），或改用 surprise。",
                "en": "Give a longer series, look back fewer years (e.g. b=2), or use the method surprise.",
            },
        )
    return _findings(panel, chosen.name, judgement, end)


def _findings(panel: Panel, method: str, judgement: Judgement, end: int) -> Findings:
    alarms = []
    for row, place in np.argwhere(judgement.alarm):
        step = judgement.first + int(row)
        observed = float(panel.counts[step, place])
        figures: dict[str, Any] = {
            "expected": _at(judgement.expected, row, place),
            "threshold": _at(judgement.threshold, row, place),
            "score": _at(judgement.score, row, place),
            "probability": _at(judgement.probability, row, place),
            "false_discovery_rate": _at(judgement.rate, row, place),
        }
        over = {
            name: _at(getattr(judgement, name), row, place)
            for name in ("window", "window_count", "window_expected")
        }
        reason = alarm_reason(
            method,
            panel.frequency,
            panel.locations[place],
            panel.labels[step],
            {"observed": observed, "limit": judgement.limit, **over, **figures},
        )
        alarms.append(
            Alarm(
                panel.locations[place], panel.labels[step], observed, method=method, reason=reason, **figures
            )
        )
    decided = judgement.decided
    return Findings(
        method=method,
        frequency=panel.frequency,
        first=panel.labels[judgement.first],
        last=panel.labels[end],
        judged=int(decided.sum()),
        undecided=int((~decided).sum()),
        without_judgement=tuple(
            name for place, name in enumerate(panel.locations) if not decided[:, place].any()
        ),
        alarms=tuple(alarms),
        note=judgement.note,
    )


def _at(array: Any, row: int, place: int) -> float | None:  # noqa: ANN401 -- an array or nothing
    if array is None:
        return None
    value = float(array[row, place])
    return value if math.isfinite(value) else None
