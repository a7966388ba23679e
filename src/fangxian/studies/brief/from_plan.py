"""What a plan says about a brief: its indicators, and the serial interval of its disease."""

from __future__ import annotations

from collections.abc import Iterable

from fangxian.plans.loader import packaged_disease
from fangxian.plans.schema import DiseaseFile, FieldKind, Plan
from fangxian.studies.brief.records import BriefIndicator, IndicatorKind, SerialInterval

_KINDS = {
    FieldKind.DAILY_COUNT: IndicatorKind.DAILY_COUNT,
    FieldKind.STOCK: IndicatorKind.STOCK,
    FieldKind.CUMULATIVE: IndicatorKind.STOCK,
}


def brief_indicators(plan: Plan, *, extra_fields: Iterable[tuple[str, str]] = ()) -> list[BriefIndicator]:
    """Return the indicators of a plan, in its order, then extra fields that it has but does not list.

    Parameters
    ----------
    plan : Plan
    extra_fields : iterable of (form id, field id)
    """
    found = []
    for indicator in plan.indicators:
        kind = IndicatorKind.RATIO
        if indicator.sources:
            form, _, field = indicator.sources[0].partition(".")
            kind = _KINDS[plan.form(form).field(field).kind]
        found.append(
            BriefIndicator(
                id=indicator.id,
                label=indicator.label.model_dump(),
                unit=indicator.unit,
                kind=kind,
                numerator=indicator.numerator,
                denominator=indicator.denominator,
            )
        )
    known = {indicator.id for indicator in found}
    for form_id, field_id in extra_fields:
        if field_id in known:
            continue
        extra = _field(plan, form_id, field_id)
        if extra is not None:
            found.append(extra)
            known.add(field_id)
    return found


def _field(plan: Plan, form_id: str, field_id: str) -> BriefIndicator | None:
    for form in plan.forms:
        for field in form.fields:
            if (form.id, field.id) == (form_id, field_id):
                return BriefIndicator(
                    id=field_id,
                    label=field.label.model_dump(),
                    unit=field.unit,
                    kind=_KINDS[field.kind],
                    minor=True,
                )
    return None


def serial_interval_of(disease: DiseaseFile) -> SerialInterval:
    """Return the serial interval of a disease with its source."""
    interval = disease.serial_interval
    return SerialInterval(
        mean_days=interval.mean_days,
        standard_deviation_days=interval.sd_days,
        source=f"doi:{interval.doi}",
        note=interval.note.model_dump() if interval.note is not None else {},
    )


def disease_of(plan: Plan, disease_id: str | None = None) -> DiseaseFile:
    """Return the packaged disease of an id, or that of the plan."""
    return packaged_disease(disease_id or plan.identity.disease)
