"""Reading reports, totals and who owes what; every figure comes with its coverage."""

from fangxian.reporting.selectors.board import Board, BoardQuery, BoardRow, board, reminder_list
from fangxian.reporting.selectors.contradictions import OpenContradiction, open_contradictions
from fangxian.reporting.selectors.coverage import Coverage
from fangxian.reporting.selectors.figures import Figure, FigureName, figure
from fangxian.reporting.selectors.history import UnitHistory, unit_history
from fangxian.reporting.selectors.plans import form_at, plan_at
from fangxian.reporting.selectors.reports import current_report, revisions
from fangxian.reporting.selectors.series import PlaceSeries, SeriesPoint, series
from fangxian.reporting.selectors.timeliness import Period, Timeliness, timeliness
from fangxian.reporting.selectors.today import collected_day
from fangxian.reporting.selectors.totals import verify_totals

__all__ = [
    "Board",
    "BoardQuery",
    "BoardRow",
    "Coverage",
    "Figure",
    "FigureName",
    "OpenContradiction",
    "Period",
    "PlaceSeries",
    "SeriesPoint",
    "Timeliness",
    "UnitHistory",
    "board",
    "collected_day",
    "current_report",
    "figure",
    "form_at",
    "open_contradictions",
    "plan_at",
    "reminder_list",
    "revisions",
    "series",
    "timeliness",
    "unit_history",
    "verify_totals",
]
