"""The brief as a Word file that an office can edit."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, time
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from fangxian.studies.brief.contract import BelowIndicatorPart, BelowPart, Brief
from fangxian.studies.brief.labels import label
from fangxian.studies.brief.render_html import figure_text, tile_indicators
from fangxian.studies.brief.wording import number, percent, signed_percent
from fangxian.studies.brief.wording_forecast import forecast_sentences

ROWS = 20


def render_docx(brief: Brief, language: str = "zh") -> bytes:
    """Return the brief as the bytes of a .docx file.

    Parameters
    ----------
    brief : Brief
    language : str
        ``"zh"`` or ``"en"``.

    Returns
    -------
    bytes
        Its dates are those of the brief, not of the clock, so that the same brief gives the same document.
    """
    document = Document()
    _page(document, brief)
    name = (brief.place.name_en or brief.place.name) if language == "en" else brief.place.name
    document.add_heading(f"{name} {label('brief', language)}", level=0)
    line = document.add_paragraph(f"{label('as_of', language)} {brief.as_of.isoformat()}")
    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if brief.synthetic:
        banner = document.add_paragraph().add_run(label("synthetic", language))
        banner.bold, banner.font.color.rgb = True, RGBColor(0xB4, 0x5F, 0x06)
    for sentence in brief.headline:
        document.add_paragraph(sentence.say(language)).runs[0].bold = True
    _figures(document, brief, language)
    _sentences(
        document,
        label("transmission", language),
        [brief.reproduction_number.words.say(language), brief.doubling_time.words.say(language)],
    )
    if brief.forecasts:
        said = [one.say(language) for part in brief.forecasts for one in forecast_sentences(part)]
        _sentences(document, label("forecast", language), [*said, label("forecast_note", language)])
    alarms = [alarm.words.say(language) for alarm in brief.alarms[:8]]
    _sentences(document, label("alarms", language), alarms or [label("no_alarms", language)])
    beds = [part.words.say(language) for part in brief.capacity]
    _sentences(document, label("capacity", language), beds or [label("no_capacity", language)])
    changes = [
        f"{change.words.say(language)} {' '.join(reason.say(language) for reason in change.why)}"
        for change in brief.changes
    ]
    _sentences(document, label("changes", language), changes or [label("no_changes", language)])
    if brief.below:
        _below(document, brief, language)
    _sentences(
        document, label("unknowns", language), [unknown.words.say(language) for unknown in brief.unknowns]
    )
    _sentences(document, label("source", language), [source.say(language) for source in brief.sources])
    saved = io.BytesIO()
    document.save(saved)
    return _without_clock(saved, brief.as_of)


def _without_clock(saved: io.BytesIO, day: date) -> bytes:
    """Return the archive with the day of the brief on each of its parts instead of the hour of writing."""
    still = io.BytesIO()
    stamp = (max(1980, day.year), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(still, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in archive.namelist():
            entry = zipfile.ZipInfo(part, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, archive.read(part))
    return still.getvalue()


def _page(document: Any, brief: Brief) -> None:  # noqa: ANN401 -- python-docx has no types
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(16)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Arial", Pt(10)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    style.paragraph_format.space_after = Pt(2)
    when = datetime.combine(brief.as_of, time(), UTC)
    properties = document.core_properties
    properties.author, properties.title = "fangxian", f"{brief.place.code} {brief.as_of.isoformat()}"
    properties.created = properties.modified = when


def _sentences(document: Any, heading: str, sentences: list[str]) -> None:  # noqa: ANN401 -- as above
    document.add_heading(heading, level=2)
    for sentence in sentences:
        document.add_paragraph(sentence, style="List Bullet")


def _row(table: Any, cells: list[str], *, bold: bool = False) -> None:  # noqa: ANN401 -- as above
    for cell, text in zip(table.add_row().cells, cells, strict=True):
        run = cell.paragraphs[0].add_run(text)
        run.bold, run.font.size = bold, Pt(9)


def _figures(document: Any, brief: Brief, language: str) -> None:  # noqa: ANN401 -- as above
    document.add_heading(label("figures", language), level=2)
    table = document.add_table(rows=0, cols=5)
    table.style = "Light Grid Accent 1"
    keys = ("day_value", "week", "cumulative", "coverage")
    _row(table, ["", *(label(key, language) for key in keys)], bold=True)
    for part in tile_indicators(brief):
        coverage = part.coverage
        known = coverage.reported is not None and coverage.due is not None
        cells = [
            part.label.say(language),
            figure_text(part, language),
            "—" if part.change_7d is None else signed_percent(part.change_7d),
            "—" if part.cumulative is None else number(part.cumulative.value),
            f"{coverage.reported}/{coverage.due}" if known else label("not_known", language),
        ]
        _row(table, cells)


def _below(document: Any, brief: Brief, language: str) -> None:  # noqa: ANN401 -- as above
    document.add_heading(label("below", language), level=2)
    table = document.add_table(rows=0, cols=5)
    table.style = "Light Grid Accent 1"
    keys = ("place", "day_value", "week_value", "change", "reported")
    _row(table, [label(key, language) for key in keys], bold=True)

    def cases(place: BelowPart) -> BelowIndicatorPart:
        return place.figure("new_cases")

    ordered = sorted(brief.below, key=lambda place: (-(cases(place).sum_7d or -1.0), place.code))
    for place in ordered[:ROWS]:
        part = cases(place)
        cells = [
            (place.name_en or place.name) if language == "en" else place.name,
            figure_text(part, language),
            "—" if part.sum_7d is None else number(part.sum_7d),
            "—" if part.change_7d is None else signed_percent(part.change_7d),
            "—" if part.coverage.share is None else percent(part.coverage.share),
        ]
        _row(table, cells)
    if len(ordered) > ROWS:
        document.add_paragraph(label("more", language).format(n=len(ordered) - ROWS))
