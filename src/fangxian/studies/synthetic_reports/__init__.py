"""Synthetic facilities and daily reports for demonstrations and drills: 模拟数据, never evidence.

The model is stated in docs/explanation/demo-data.md.
"""

from fangxian.studies.synthetic_reports.facilities import (
    SyntheticFacility,
    SyntheticPlace,
    synthetic_facilities,
)
from fangxian.studies.synthetic_reports.generate import (
    Epidemic,
    ReportTable,
    SyntheticReports,
    Unit,
    generate_reports,
)
from fangxian.studies.synthetic_reports.parameters import Parameters

__all__ = [
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
