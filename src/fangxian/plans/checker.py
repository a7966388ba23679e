"""Placeholder"""
from __future__ import annotations
from collections.abc import Mapping, Sequence
from fangxian.base.errors import Finding
from fangxian.plans.locate import Path
from fangxian.plans.schema import Plan


def check_plan(plan: Plan, *, lines: Mapping[Path, int], file: str, diseases: Sequence[str]) -> list[Finding]:
    """Return no finding."""
    return []
