"""The command line imports, exports and verifies by the same verbs; its exit status says what happened."""

from __future__ import annotations

import json

import openpyxl
import pytest
from typer.testing import CliRunner

from fangxian.console.cli.reports import app
from fangxian.reporting.models import Report, Total
from reporting.import_files import bad_workbook, csv_file
from worlds import make_places, make_plan, make_units, make_user

SPAN = ["--from", "2024-03-01", "--to", "2024-03-01"]


@pytest.fixture
def officer(db):
    places = make_places()
    make_plan(places["nation"])
    make_units(places)
    return make_user("city_duty_officer", places["city"], "officer")


def command(*arguments: object, status: int = 0) -> str:
    answer = CliRunner().invoke(app, [str(one) for one in arguments])
    assert answer.exit_code == status, (answer.output, answer.exception)
    return answer.output


def test_import_with_refused_rows_and_their_file(officer, tmp_path):
    """A preview writes nothing; the import takes the good rows, hands the others back and exits with 1."""
    file = tmp_path / "坏.xlsx"
    file.write_bytes(bad_workbook())
    said = command("import", file, "--user", "officer", "--preview", status=1)
    assert "read 18 · 采用 accepted 2 · 退回 refused 16 · 未变 unchanged 0" in said
    assert not Report.objects.exists()
    command("import", file, "--user", "officer", "--errors", tmp_path / "back", status=1)
    assert Report.objects.count() == 2
    book = openpyxl.load_workbook(tmp_path / "back" / "坏-errors.xlsx")
    assert book["日报"]["G1"].value == "错误 Errors"


def test_what_is_exported_can_be_imported_again(officer, tmp_path):
    """CSV, Excel and DHIS2 exports of the same reports come back unchanged."""
    file = tmp_path / "in.csv"
    file.write_bytes(csv_file("H11,2024-03-01,3,0", "H12,2024-03-01,0,"))
    command("import", file, "--user", "officer")
    for name in ("out.csv", "out.xlsx"):
        out = tmp_path / name
        command("export", "hospital-daily", "--user", "officer", "--place", "T11", *SPAN, "--out", out)
        said = command("import", out, "--user", "officer", "--form", "hospital-daily")
        assert "read 2 · 采用 accepted 0 · 退回 refused 0 · 未变 unchanged 2" in said
    out = tmp_path / "out.json"
    command("dhis2", "export", "hospital-daily", "--user", "officer", "--place", "T11", *SPAN, "--out", out)
    assert len(json.loads(out.read_text())["dataValues"]) == 3
    said = json.loads(command("dhis2", "import", out, "--user", "officer"))
    assert said["response"]["importCount"] == {"imported": 0, "updated": 0, "ignored": 3, "deleted": 0}


def test_the_template_is_written_to_a_file(officer, tmp_path):
    """The template of one form has the units of the person."""
    out = tmp_path / "to-fill-in.xlsx"
    command("template", "--user", "officer", "--form", "village-daily", "--day", "2024-03-01", "--out", out)
    assert openpyxl.load_workbook(out)["村卫生室日报"]["A5"].value == "V111"


def test_verify_totals_finds_a_total_that_was_tampered_with(officer, tmp_path):
    """The proof of the totals exits with 0 while they hold and with 1 when one does not."""
    file = tmp_path / "in.csv"
    file.write_bytes(csv_file("H11,2024-03-01,3,0"))
    command("import", file, "--user", "officer")
    command("verify-totals")
    Total.objects.filter(place__code="T11").update(sums={"new_cases": 4, "deaths": 0})
    assert "differences: 1" in command("verify-totals", status=1)
