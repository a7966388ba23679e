"""The rows of a board in words: of hundreds of cells each word is found once, and the template prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from fangxian.reporting.selectors import Board, BoardRow
from fangxian.reporting.views.wording import language, worded

_CODE = "0-code-0"
_FLAGS = ("zero_declared", "corrected", "contradicted")


def unit_rows(board: Board) -> Iterator[dict[str, Any]]:
    """Return what each row about a unit says."""
    titles = {one.form.id: worded(one.form.title) for one in board.forms}
    history = _addresses("reporting:unit_history")
    english = language() == "en"
    moment = cache(_moment)
    due_by, never, about = _("due by"), _("never"), _day(board.day)
    for row in board.rows:
        unit, said = row.unit, row.standing
        yield {
            "address": f"{history(unit.code)}?{urlencode({'form': row.form})}",
            "name": (english and unit.name_en) or unit.name,
            "place": unit.place_name,
            "form": titles[row.form],
            "states": [said.state, *(flag for flag in _FLAGS if getattr(said, flag))],
            "since": moment(said.since) if said.since else f"{due_by} {moment(said.deadline)}",
            "last_report": _last_report(row, about, never),
            "telephone": unit.telephone,
        }


def place_rows(board: Board, form: str) -> Iterator[dict[str, Any]]:
    """Return what each row about a place below says."""
    address = _addresses("reporting:board")
    asked = urlencode({"day": board.day.isoformat()} | ({"form": form} if form else {}))
    english = language() == "en"
    for child in board.children:
        place, counts = child.place, child.counts
        yield {
            "address": f"{address(place.code)}?{asked}",
            "name": (english and place.name_en) or place.name,
            "due": counts.due,
            "reported": counts.reported,
            "in_time": counts.states.get("in_time", 0),
            "missing": counts.states.get("missing", 0),
            "late": counts.states.get("late", 0),
            "awaited": counts.states.get("due", 0),
            "zero_declared": counts.zero_declared,
            "corrected": counts.corrected,
            "contradicted": counts.contradicted,
        }


def _last_report(row: BoardRow, about: str, never: str) -> str:
    if row.standing.state == "missing":
        return _day(row.last_day) if row.last_day else never
    return "—" if row.standing.state == "due" else about


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%m-%d %H:%M")


def _day(day: date) -> str:
    return day.strftime("%m-%d")


def _addresses(view: str) -> Callable[[str], str]:
    """Return the address of a view by code, its pattern found once."""
    before, _, after = reverse(view, args=[_CODE]).partition(_CODE)
    return lambda code: f"{before}{quote(code)}{after}"
