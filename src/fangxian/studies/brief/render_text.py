"""The brief as plain text for a terminal."""

from __future__ import annotations

from fangxian.studies.brief.contract import Brief
from fangxian.studies.brief.labels import label
from fangxian.studies.brief.render_html import figure_text, tile_indicators
from fangxian.studies.brief.wording import signed_percent
from fangxian.studies.brief.wording_forecast import forecast_sentences


def render_text(brief: Brief, language: str = "zh") -> str:
    """Return the sentences of the brief, one a line."""
    name = (brief.place.name_en or brief.place.name) if language == "en" else brief.place.name
    lines = [f"{name} {label('brief', language)} {brief.as_of.isoformat()}"]
    if brief.synthetic:
        lines.append(label("synthetic", language))
    lines += [sentence.say(language) for sentence in brief.headline]
    lines += ["", f"[{label('figures', language)}]"]
    for part in tile_indicators(brief):
        change = "" if part.change_7d is None else f"  {signed_percent(part.change_7d)}"
        lines.append(f"  {part.label.say(language)}: {figure_text(part, language)}{change}")
    sections = (
        ("transmission", [brief.reproduction_number.words, brief.doubling_time.words]),
        ("forecast", [one for part in brief.forecasts for one in forecast_sentences(part)]),
        ("alarms", [alarm.words for alarm in brief.alarms[:8]]),
        ("capacity", [part.words for part in brief.capacity]),
        ("changes", [change.words for change in brief.changes]),
        ("unknowns", [unknown.words for unknown in brief.unknowns]),
    )
    for key, sentences in sections:
        if sentences:
            lines += ["", f"[{label(key, language)}]", *(f"  {one.say(language)}" for one in sentences)]
    return "\n".join(lines) + "\n"
