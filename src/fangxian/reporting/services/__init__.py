"""The verbs of reporting."""

from fangxian.reporting.services.bulk import submit_bulk
from fangxian.reporting.services.records import BulkOptions, BulkResult, ReportSubmission
from fangxian.reporting.services.submit import declare_zero, submit_report
from fangxian.reporting.services.totals import recompute_totals

__all__ = [
    "BulkOptions",
    "BulkResult",
    "ReportSubmission",
    "declare_zero",
    "recompute_totals",
    "submit_bulk",
    "submit_report",
]
