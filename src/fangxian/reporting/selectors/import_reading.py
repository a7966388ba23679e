"""A file of reports read against the plan and the register of units, with nothing written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from fangxian.base.errors import Finding, InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.emergency_plans.selectors import plans_around
from fangxian.ground.exchange.rules import ROW, Table, read_tables
from fangxian.plans.schema import Form
from fangxian.reporting.rules.columns import repeated, repeated_row
from fangxian.reporting.rules.intake import FILLED, NOT_KNOWN, ROWS, Assumed, Intake, take_in
from fangxian.reporting.rules.labels import DAY, FIXED, REASON, UNIT, UNIT_NAME, VALUE, recogniser
from fangxian.reporting.selectors.addressing import AddressBook, address_book, closed_unit

SHEET_STRIDE = 10_000_000
"""Rows of sheet n are numbered from n times this, so that a row is one number across the sheets of a file."""


@dataclass
class FileReading:
    """What a file says, by form, and what of it was refused on the way.

    ``frames`` hold ``row`` across sheets, ``rows``, ``unit`` as a code in scope, ``day``, ``reason`` and
    fields. ``refused`` are rows across sheets, ``repeats`` how many rows say again what another row says.
    """

    file: str
    intakes: list[Intake]
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    repeats: int = 0

    @property
    def read(self) -> int:
        """Return how many rows the file has that say anything."""
        return sum(intake.read for intake in self.intakes)

    def place_of(self, row: int) -> tuple[str | None, int]:
        """Return sheet and row number as the spreadsheet shows them."""
        sheet, number = divmod(row, SHEET_STRIDE)
        return self.intakes[sheet].table.sheet, number

    def located(self, finding: Finding) -> Finding:
        """Return a finding whose row runs across sheets with file, sheet and row as a person finds them."""
        if finding.row is None:
            return replace(finding, file=self.file)
        sheet, number = self.place_of(finding.row)
        column = self.column_shown(finding.row, finding.column)
        return replace(finding, file=self.file, sheet=sheet, row=number, column=column)

    def column_shown(self, row: int, key: str | None) -> str | None:
        """Return letters and label of a column by its key, or the key."""
        found = self.intakes[row // SHEET_STRIDE].table.column(key) if key else None
        return found.shown if found is not None else key

    def refuse(self, finding: Finding, row: int, column: str | None = None) -> None:
        """Refuse one row across sheets."""
        self.refused.add(row)
        self.findings.append(self.located(replace(finding, row=row, column=column)))


def forms_known_to(viewer: User, day: date) -> list[Form]:
    """Return the forms of the plans in force in a person's scope, then those of earlier plans."""
    places = policy.places(viewer, Action.IMPORT_REPORTS)
    single = policy.units(viewer, Action.IMPORT_REPORTS).select_related("place")
    for place in places:
        single = single.exclude(place__tree_left__range=(place.tree_left, place.tree_right))
    forms: dict[str, Form] = {}
    for plan in plans_around([*places, *(unit.place for unit in single)], day):
        for form in plan.forms:
            forms.setdefault(form.id, form)
    return list(forms.values())


def read_reports(viewer: User, file: str, content: bytes, assumed: Assumed, today: date) -> FileReading:
    """Read a file of reports as this person may import them.

    Raises ``InvalidInput`` where the file as a whole cannot be read.
    """
    forms = forms_known_to(viewer, today)
    if not forms:
        raise InvalidInput(
            {"zh": "您的范围内没有生效的应急预案。", "en": "No emergency plan is in force in your scope."},
            {"zh": "请先使一份预案生效。", "en": "Put a plan in force there first."},
        )
    tables = read_tables(content, file, recogniser(forms), filled=FILLED)
    usable = [table for table in tables if _is_of_reports(table)] or tables[:1]
    reading = FileReading(file, [take_in(table, forms, assumed) for table in usable])
    for number, intake in enumerate(reading.intakes):
        reading.findings += intake.findings
        reading.refused |= {number * SHEET_STRIDE + row for row in intake.refused}
    book = address_book(viewer)
    for form_id, frame in _joined(reading.intakes).items():
        reading.frames[form_id] = _without_repeats(_addressed(frame, book, reading), reading)
    return reading


def _is_of_reports(table: Table) -> bool:
    """Say whether a sheet has units and figures; a sheet of instructions has neither."""
    return bool(table.keys & {UNIT, UNIT_NAME}) and bool(table.keys - FIXED or VALUE in table.keys)


def _joined(intakes: Sequence[Intake]) -> Mapping[str, pl.DataFrame]:
    parts: dict[str, list[pl.DataFrame]] = {}
    for number, intake in enumerate(intakes):
        for form_id, frame in intake.reports.items():
            parts.setdefault(form_id, []).append(frame.with_columns(pl.col(ROW) + number * SHEET_STRIDE))
    return {
        form_id: frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed")
        for form_id, frames in parts.items()
    }


def _addressed(frame: pl.DataFrame, book: AddressBook, reading: FileReading) -> pl.DataFrame:
    """Put the code of the unit meant in ``unit``; refuse rows whose unit is unknown, foreign or closed."""
    said = [name for name in (UNIT, UNIT_NAME) if name in frame.columns]
    codes: list[tuple[str | None, ...]] = []
    bad: list[tuple[tuple[str | None, ...], Finding]] = []
    closed = []
    for texts in frame.select(said).unique(maintain_order=True).rows():
        given = dict(zip(said, texts, strict=True))
        found = book.find(given.get(UNIT), given.get(UNIT_NAME))
        if isinstance(found, Finding):
            bad.append((texts, found))
            continue
        codes.append((*texts, found.code))
        if found.closed is not None:
            closed.append(found)
    for texts, finding in bad:
        matches = pl.all_horizontal(
            pl.col(name).eq_missing(text) for name, text in zip(said, texts, strict=True)
        )
        for row in frame.filter(matches)[ROW].to_list():
            reading.refuse(finding, row, UNIT if UNIT in said else UNIT_NAME)
    schema = dict.fromkeys([*said, "_code"], pl.String())
    mapping = pl.DataFrame(codes, schema=schema, orient="row")
    frame = frame.join(mapping, on=said, how="inner", nulls_equal=True, maintain_order="left")
    frame = frame.drop(said).rename({"_code": UNIT})
    for unit in closed:
        for row, day in frame.filter(pl.col(UNIT) == unit.code).select(ROW, DAY).rows():
            finding = closed_unit(unit, day)
            if finding is not None:
                reading.refuse(finding, row, UNIT)
    return frame.filter(~pl.col(ROW).is_in(sorted(reading.refused))) if closed else frame


def _without_repeats(frame: pl.DataFrame, reading: FileReading) -> pl.DataFrame:
    """Keep one of rows that say the same; refuse all that contradict each other."""
    keys = [UNIT, DAY]
    values = [name for name in frame.columns if name not in {ROW, ROWS, UNIT, DAY, REASON, NOT_KNOWN}]
    compared = frame
    if NOT_KNOWN in frame.columns:
        compared = frame.with_columns(pl.col(NOT_KNOWN).list.join(","))
        values.append(NOT_KNOWN)
    contradicting = repeated(compared, keys, values)
    for row, others in contradicting:
        reading.refuse(repeated_row([_shown(reading, other) for other in others]), row, DAY)
    refused = sorted(row for row, _ in contradicting)
    frame = frame.filter(~pl.col(ROW).is_in(refused)) if refused else frame
    once = frame.unique(keys, keep="first", maintain_order=True)
    reading.repeats += int(frame[ROWS].sum()) - int(once[ROWS].sum())
    return once


def _shown(reading: FileReading, row: int) -> str:
    sheet, number = reading.place_of(row)
    return f"{sheet}!{number}" if sheet is not None and len(reading.intakes) > 1 else str(number)
