"""Synthetic facilities, and the reports that they make of a rehearsed epidemic: 模拟数据, never evidence.

The model is stated in docs/explanation/demo-data.md.
"""

from fangxian.studies.synthetic_reports.epidemic import HISTORY_DAYS, Epidemic
from fangxian.studies.synthetic_reports.facilities import (
    SyntheticFacility,
    SyntheticPlace,
    synthetic_facilities,
)
from fangxian.studies.synthetic_reports.generate import (
    ReportTable,
    SyntheticReports,
    Unit,
    generate_reports,
)
from fangxian.studies.synthetic_reports.parameters import Parameters

__all__ = [
    "HISTORY_DAYS",
    "Epidemic",
    "Parameters",
    "ReportTable",
    "SyntheticFacility",
    "SyntheticPlace",
    "SyntheticReports",
    "Unit",
    "generate_reports",
    "synthetic_facilities",
]
