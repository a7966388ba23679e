"""The brief as one self-contained HTML file that prints on two A4 sheets, and nothing of it cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from fangxian.studies.brief.charts import (
    choropleth,
    curve_chart,
    forecast_chart,
    map_key,
    occupancy_bar,
    reproduction_chart,
)
from fangxian.studies.brief.contract import BelowIndicatorPart, BelowPart, Brief, IndicatorPart, Words
from fangxian.studies.brief.labels import label
from fangxian.studies.brief.wording import number, percent, signed_percent
from fangxian.studies.brief.wording_forecast import forecast_sentences

TILES, CURVES, ROWS, UNKNOWNS = 8, 3, 18, 8
ALARMS = {"zh": 8, "en": 6}  # English sentences take two lines
_LONGEST = 200


def render_html(brief: Brief, language: str = "zh", *, boundaries: Mapping[str, Any] | None = None) -> str:
    """Return the brief as HTML.

    Parameters
    ----------
    brief : Brief
    language : str
        ``"zh"`` or ``"en"``.
    boundaries : mapping, optional
        GeoJSON geometry by code of the places below; without any there is no map.

    Returns
    -------
    str
        A page without script, picture files or clock. Lists are shortened so that they fit, and say by how
        much.
    """
    name = _place_name(brief, language)
    title = f"{name} {label('brief', language)} {brief.as_of.isoformat()}"
    first = _header(brief, language) + _headline(brief, language) + _tiles(brief, language)
    first += _curves(brief, language) + _signals(brief, language)
    second = _changes(brief, language) + _places_below(brief, language, boundaries or {})
    second += _unknowns(brief, language) + _footer(brief, language)
    tag = "en" if language == "en" else "zh-CN"
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        '<link rel="icon" href="data:,">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style_sheet()}</style>\n</head>\n<body>\n"
        f'<section class="sheet">\n{first}</section>\n<section class="sheet">\n{second}</section>\n'
        "</body>\n</html>\n"
    )


@cache
def style_sheet() -> str:
    """Return the style sheet of the printed brief."""
    folder = resources.files("fangxian.studies.brief") / "templates"
    return (folder / "brief.css").read_text(encoding="utf-8")


def _place_name(brief: Brief, language: str) -> str:
    return (brief.place.name_en or brief.place.name) if language == "en" else brief.place.name


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _items(items: Iterable[str]) -> str:
    return "".join(f"<li>{item}</li>" for item in items)


def _more(total: int, shown: int, language: str) -> str:
    if total <= shown:
        return ""
    return f'<p class="more">{escape(label("more", language).format(n=total - shown))}</p>'


def _header(brief: Brief, language: str) -> str:
    disease = brief.disease.say(language) if brief.disease else ""
    level = brief.place.level_name.say(language)
    banner = f'<p class="synthetic">{escape(label("synthetic", language))}</p>\n' if brief.synthetic else ""
    beneath = " · ".join(part for part in (level, brief.place.code, disease) if part)
    as_of = f"{escape(label('as_of', language))}<strong>{brief.as_of.isoformat()}</strong>"
    return (
        f"<header><h1>{escape(_place_name(brief, language))} {escape(label('brief', language))}"
        f"<small>{escape(beneath)}</small></h1>"
        f'<div class="as-of">{as_of}</div></header>\n{banner}'
    )


def _headline(brief: Brief, language: str) -> str:
    said = _items(escape(sentence.say(language)) for sentence in brief.headline)
    return f'<ul class="headline">{said}</ul>\n'


def tile_indicators(brief: Brief) -> list[IndicatorPart]:
    """Return the figures for the tiles: those that are known, then those that were due and are missing."""
    ever = [part for part in brief.indicators if part.value is not None]
    due = [part for part in brief.indicators if part.value is None and part.coverage.due]
    return (ever + due)[:TILES]


def figure_text(part: IndicatorPart | BelowIndicatorPart, language: str) -> str:
    """Return a figure as it is shown; an absent one says so."""
    if part.value is None:
        return label("absent", language)
    return percent(part.value, 1) if part.unit == "share" else number(part.value)


def _tiles(brief: Brief, language: str) -> str:
    tiles = []
    for part in tile_indicators(brief):
        absent = ' class="figure absent"' if part.value is None else ' class="figure"'
        below = [_arrow(part)]
        if part.cumulative is not None:
            below.append(f"{escape(label('cumulative', language))} {number(part.cumulative.value)}")
        tiles.append(
            f'<div class="tile"><div class="name">{escape(part.label.say(language))}</div>'
            f"<div{absent}>{escape(figure_text(part, language))}</div>"
            f'<div class="below">{" · ".join(piece for piece in below if piece) or "&nbsp;"}</div>'
            f'<div class="below">{escape(_covered(part, language))}</div></div>'
        )
    return f'<div class="tiles">{"".join(tiles)}</div>\n'


def _arrow(part: IndicatorPart | BelowIndicatorPart) -> str:
    if part.change_7d is None:
        return ""
    if abs(part.change_7d) < 0.005:
        return "→ 0%"
    look, arrow = ("up", "▲") if part.change_7d > 0 else ("down", "▼")
    return f'<span class="{look}">{arrow} {signed_percent(part.change_7d)}</span>'


def _covered(part: IndicatorPart | BelowIndicatorPart, language: str) -> str:
    coverage = part.coverage
    if coverage.reported is None or coverage.due is None:
        return f"{label('coverage', language)} {label('not_known', language)}"
    return f"{label('coverage', language)} {coverage.reported:,}/{coverage.due:,}"


def _curves(brief: Brief, language: str) -> str:
    drawn = []
    forecast = next((part for part in brief.forecasts if part.weeks), None)
    for curve in brief.curves[: CURVES - (forecast is not None)]:
        title = curve.label.say(language)
        note = f"({label('mean', language)})" if curve.kind == "daily_count" else ""
        caption = f"<figcaption>{escape(title)} {escape(note)}</figcaption>"
        drawn.append(f"<figure>{caption}{curve_chart(curve, title)}</figure>")
    if brief.reproduction_curve is not None:
        title = label("reproduction", language)
        chart = reproduction_chart(brief.reproduction_curve, title)
        drawn.insert(1, f"<figure><figcaption>{escape(title)}</figcaption>{chart}</figure>")
    if forecast is not None:
        title = f"{forecast.label.say(language)} {label('forecast_chart', language)}"
        drawn.append(
            f"<figure><figcaption>{escape(title)}</figcaption>{forecast_chart(forecast, title)}</figure>"
        )
    if not drawn:
        return ""
    return (
        f"<h2>{escape(label('curves', language))}</h2>\n" + f'<div class="columns">{"".join(drawn)}</div>\n'
    )


def _signals(brief: Brief, language: str) -> str:
    several = len(brief.alarm_methods) > 1
    room = ALARMS[language] // 2 if brief.forecasts else ALARMS[language]
    alarms = [
        escape(alarm.words.say(language)) + (f" <small>{escape(alarm.method)}</small>" if several else "")
        for alarm in brief.alarms[:room]
    ]
    beds = [f"{escape(part.words.say(language))}{occupancy_bar(part.share)}" for part in brief.capacity]
    transmission = [brief.reproduction_number.words, brief.doubling_time.words]
    left = f"<h2>{escape(label('alarms', language))}</h2>" + (
        f'<ul class="list">{_items(alarms)}</ul>'
        if alarms
        else f"<p>{escape(label('no_alarms', language))}</p>"
    )
    left += _more(len(brief.alarms), room, language)
    if brief.forecasts:
        said = forecast_sentences(brief.forecasts[0])
        left += f"<h2>{escape(label('forecast', language))}</h2>" + _list(said, language)
    right = f"<h2>{escape(label('transmission', language))}</h2>" + _list(transmission, language)
    right += f"<h2>{escape(label('capacity', language))}</h2>" + (
        f'<ul class="list">{_items(beds)}</ul>'
        if beds
        else f"<p>{escape(label('no_capacity', language))}</p>"
    )
    right += f"<h2>{escape(label('timeliness', language))}</h2>{_timeliness(brief, language)}"
    return f'<div class="columns"><div>{left}</div><div>{right}</div></div>\n'


def _list(sentences: Iterable[Words], language: str) -> str:
    return f'<ul class="list">{_items(escape(one.say(language)) for one in sentences)}</ul>'


def _timeliness(brief: Brief, language: str) -> str:
    record = brief.timeliness
    parts = [
        f"{label(key, language)} {label('not_known', language) if value is None else value}"
        for key, value in (("on_time", record.on_time), ("late", record.late), ("missing", record.missing))
    ]
    day = f"{record.day.isoformat()}: " if record.day else ""
    return f'<ul class="list"><li>{escape(day + " · ".join(parts))}</li></ul>'


def _changes(brief: Brief, language: str) -> str:
    items = []
    for change in brief.changes:
        why = " ".join(reason.say(language) for reason in change.why)
        items.append(f"{escape(change.words.say(language))}<small>{escape(_shortened(why))}</small>")
    body = f'<ol class="changes">{_items(items)}</ol>' if items else f"<p>{label('no_changes', language)}</p>"
    return f"<h2>{escape(label('changes', language))}</h2>\n{body}\n"


def _places_below(brief: Brief, language: str, boundaries: Mapping[str, Any]) -> str:
    if not brief.below:
        return ""
    drawn = _map(brief, language, boundaries)
    rows = sorted(brief.below, key=lambda place: (-(_cases(place).sum_7d or -1.0), place.code))
    room = ROWS if drawn else 2 * ROWS
    shown = rows[:room]
    if drawn:
        body = f'<div class="columns"><figure>{drawn}</figure><div>{_table(shown, language)}</div></div>'
    else:
        half = (len(shown) + 1) // 2 if len(shown) > 6 else len(shown)
        tables = [_table(part, language) for part in (shown[:half], shown[half:]) if part]
        body = f'<div class="columns">{"".join(f"<div>{table}</div>" for table in tables)}</div>'
    return f"<h2>{escape(label('below', language))}</h2>\n{body}{_more(len(rows), len(shown), language)}\n"


def _cases(place: BelowPart) -> BelowIndicatorPart:
    return place.figure("new_cases")


def _map(brief: Brief, language: str, boundaries: Mapping[str, Any]) -> str:
    known = {place.code: boundaries[place.code] for place in brief.below if place.code in boundaries}
    if not known:
        return ""
    parts = {place.code: _cases(place) for place in brief.below if place.code in known}
    by_population = any(part.per_100000_7d is not None for part in parts.values())
    values = {code: part.per_100000_7d if by_population else part.sum_7d for code, part in parts.items()}
    names = {
        place.code: (place.name_en or place.name) if language == "en" else place.name for place in brief.below
    }
    title = label("map" if by_population else "map_counts", language)
    drawn = choropleth(known, values, names, title)
    key = map_key(values, label("not_known", language))
    return f"<figcaption>{escape(title)}</figcaption>{drawn}{key}"


def _table(places: list[BelowPart], language: str) -> str:
    by_people = any(_cases(place).per_100000_7d is not None for place in places)
    keys = ["place", "day_value", "week_value", "change", "reported"]
    if by_people:
        keys.insert(4, "per_100000")
    head = "".join(f"<th>{escape(label(key, language))}</th>" for key in keys)
    rows = []
    for place in places:
        part = _cases(place)
        name = (place.name_en or place.name) if language == "en" else place.name
        share = part.coverage.share
        cells = [
            f"<td>{escape(name[: 18 if by_people else 26])}</td>",
            f'<td class="absent">{escape(label("absent", language))}</td>'
            if part.value is None
            else f"<td>{number(part.value)}</td>",
            f"<td>{'—' if part.sum_7d is None else number(part.sum_7d)}</td>",
            f"<td>{_arrow(part) or '—'}</td>",
            f"<td>{'—' if share is None else percent(share)}</td>",
        ]
        if by_people:
            known = part.per_100000_7d
            cells.insert(4, f"<td>{'—' if known is None else number(round(known, 1))}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _unknowns(brief: Brief, language: str) -> str:
    items = [escape(_shortened(unknown.words.say(language))) for unknown in brief.unknowns[:UNKNOWNS]]
    return (
        f"<h2>{escape(label('unknowns', language))}</h2>\n"
        f'<ul class="list unknowns">{_items(items)}</ul>{_more(len(brief.unknowns), UNKNOWNS, language)}\n'
    )


def _footer(brief: Brief, language: str) -> str:
    sources = "; ".join(_shortened(source.say(language)) for source in brief.sources[:3])
    alarms = " + ".join(brief.alarm_methods)
    methods = "; ".join(
        part for part in (brief.reproduction_number.method, brief.doubling_time.method, alarms) if part
    )
    plan = " ".join(brief.plan.get(key, "") for key in ("id", "version")).strip()
    made = f"{brief.generated_by.name} {brief.generated_by.version}"
    return (
        f"<footer>{escape(label('source', language))}: {escape(sources)}<br>"
        f"{escape(label('method', language))}: {escape(methods)} · {escape(plan)} · {escape(made)} · "
        f"{escape(label('lineage', language))}</footer>\n"
    )
