"""Dataset descriptors: a TOML file that maps a foreign table to the fields of a form, with no code."""

from fangxian.plans.datasets.loader import load_descriptor, packaged_descriptors, parse_descriptor
from fangxian.plans.datasets.plan_check import plan_findings
from fangxian.plans.datasets.reading import Dataset, RowCount, read_dataset
from fangxian.plans.datasets.schema import Descriptor

__all__ = [
    "Dataset",
    "Descriptor",
    "RowCount",
    "load_descriptor",
    "packaged_descriptors",
    "parse_descriptor",
    "plan_findings",
    "read_dataset",
]
