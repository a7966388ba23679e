"""Addresses of the reporting pages."""

from __future__ import annotations

from datetime import date

from django.urls import URLPattern, path, register_converter

from fangxian.reporting.views import board, entry, figures, history, imports, today


class DayConverter:
    """A day as 2022-12-09; a day that the calendar does not have is no page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Return the day."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """Return how the day is written."""
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "reporting"
urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    path("board/<str:code>/", board.board, name="board"),
    path("board/<str:code>/timeliness/", board.board_timeliness, name="board_timeliness"),
    path("board/<str:code>/silent/", board.board_silent, name="board_silent"),
    path("board/<str:code>/contradictions/", board.board_contradictions, name="board_contradictions"),
    path("board/<str:code>/reminders.xlsx", imports.reminders, {"suffix": "xlsx"}, name="reminders"),
    path("board/<str:code>/reminders.csv", imports.reminders, {"suffix": "csv"}, name="reminders_csv"),
    path("imports/", imports.import_index, name="imports"),
    path("imports/template.xlsx", imports.import_template, name="import_template"),
    path("imports/<int:batch>/", imports.import_detail, name="import"),
    path("imports/<int:batch>/errors", imports.import_errors, name="import_errors"),
    path("entry/", entry.entry_index, name="entry_index"),
    path("entry/<str:unit>/<slug:form>/<day:day>/", entry.entry, name="entry"),
    path("units/<str:unit>/history/", history.unit_history, name="unit_history"),
    path("figures/<str:code>/<slug:form>/<slug:field>/<day:day>/", figures.figure, name="figure"),
]
