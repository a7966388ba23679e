"""A file comes in whole or not at all; each row is accepted, unchanged, or refused with a remedy."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from fangxian.base.errors import Conflict, InvalidInput, NotFound
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.places.models import Facility
from fangxian.reporting.models import ImportBatch, Report
from fangxian.reporting.selectors import verify_totals
from fangxian.reporting.selectors.imports import findings_of, import_for, my_imports, refused_rows_file
from fangxian.reporting.selectors.templates import IDENTIFIERS_ROW, TemplateRequest, report_template
from fangxian.reporting.services import ReportSubmission, submit_report
from fangxian.reporting.services.imports import abandon_import, commit_import, preview_import
from reporting.import_files import DAY, bad_workbook, csv_file, excel_file
from worlds import make_unit, make_user

GOOD = csv_file("H11,2024-03-01,3,0", "H12,2024-03-01,0,0", "H21,2024-03-01,5,")


def preview(world, content, who="officer", file_name="日报.csv", **said) -> ImportBatch:
    return preview_import(actor=world[who], file_name=file_name, content=content, **said)


def commit(world, content, who="officer", file_name="日报.csv", **said) -> ImportBatch:
    batch = preview(world, content, who, file_name, **said)
    return commit_import(actor=world[who], batch=batch, confirm_warnings=True)


def counts(batch) -> tuple[int, int, int, int]:
    return batch.rows_read, batch.rows_accepted, batch.rows_refused, batch.rows_unchanged


def errors(batch) -> list[tuple[int | None, str]]:
    return [(one.row, one.code) for one in findings_of(batch) if one.severity == "error"]


def only_error(batch):
    (finding,) = [one for one in findings_of(batch) if one.severity == "error"]
    return finding


def test_a_preview_writes_no_report_and_a_commit_writes_them_all(world):
    """Until somebody commits, nothing of a file is on record; afterwards totals and audit are too."""
    batch = preview(world, GOOD)
    assert counts(batch) == (3, 3, 0, 0)
    assert not Report.objects.exists()
    done = commit_import(actor=world["officer"], batch=batch)
    assert counts(done) == (3, 3, 0, 0)
    assert dict(Report.objects.values_list("unit__code", "values")) == {
        "H11": {"deaths": 0, "new_cases": 3},
        "H12": {"deaths": 0, "new_cases": 0},
        "H21": {"new_cases": 5},
    }
    assert set(Report.objects.values_list("batch", flat=True)) == {done.pk}
    assert verify_totals() == []
    event = AuditEvent.objects.filter(code="reports.imported", object_id=str(done.pk)).latest("sequence")
    assert event.detail["accepted"] == 3
    assert done.content is None


def test_the_same_file_twice_changes_nothing(world):
    """Importing again what is on record leaves no new revision and says so."""
    commit(world, GOOD)
    before = list(Report.objects.order_by("pk").values())
    assert counts(commit(world, GOOD)) == (3, 0, 0, 3)
    assert list(Report.objects.order_by("pk").values()) == before


def test_the_golden_bad_workbook_tells_each_row_its_own_fault(world):
    """Every kind of bad input in one workbook: good rows are taken, each other row has its reason."""
    batch = preview(world, bad_workbook(), "county", "坏.xlsx")
    wrong = dict(errors(batch))
    village = world["V111"]
    assert village.code == "V111"
    expected = {
        4: "unit-unknown",
        5: "form-not-owed",
        7: "day-unreadable",
        11: "value-formula-not-computed",
        18: "unit-missing",
        19: "unit-is-a-place",
    }
    assert {row: wrong[row] for row in expected} == expected
    foreign = {row for row, code in wrong.items() if code == "unit-out-of-scope"}
    assert foreign >= {6, 8, 9, 13, 14, 15, 16, 17}
    assert counts(batch) == (18, 2, 16, 0)

    batch = preview(world, bad_workbook(), "officer", "坏.xlsx")
    wrong = dict(errors(batch))
    assert {row: wrong[row] for row in range(4, 20)} == {
        4: "unit-unknown",
        5: "form-not-owed",
        6: "day-future",
        7: "day-unreadable",
        8: "value-negative",
        9: "value-too-large",
        10: "value-not-declared-missing",
        11: "value-formula-not-computed",
        12: "value-error-cell",
        13: "value-required",
        14: "value-not-whole",
        15: "row-repeated",
        16: "row-repeated",
        17: "check-deaths-within-patients",
        18: "unit-missing",
        19: "unit-is-a-place",
    }
    assert counts(batch) == (18, 2, 16, 0)
    for finding in findings_of(batch):
        if finding.severity == "error":
            assert finding.sheet == "日报"
            assert finding.message["zh"]
            assert finding.message["en"]
            assert finding.remedy["zh"]
            assert finding.remedy["en"]
    done = commit_import(actor=world["officer"], batch=batch, confirm_warnings=True)
    assert counts(done) == (18, 2, 16, 0)
    assert dict(Report.objects.values_list("unit__code", "values"))["H11"] == {
        "deaths": 0,
        "in_hospital": 5,
        "new_cases": 12,
    }


def test_an_unknown_unit_is_told_its_nearest_names(world):
    """A code with a slip of the finger finds the units that look like it."""
    finding = only_error(preview(world, csv_file("H1l,2024-03-01,3,0", "H11,2024-03-01,3,0")))
    assert finding.code == "unit-unknown"
    assert finding.row == 2
    assert finding.value == "H1l"
    assert "H11 某H11" in finding.remedy["zh"]


def test_a_unit_can_be_meant_by_its_name(world):
    """Without a column of codes the exact name finds the unit; an ambiguous one is refused with the codes."""
    content = csv_file("某H11,2024-03-01,3,0", header="机构名称,日期,新增病例,死亡")
    assert counts(preview(world, content)) == (1, 1, 0, 0)
    twin = make_unit("H99", world["places"]["township-22"])
    Facility.objects.filter(pk=twin.pk).update(name="某H11")
    finding = only_error(preview(world, content))
    assert finding.code == "unit-name-ambiguous"
    assert "H11, H99" in finding.remedy["en"]


def test_a_unit_outside_the_scope_is_refused_and_the_others_taken(world):
    """A county officer imports for her county only."""
    batch = commit(world, GOOD, "county")
    assert counts(batch) == (3, 2, 1, 0)
    assert errors(batch) == [(4, "unit-out-of-scope")]
    assert set(Report.objects.values_list("unit__code", flat=True)) == {"H11", "H12"}


def test_a_place_merged_last_year_names_its_successor(world):
    """A unit closed by a merger, or the code of a merged place, leads to the units of the successor."""
    from fangxian.ground.places.services import merge_place

    places = world["places"]
    merge_place(actor=None, place=places["township-11"], into=places["township-12"], on=date(2023, 7, 1))
    Facility.objects.filter(code="H11").update(closed=date(2023, 7, 1))
    batch = preview(world, csv_file("H11,2024-03-01,3,0", "T1111,2024-03-01,3,0", "T111,2024-03-01,1,0"))
    first = findings_of(batch)[0]
    assert first.code == "unit-place-merged"
    assert "某township-12" in first.message["zh"]
    assert "2023-07-01" in first.message["en"]
    assert "H12 某H12" in first.remedy["en"]
    assert counts(batch) == (3, 0, 3, 0)


def test_two_people_at_once_the_second_is_told(world):
    """When a report changed between preview and commit, nothing is written and the second person is told."""
    batch = preview(world, GOOD)
    submit_report(
        actor=world["county"],
        submission=ReportSubmission(
            unit=world["H11"], form="hospital-daily", day=DAY, values={"new_cases": 9}
        ),
    )
    with pytest.raises(
        Conflict, match=r"changed a report, .* that 日报\.csv depends on after its preview; nothing was"
    ):
        commit_import(actor=world["officer"], batch=batch)
    assert Report.objects.count() == 1
    again = preview(world, GOOD, reason="核对后更正")
    assert again.options["corrected"] == 1
    commit_import(actor=world["officer"], batch=again)
    current = Report.objects.get(unit=world["H11"], is_current=True)
    assert (current.revision, current.values["new_cases"], current.reason) == (2, 3, "核对后更正")
    assert Report.objects.get(unit=world["H11"], revision=1).values == {"new_cases": 9}


def test_a_batch_is_committed_once(world):
    """Neither a second click nor a commit after abandoning writes anything."""
    batch = preview(world, GOOD)
    commit_import(actor=world["officer"], batch=batch)
    with pytest.raises(Conflict, match="no longer open"):
        commit_import(actor=world["officer"], batch=batch)
    other = abandon_import(actor=world["officer"], batch=preview(world, GOOD))
    assert other.content is None
    with pytest.raises(Conflict, match="no longer open"):
        commit_import(actor=world["officer"], batch=other)


def test_a_correction_from_a_file_needs_a_reason(world):
    """A figure on record is not overwritten without a reason, from the column or for the whole file."""
    commit(world, GOOD)
    changed = GOOD.replace(b"H11,2024-03-01,3,0", b"H11,2024-03-01,4,0")
    assert errors(preview(world, changed)) == [(2, "correction-needs-reason")]
    with_column = csv_file("H11,2024-03-01,4,0,漏报一例", header="unit,day,new_cases,deaths,更正原因")
    assert counts(commit(world, with_column)) == (1, 1, 0, 0)
    assert Report.objects.get(unit=world["H11"], is_current=True).reason == "漏报一例"


def test_contradicting_rows_are_both_refused_with_both_numbers(world):
    """Nobody can say which of two rows is right; rows that say the same count once."""
    batch = preview(
        world,
        csv_file("H11,2024-03-01,3,0", "H12,2024-03-01,1,0", "H11,2024-03-01,4,0", "H12,2024-03-01,1,0"),
    )
    assert errors(batch) == [(2, "row-repeated"), (4, "row-repeated")]
    first, second = (one for one in findings_of(batch) if one.code == "row-repeated")
    assert "Row 4" in first.message["en"]
    assert "Row 2" in second.message["en"]
    assert counts(batch) == (4, 1, 2, 1)


def test_a_csv_that_ends_in_mid_row_loses_nothing(world):
    """The torn row is refused with a remedy; the rows before it can be taken."""
    batch = preview(world, GOOD + b"H22,2024-03-0")
    assert errors(batch) == [(5, "file-cut-short")]
    assert counts(batch) == (4, 3, 1, 0)
    assert "complete file" in only_error(batch).remedy["en"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_office_encodings_are_read(world, encoding):
    """A CSV as Excel or WPS saves it in China comes in unharmed."""
    content = "机构代码,机构名称,日期,新增病例,死亡\r\nH11,某H11,2024/3/1,3,0\r\n".encode(encoding)
    assert counts(commit(world, content)) == (1, 1, 0, 0)


def test_warnings_ask_for_confirmation(world):
    """A file without a last line end is committed only by somebody who says that she checked it."""
    batch = preview(world, GOOD.rstrip(b"\n"))
    assert batch.options["warnings"] == 1
    with pytest.raises(InvalidInput, match="warnings to confirm"):
        commit_import(actor=world["officer"], batch=batch)
    assert commit_import(actor=world["officer"], batch=batch, confirm_warnings=True).rows_accepted == 3


def test_a_blank_row_is_not_a_zero_report(world):
    """Units left blank in a template stay not reported, and the person is told."""
    batch = commit(world, csv_file("H11,2024-03-01,3,0", "H12,2024-03-01,,"))
    assert counts(batch) == (1, 1, 0, 0)
    (finding,) = findings_of(batch)
    assert finding.code == "rows-not-filled-in"
    assert not Report.objects.filter(unit__code="H12").exists()


def test_not_known_differs_from_blank_and_from_zero(world):
    """不详 is kept as a declaration; a blank cell leaves no trace; 0 is a number."""
    commit(world, csv_file("H11,2024-03-01,3,不详", "H12,2024-03-01,3,", "H21,2024-03-01,3,0"))
    kept = dict(Report.objects.values_list("unit__code", "values"))
    assert kept["H11"] == {"deaths": None, "new_cases": 3}
    assert kept["H12"] == {"new_cases": 3}
    assert kept["H21"] == {"deaths": 0, "new_cases": 3}


def test_the_long_form_is_one_value_a_row(world):
    """Rows of one report stand or fall together, and all rows are counted."""
    content = csv_file(
        "H11,hospital-daily,2024-03-01,new_cases,3",
        "H11,hospital-daily,2024-03-01,死亡,0",
        "V111,village-daily,2024-03-01,referred,0",
        "V111,village-daily,2024-03-01,home_care,2",
        "H12,hospital-daily,2024-03-01,new_cases,3",
        "H12,hospital-daily,2024-03-01,deaths,x",
        "H21,hospital-daily,2024-03-01,新增人数,3",
        header="unit,form,day,field,value",
    )
    batch = commit(world, content)
    assert counts(batch) == (7, 4, 3, 0)
    assert dict(errors(batch)) == {6: "report-incomplete", 7: "value-not-a-number", 8: "value-unknown-field"}
    assert dict(Report.objects.values_list("unit__code", "values")) == {
        "H11": {"deaths": 0, "new_cases": 3},
        "V111": {"home_care": 2, "referred": 0},
    }
    assert counts(preview(world, content)) == (7, 0, 3, 4)


def test_a_day_for_the_whole_file(world):
    """A file without a day column takes the day that the person gives; without one it is refused."""
    content = csv_file("H11,3", header="机构代码,新增病例")
    assert [code for _, code in errors(preview(world, content))] == ["column-missing"]
    assert counts(commit(world, content, day=DAY)) == (1, 1, 0, 0)


def test_refused_rows_come_back_in_the_same_sheet_and_can_be_mended(world):
    """The file given back has every cell as it was and one more column; mended, its rows are taken."""
    batch = commit(world, bad_workbook(), "officer", "坏.xlsx")
    back = refused_rows_file(world["officer"], batch.pk)
    assert back.name == "坏-errors.xlsx"
    original = openpyxl.load_workbook(io.BytesIO(bad_workbook()))["日报"]
    book = openpyxl.load_workbook(io.BytesIO(back.content))
    sheet = book["日报"]
    for row in original.iter_rows():
        for cell in row:
            assert sheet[cell.coordinate].value == cell.value
    assert sheet["G1"].value == "错误 Errors"
    assert sheet["G2"].value is None
    assert "负数" in sheet["G8"].value
    assert "negative" in sheet["G8"].value
    sheet["D8"] = 1
    out = io.BytesIO()
    book.save(out)
    again = preview(world, out.getvalue(), "officer", back.name)
    assert (8, "value-negative") not in errors(again)
    assert counts(again) == (18, 1, 15, 2)


def test_a_csv_comes_back_with_its_errors_too(world):
    """For CSV the column of errors is the last one, in Chinese and English."""
    batch = preview(world, csv_file("H11,2024-03-01,-3,0", '"H12",2024-03-01,"1,000",0'))
    text = refused_rows_file(world["officer"], batch.pk).content.decode("utf-8-sig").splitlines()
    assert text[0] == "unit,day,new_cases,deaths,错误 Errors"
    assert text[1].startswith("H11,2024-03-01,-3,0,")
    assert "不能为负数" in text[1]
    assert text[2] == 'H12,2024-03-01,"1,000",0,'


def test_a_template_filled_in_comes_back_cell_by_cell(world):
    """The template lists the units in scope; what is typed into it is what is kept."""
    content = report_template(world["county"], TemplateRequest(day=DAY))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["医院日报", "村卫生室日报", "填表说明 Read me"]
    sheet = book["医院日报"]
    keys = [cell.value for cell in sheet[IDENTIFIERS_ROW]]
    assert sheet.row_dimensions[IDENTIFIERS_ROW].hidden
    assert [sheet.cell(row, 1).value for row in (5, 6)] == ["H11", "H12"]
    assert sheet.protection.sheet
    assert not sheet["D5"].protection.locked
    assert sheet["D2"].protection.locked
    rule = next(one for one in sheet.data_validations.dataValidation if "D5" in one.sqref)
    assert (rule.type, rule.formula1) == ("whole", "0")
    sheet.cell(5, keys.index("new_cases") + 1).value = 7
    sheet.cell(5, keys.index("cover_days") + 1).value = 2.5
    out = io.BytesIO()
    book.save(out)
    batch = commit(world, out.getvalue(), "county", "模板.xlsx")
    assert counts(batch) == (1, 1, 0, 0)
    report = Report.objects.get()
    assert (report.unit.code, report.day, report.values) == ("H11", DAY, {"cover_days": 2.5, "new_cases": 7})


def test_an_import_is_seen_by_its_importer_and_by_whom_it_concerns_whole(world):
    """A preview is private; a committed file opens for an officer over all of its units and nobody else."""
    batch = preview(world, GOOD, "county")
    assert import_for(world["county"], batch.pk) == batch
    with pytest.raises(NotFound):
        import_for(world["officer"], batch.pk)
    commit_import(actor=world["county"], batch=batch)
    assert import_for(world["officer"], batch.pk) == batch
    with pytest.raises(NotFound):
        import_for(world["other"], batch.pk)
    assert list(my_imports(world["county"])) == [batch]
    assert list(my_imports(world["officer"])) == []


def test_a_leader_may_not_import(world):
    """The verb itself refuses, whoever calls it."""
    from fangxian.base.errors import NotPermitted

    world["leader"] = make_user("leader", world["places"]["city"])
    with pytest.raises(NotPermitted):
        preview(world, GOOD, "leader")


def test_two_sheets_of_one_form_do_not_contradict_in_silence(world):
    """The same unit and day on two sheets with other figures refuses both, naming the sheets."""
    book = openpyxl.load_workbook(io.BytesIO(excel_file([["H11", "", DAY, 3, 0, 5]])))
    second = book.create_sheet("补报")
    second.append(["机构代码", "日期", "新增病例"])
    second.append(["H11", DAY, 4])
    out = io.BytesIO()
    book.save(out)
    batch = preview(world, out.getvalue(), file_name="两表.xlsx", form="hospital-daily")
    assert {(one.sheet, one.row, one.code) for one in findings_of(batch)} == {
        ("日报", 2, "row-repeated"),
        ("补报", 2, "row-repeated"),
    }
    assert "日报!2" in findings_of(batch)[1].message["en"] or "日报!2" in findings_of(batch)[0].message["en"]
