"""Curves, bars and maps of the brief as inline SVG: no script, no picture file, sharp on paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from html import escape
from typing import Any

from fangxian.studies.brief.contract import CurvePart, ForecastPart, ReproductionCurvePart

INK, QUIET, GRID = "#1f2d3d", "#7b8794", "#e3e8ee"
BAR, LINE, BAND, RED = "#a9c4e4", "#0b4f8a", "#cfdff0", "#b42318"
MAP_STEPS = ("#eef3f9", "#cfdff0", "#a9c4e4", "#6d9bcb", "#34699f", "#0b3d6b")
NO_DATA = "#ffffff"
_WIDTH, _HEIGHT = 340, 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 6, 8, 18


class _Frame:
    """Where a number stands on the paper."""

    def __init__(self, first_day: date, days: int, top: float, bottom: float = 0.0) -> None:
        self.first_day, self.days, self.top, self.bottom = first_day, days, top, bottom

    def x(self, time: float) -> float:
        return _LEFT + (time + 0.5) * (_WIDTH - _LEFT - _RIGHT) / max(1, self.days)

    def y(self, value: float) -> float:
        share = (min(value, self.top) - self.bottom) / (self.top - self.bottom)
        return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)

    def axes(self, ticks: Sequence[tuple[float, str]]) -> list[str]:
        drawn = []
        for value, label in ticks:
            y = self.y(value)
            drawn.append(
                f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
            )
            drawn.append(_text(_LEFT - 4, y + 3, label, anchor="end"))
        step = max(1, round(self.days / 5))
        for time in range(self.days - 1, -1, -step):
            day = self.first_day + timedelta(days=time)
            x = min(self.x(time), _WIDTH - 13)
            drawn.append(_text(x, _HEIGHT - 5, f"{day.month}/{day.day}", anchor="middle"))
        return drawn


def curve_chart(curve: CurvePart, title: str) -> str:
    """Draw a series: bars with the 7-day mean for counts, a line for stocks and ratios; a gap is a gap."""
    known = [value for value in (*curve.values, *curve.mean_7d) if value is not None]
    top, ticks = _scale(max(known, default=0.0), percent=curve.kind == "ratio")
    frame = _Frame(curve.first_day, len(curve.values), top)
    drawn = frame.axes(ticks)
    if curve.kind == "daily_count":
        width = max(1.0, 0.72 * (_WIDTH - _LEFT - _RIGHT) / max(1, len(curve.values)))
        for time, value in enumerate(curve.values):
            if value is not None and value > 0:
                y = frame.y(value)
                drawn.append(
                    f'<rect x="{frame.x(time) - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" '
                    f'height="{frame.y(0) - y:.1f}" fill="{BAR}"/>'
                )
        drawn.append(_path(frame, curve.mean_7d))
    else:
        drawn.append(_path(frame, curve.values))
    return _svg(drawn, title)


def reproduction_chart(curve: ReproductionCurvePart, title: str) -> str:
    """Draw the reproduction number with its interval and the line at 1."""
    known = [value for value in curve.upper if value is not None]
    top = max(2.0, min(5.0, math.ceil(max(known, default=2.0))))
    frame = _Frame(curve.first_day, len(curve.median), top)
    drawn = frame.axes([(float(value), str(value)) for value in range(int(top) + 1)])
    for start, end in _runs(curve.median):
        upper = [(time, curve.upper[time] or 0.0) for time in range(start, end)]
        lower = [(time, curve.lower[time] or 0.0) for time in range(end - 1, start - 1, -1)]
        points = " ".join(f"{frame.x(time):.1f},{frame.y(value):.1f}" for time, value in (*upper, *lower))
        drawn.append(f'<polygon points="{points}" fill="{BAND}"/>')
    one = frame.y(1)
    drawn.append(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{one:.1f}" y2="{one:.1f}" '
        f'stroke="{RED}" stroke-dasharray="4 3"/>'
    )
    drawn.append(_path(frame, curve.median))
    return _svg(drawn, title)


def forecast_chart(part: ForecastPart, title: str) -> str:
    """Draw weekly sums, the intervals of the weeks to come, and what was forecast a week ahead of each."""
    told = [one for one in part.past if one.week == 1]
    ends = [one.last_day for one in part.history] + [one.last_day for one in (*part.weeks, *told)]
    if not ends:
        return ""
    first = min(ends) - timedelta(days=6)
    known = [one.value for one in part.history if one.value is not None]
    middle = max([*known, *(one.median for one in (*part.weeks, *told))], default=0.0)
    reach = max([middle, *(one.upper_95 for one in (*part.weeks, *told))])
    top, ticks = _scale(min(reach, 2.5 * middle), percent=False)
    frame = _Frame(first, (max(ends) - first).days + 1, top)
    drawn = frame.axes(ticks)
    width = 5 * (_WIDTH - _LEFT - _RIGHT) / frame.days
    for came in part.history:
        if came.value:
            x, y = frame.x((came.last_day - first).days - 3) - width / 2, frame.y(came.value)
            drawn.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{frame.y(0) - y:.1f}" '
                f'fill="{BAR}"/>'
            )
    if part.weeks:
        drawn += _fan(frame, part, known[-1:] if part.history and part.history[-1].value is not None else [])
    for one in told:
        x = frame.x((one.last_day - first).days - 3)
        drawn.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{frame.y(one.lower_95):.1f}" '
            f'y2="{frame.y(one.upper_95):.1f}" stroke="{INK}" stroke-width="0.9"/>'
            f'<circle cx="{x:.1f}" cy="{frame.y(one.median):.1f}" r="1.8" fill="{INK}"/>'
        )
    return _svg(drawn, title)


def _fan(frame: _Frame, part: ForecastPart, start: Sequence[float]) -> list[str]:
    """Draw the intervals of 95 and 50 % and the median, from the last week that is known."""
    first = frame.first_day
    base = [((part.weeks[0].first_day - first).days - 4, value) for value in start]
    times = [(one.last_day - first).days - 3 for one in part.weeks]
    drawn = []
    for lower, upper, colour in (
        ([one.lower_95 for one in part.weeks], [one.upper_95 for one in part.weeks], BAND),
        ([one.lower_50 for one in part.weeks], [one.upper_50 for one in part.weeks], BAR),
    ):
        along = [*base, *zip(times, upper, strict=True)]
        back = list(zip(times, lower, strict=True))[::-1]
        points = " ".join(f"{frame.x(time):.1f},{frame.y(value):.1f}" for time, value in (*along, *back))
        drawn.append(f'<polygon points="{points}" fill="{colour}" fill-opacity="0.8"/>')
    line = [*base, *zip(times, (one.median for one in part.weeks), strict=True)]
    path = "L".join(f"{frame.x(time):.1f} {frame.y(value):.1f}" for time, value in line)
    drawn.append(f'<path d="M{path}" fill="none" stroke="{LINE}" stroke-width="1.6"/>')
    return drawn


def occupancy_bar(share: float | None) -> str:
    """Draw how full the beds are; an unknown share is an empty frame."""
    fill = "" if share is None else _filled(share)
    return (
        '<svg class="occupancy" viewBox="0 0 100 8" preserveAspectRatio="none" role="presentation">'
        f'<rect x="0.4" y="0.4" width="99.2" height="7.2" rx="2" fill="#fff" stroke="{QUIET}" '
        f'stroke-width="0.6"/>{fill}</svg>'
    )


def _filled(share: float) -> str:
    colour = RED if share >= 0.9 else "#c77700" if share >= 0.75 else LINE
    return f'<rect x="0.4" y="0.4" width="{99.2 * min(1.0, share):.1f}" height="7.2" rx="2" fill="{colour}"/>'


def map_steps(values: Iterable[float | None]) -> list[float]:
    """Return the upper limits of the classes of a map: round numbers that share out the known values."""
    known = sorted(value for value in values if value is not None and value > 0)
    if not known:
        return []
    classes = len(MAP_STEPS) - 1
    cuts = [
        _two_digits_up(known[min(len(known) - 1, (index + 1) * len(known) // classes)])
        for index in range(classes)
    ]
    return sorted(set(cuts))


def map_colours(values: Mapping[str, float | None]) -> dict[str, str]:
    """Return the colour of each place: white has no figure, the palest is zero."""
    steps = map_steps(values.values())
    return {code: NO_DATA if value is None else _class_colour(value, steps) for code, value in values.items()}


def choropleth(
    boundaries: Mapping[str, Any],
    values: Mapping[str, float | None],
    names: Mapping[str, str],
    title: str,
    *,
    links: Mapping[str, str] | None = None,
) -> str:
    """Draw places by value; white with a dashed edge has no figure, the palest is zero."""
    rings = {code: list(_rings(geometry)) for code, geometry in boundaries.items()}
    points = [point for several in rings.values() for ring in several for point in ring]
    if not points:
        return ""
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = min(330 / max((east - west) * squeeze, 1e-9), 250 / max(north - south, 1e-9))
    width, height = (east - west) * squeeze * scale + 4, (north - south) * scale + 4
    colours = map_colours(values)
    drawn, labels = [], []
    for code in sorted(rings):
        outline = "".join(_outline(ring, (west, north, squeeze, scale)) for ring in rings[code])
        value = values.get(code)
        fill = colours.get(code, NO_DATA)
        dash = ' stroke-dasharray="3 2"' if value is None else ""
        said = "—" if value is None else f"{value:,.1f}"
        shape = (
            f'<path d="{outline}" fill="{fill}" fill-rule="evenodd" stroke="{QUIET}" '
            f'stroke-width="0.6"{dash}><title>{escape(names.get(code, code))} {said}</title></path>'
        )
        link = escape((links or {}).get(code, ""))
        drawn.append(f'<a href="{link}">{shape}</a>' if link else shape)
        if len(rings) <= 24 and rings[code]:
            biggest = max(rings[code], key=len)
            x = (sum(point[0] for point in biggest) / len(biggest) - west) * squeeze * scale + 2
            y = (north - sum(point[1] for point in biggest) / len(biggest)) * scale + 2
            dark = value is not None and fill in MAP_STEPS[3:]
            labels.append(
                _text(x, y + 2, names.get(code, code), anchor="middle", size=7, fill="#fff" if dark else INK)
            )
    return (
        f'<svg class="map" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"{''.join(drawn)}{''.join(labels)}</svg>"
    )


def map_key(values: Mapping[str, float | None], unknown: str) -> str:
    """Draw what the colours of the map mean."""
    steps = map_steps(values.values())
    entries = [(MAP_STEPS[0], "0")]
    low = "0"
    for index, step in enumerate(steps):
        entries.append((MAP_STEPS[min(index + 1, len(MAP_STEPS) - 1)], f"{low}–{_plain(step)}"))
        low = _plain(step)
    if any(value is None for value in values.values()):
        entries.append((NO_DATA, unknown))
    drawn = []
    for index, (colour, label) in enumerate(entries):
        x = 4 + index * 56
        drawn.append(f'<rect x="{x}" y="2" width="9" height="9" fill="{colour}" stroke="{QUIET}"/>')
        drawn.append(_text(x + 12, 9.5, label, size=8))
    width = 8 + 56 * len(entries)
    return f'<svg class="key" viewBox="0 0 {width} 13" role="presentation">{"".join(drawn)}</svg>'


def _class_colour(value: float, steps: Sequence[float]) -> str:
    if value <= 0:
        return MAP_STEPS[0]
    position = next((index for index, step in enumerate(steps) if value <= step), len(steps) - 1)
    return MAP_STEPS[min(position + 1, len(MAP_STEPS) - 1)]


def _rings(geometry: Mapping[str, Any]) -> Iterable[list[tuple[float, float]]]:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    for polygon in polygons:
        for ring in polygon:
            yield [(float(point[0]), float(point[1])) for point in ring]


def _outline(ring: Sequence[tuple[float, float]], view: tuple[float, float, float, float]) -> str:
    west, north, squeeze, scale = view
    path: list[str] = []
    before = ""
    for longitude, latitude in ring:
        point = f"{(longitude - west) * squeeze * scale + 2:.1f} {(north - latitude) * scale + 2:.1f}"
        if point != before:
            path.append(point)
        before = point
    return f"M{'L'.join(path)}Z" if len(path) > 2 else ""


def _runs(values: Sequence[float | None]) -> Iterable[tuple[int, int]]:
    start = None
    for time, value in enumerate([*values, None]):
        if value is not None and start is None:
            start = time
        elif value is None and start is not None:
            yield start, time
            start = None


def _path(frame: _Frame, values: Sequence[float | None]) -> str:
    pieces = []
    for start, end in _runs(values):
        points = [f"{frame.x(time):.1f} {frame.y(values[time] or 0.0):.1f}" for time in range(start, end)]
        pieces.append(f"M{'L'.join(points)}" if len(points) > 1 else f"M{points[0]}h1.5")
    return f'<path d="{"".join(pieces)}" fill="none" stroke="{LINE}" stroke-width="1.6"/>'


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: float = 8, fill: str = QUIET
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}" '
        'pointer-events="none">'
        f"{escape(words)}</text>"
    )


def _svg(drawn: Iterable[str], title: str) -> str:
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(drawn)}</svg>"
    )


def _scale(highest: float, *, percent: bool) -> tuple[float, list[tuple[float, str]]]:
    top = _round_up(highest) if highest > 0 else (0.01 if percent else 1.0)
    parts = 4 if percent or top >= 4 else max(1, round(top))
    ticks = [top * index / parts for index in range(parts + 1)]
    return top, [(tick, f"{100 * tick:.3g}%" if percent else _plain(tick)) for tick in ticks]


def _round_up(value: float) -> float:
    """Return the next number of the form 1, 2, 4, 5, 8 or 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if value <= step * power * (1 + 1e-9))


def _two_digits_up(value: float) -> float:
    """Return the next number of two digits times a power of ten."""
    power = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / power - 1e-9) * power


def _plain(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:.4g}k"
    return f"{value:.4g}"
