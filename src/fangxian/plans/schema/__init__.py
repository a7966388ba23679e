"""The executable emergency plan, schema version 1: what a plan file may say.

One versioned TOML file that a health official can read and edit; the live system and the simulator read the
same file (law 1).
"""

from fangxian.plans.schema.basics import (
    FieldIdentifier,
    Identifier,
    Phase,
    Record,
    Source,
    Sourced,
    Status,
    Wording,
)
from fangxian.plans.schema.plan import DiseaseFile, Identity, Plan, SerialInterval
from fangxian.plans.schema.reporting import (
    Aggregation,
    Check,
    CrossCheck,
    Deadline,
    FieldKind,
    Form,
    Indicator,
    Reporters,
    ReportField,
    Reporting,
)
from fangxian.plans.schema.response import (
    Clock,
    ContactSchedule,
    ContactStage,
    Level,
    Measure,
    Reserve,
    RiskArea,
    Target,
    Tier,
    TierRule,
    Tiers,
    TierScore,
)

__all__ = [
    "Aggregation",
    "Check",
    "Clock",
    "ContactSchedule",
    "ContactStage",
    "CrossCheck",
    "Deadline",
    "DiseaseFile",
    "FieldIdentifier",
    "FieldKind",
    "Form",
    "Identifier",
    "Identity",
    "Indicator",
    "Level",
    "Measure",
    "Phase",
    "Plan",
    "Record",
    "ReportField",
    "Reporters",
    "Reporting",
    "Reserve",
    "RiskArea",
    "SerialInterval",
    "Source",
    "Sourced",
    "Status",
    "Target",
    "Tier",
    "TierRule",
    "TierScore",
    "Tiers",
    "Wording",
]
