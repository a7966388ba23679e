"""A plan in the words of the page: each value beside its source and status."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from fangxian.plans.schema import Check, ContactSchedule, Form, Plan, ReportField, Sourced, TierRule
from fangxian.plans.vocabulary import FACILITY_KINDS, GRADES, unit_name
from fangxian.plans.wording import amount_words, code_words, deadline_words, reserve_words, rule_words
from fangxian.plans.wording_effects import effect_words, trigger_words


@dataclass(frozen=True)
class Trust:
    """How far a value can be trusted, and where it comes from."""

    status: str
    words: str
    source: str


@dataclass(frozen=True)
class Entry:
    """One thing that the plan says."""

    title: str
    text: str
    trust: Trust


@dataclass(frozen=True)
class Section:
    """Several things of one kind."""

    id: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class FieldRow:
    """One number of a form."""

    field: ReportField
    label: str
    note: str
    unit: str
    kind: str
    aggregation: str
    limits: str
    trust: Trust


@dataclass(frozen=True)
class RuleRow:
    """One check in words."""

    id: str
    severity: str
    severity_words: str
    rule: str
    message: str


@dataclass(frozen=True)
class FormCard:
    """One form."""

    id: str
    title: str
    note: str
    reporters: str
    deadline: str
    trust: Trust
    fields: tuple[FieldRow, ...]
    checks: tuple[RuleRow, ...]


@dataclass(frozen=True)
class PlanPage:
    """All that a plan says, in one language."""

    phase: str
    forms: tuple[FormCard, ...]
    cross_checks: tuple[RuleRow, ...]
    indicators: tuple[tuple[str, str, str], ...]
    sections: tuple[Section, ...]
    tier_rows: tuple[tuple[str, str, str, str], ...]
    sources: tuple[tuple[str, str, str, str], ...]


def plan_page(plan: Plan, language: str) -> PlanPage:
    """Return a plan in the words of a language."""
    return _Reader(plan, "en" if language.startswith("en") else "zh").page()


class _Reader:
    def __init__(self, plan: Plan, language: str) -> None:
        self.plan = plan
        self.language = language
        self.titles = {source.id: source.title for source in plan.sources}

    def page(self) -> PlanPage:
        plan, language = self.plan, self.language
        return PlanPage(
            phase=code_words(plan.identity.phase.value, language),
            forms=tuple(self.form(form) for form in plan.forms),
            cross_checks=tuple(self.rule(check) for check in plan.cross_checks),
            indicators=tuple(
                (one.id, one.label.in_language(language), ", ".join(one.sources) or self.ratio(one.id))
                for one in plan.indicators
            ),
            sections=tuple(section for section in self.sections() if section.entries),
            tier_rows=tuple(self.tier_row(rule) for rule in (plan.tiers.rules if plan.tiers else ())),
            sources=tuple(
                (source.id, source.title, source.date or "", source.note or "") for source in plan.sources
            ),
        )

    def form(self, form: Form) -> FormCard:
        reporters = [FACILITY_KINDS[kind][self.language] for kind in form.reporters.facility_kinds]
        reporters += [GRADES[grade][self.language] for grade in form.reporters.grades]
        return FormCard(
            id=form.id,
            title=form.title.in_language(self.language),
            note=form.note.in_language(self.language) if form.note else "",
            reporters=", ".join(reporters),
            deadline=deadline_words(form.deadline, self.language),
            trust=self.trust(form.deadline),
            fields=tuple(self.field(field) for field in form.fields),
            checks=tuple(self.rule(check, form) for check in form.checks),
        )

    def field(self, field: ReportField) -> FieldRow:
        upper = "∞" if field.maximum is None else f"{field.maximum:,.15g}"
        return FieldRow(
            field=field,
            label=field.label.in_language(self.language),
            note=field.note.in_language(self.language) if field.note else "",
            unit=unit_name(field.unit, self.language),
            kind=code_words(field.kind.value, self.language),
            aggregation=code_words(field.aggregation.value, self.language),
            limits=f"{field.minimum:,.15g} – {upper}",
            trust=self.trust(field),
        )

    def rule(self, check: Check, form: Form | None = None) -> RuleRow:
        return RuleRow(
            id=check.id,
            severity=check.severity,
            severity_words=code_words(check.severity, self.language),
            rule=rule_words(check, self.plan, self.language, form),
            message=check.message.in_language(self.language),
        )

    def ratio(self, indicator_id: str) -> str:
        one = self.plan.indicator(indicator_id)
        return f"{one.numerator} ÷ {one.denominator}"

    def trust(self, record: Sourced) -> Trust:
        status = record.status.value
        source = self.titles.get(record.source, "") if record.source else ""
        return Trust(status, code_words(status, self.language), source)

    def sections(self) -> list[Section]:
        plan, language = self.plan, self.language

        def entry(title: str, text: str, record: Sourced) -> Entry:
            return Entry(title, text, self.trust(record))

        levels = [
            entry(level.title.in_language(language), self.level_text(level.id), level)
            for level in plan.levels
        ]
        measures = [
            found
            for one in plan.measures
            for found in (
                entry(one.title.in_language(language), one.description.in_language(language), one),
                *(entry("↳", effect_words(effect, language), effect) for effect in one.effects),
            )
        ]
        areas = [
            entry(area.title.in_language(language), self.area_text(area.id), area) for area in plan.risk_areas
        ]
        clocks = [
            entry(
                clock.title.in_language(language),
                f"{clock.starts.in_language(language)} → {clock.stops.in_language(language)}: "
                + _("within %(hours)s hours") % {"hours": f"{clock.hours:g}"},
                clock,
            )
            for clock in plan.clocks
        ]
        contacts = [
            entry(one.title.in_language(language), self.contact_text(one), one) for one in plan.contacts
        ]
        tiers = [
            entry(tier.title.in_language(language), tier.service.in_language(language), plan.tiers)
            for tier in (plan.tiers.tiers if plan.tiers else ())
        ]
        reserves = [
            entry(one.title.in_language(language), reserve_words(one, language), one) for one in plan.reserves
        ]
        targets = [
            entry(one.title.in_language(language), amount_words(one.value, one.unit, language), one)
            for one in plan.targets
        ]
        return [
            Section("levels", _("Response levels"), tuple(levels)),
            Section("measures", _("Measures"), tuple(measures)),
            Section("areas", _("Risk areas"), tuple(areas)),
            Section("clocks", _("Clocks"), tuple(clocks)),
            Section("contacts", _("Contacts"), tuple(contacts)),
            Section("tiers", _("Tiers of key people"), tuple(tiers)),
            Section("reserves", _("Reserves"), tuple(reserves)),
            Section("targets", _("Targets"), tuple(targets)),
        ]

    def level_text(self, level_id: str) -> str:
        level = next(one for one in self.plan.levels if one.id == level_id)
        end = level.end.in_language(self.language) if level.end else ""
        said = level.trigger.in_language(self.language)
        said = f"{said} {_('Ends:')} {end}" if end else said
        rehearsed = trigger_words(level, self.plan, self.language)
        if not rehearsed:
            return said
        return f"{said} ({'rehearsal' if self.language == 'en' else '推演'}: {rehearsed})"

    def area_text(self, area_id: str) -> str:
        titles = {area.id: area.title.in_language(self.language) for area in self.plan.risk_areas}
        area = next(one for one in self.plan.risk_areas if one.id == area_id)
        said = area.rule.in_language(self.language)
        if area.steps_down_to is None:
            return said
        step = _("After %(days)s days without new infection: %(area)s.") % {
            "days": area.days_without_infection,
            "area": titles[area.steps_down_to],
        }
        return f"{said} {step}"

    def contact_text(self, contact: ContactSchedule) -> str:
        if not contact.traced:
            return _("Not traced.")
        parts = []
        for stage in contact.stages:
            said = f"{code_words(stage.where, self.language)} {stage.days} {unit_name('day', self.language)}"
            if stage.test_days:
                days = ", ".join(str(day) for day in stage.test_days)
                said += " " + _("(tests on days %(days)s)") % {"days": days}
            parts.append(said)
        return " + ".join(parts)

    def tier_row(self, rule: TierRule) -> tuple[str, str, str, str]:
        age = f"≥ {rule.age_from}" if rule.age_to == 130 else f"{rule.age_from}–{rule.age_to}"
        diseases = {"none": _("none"), "stable": _("stable"), "unstable": _("unstable")}
        vaccinations = {
            "full": _("fully vaccinated"),
            "partial": _("partly vaccinated"),
            "none": _("not vaccinated"),
        }
        tiers = self.plan.tiers.tiers if self.plan.tiers else ()
        titles = {tier.id: tier.title.in_language(self.language) for tier in tiers}
        return (
            age,
            ", ".join(diseases[one] for one in rule.disease),
            ", ".join(vaccinations[one] for one in rule.vaccination),
            titles[rule.tier],
        )
