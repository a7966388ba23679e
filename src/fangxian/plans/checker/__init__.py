"""What a plan must keep beyond its schema: names that exist, true ranges, rules that can be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fangxian.base.errors import Finding
from fangxian.plans.checker.disease import check_disease
from fangxian.plans.checker.effects import check_effects
from fangxian.plans.checker.identity import check_identity, check_sources
from fangxian.plans.checker.notes import Notes
from fangxian.plans.checker.reporting import check_reporting
from fangxian.plans.checker.response import check_response
from fangxian.plans.locate import Path
from fangxian.plans.schema import Plan

__all__ = ["check_disease", "check_plan"]


def check_plan(
    plan: Plan, *, lines: Mapping[Path, int], file: str, diseases: Collection[str]
) -> list[Finding]:
    """Return every semantic mistake and doubt, in the order of the file.

    Parameters
    ----------
    plan : Plan
        A plan that keeps the schema.
    lines : Mapping[Path, int]
        Where each key stands (`locate.line_numbers`).
    file : str
        Name of the file, for the findings.
    diseases : Collection[str]
        Ids of the diseases known.

    Returns
    -------
    list of Finding
        Severity ``error`` refuses the plan, ``warning`` asks to look again.
    """
    notes = Notes(lines, file)
    check_identity(plan, notes, diseases)
    check_sources(plan, notes)
    check_reporting(plan, notes)
    check_response(plan, notes)
    check_effects(plan, notes)
    return notes.in_order()
