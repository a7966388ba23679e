"""Files as they come from the field are read whole, or refused with the row, the value and a remedy."""

from __future__ import annotations

import io

import openpyxl
import polars as pl
import pytest

from fangxian.base.errors import Finding, InvalidInput
from fangxian.ground.exchange.rules import ERROR_COLUMN, Kind, Limits, Table, read_tables, with_errors
from ground.exchange import bad_files

HEADER = "机构代码,日期,新增,死亡\n"


def read(content: bytes, file: str = "日报.csv", **given: object) -> Table:
    return read_tables(content, file, bad_files.recognise, filled=frozenset({"unit", "day"}), **given)[0]


def cells(table: Table) -> list[tuple[object, ...]]:
    """Return rows as (row, unit, day, new cases, deaths)."""
    columns = [table.column(key) for key in ("unit", "day", "new_cases", "deaths")]
    return table.frame.select("row", *(column.letter for column in columns if column)).rows()


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.row) for finding in findings]


def test_merged_headers_in_three_rows_are_read_as_one() -> None:
    """A title, a merged group and labels below give the lowest label its column; rows keep their numbers."""
    table = read(bad_files.merged_headers(), "日报.xlsx")
    assert table.header.last_row == 3
    assert [column.label for column in table.header.columns] == ["机构代码", "日期", "新增", "死亡"]
    assert cells(table) == [(4, "U1", "2023-01-05", "3", "0"), (5, "U2", "2023年1月5日", "４", None)]


def test_a_header_in_two_rows_without_merging_is_joined() -> None:
    """Labels that stand in different rows belong to one header, the group above the label."""
    table = read("机构代码,日期,病例,\n,,新增,死亡\nU1,2023-01-05,3,0\n".encode())
    assert [column.shown for column in table.header.columns][2:] == ["C 病例/新增", "D 死亡"]
    assert cells(table) == [(3, "U1", "2023-01-05", "3", "0")]


def test_a_merged_unit_stands_for_its_rows_and_a_merged_number_for_none() -> None:
    """What a merged cell means is certain for a unit over its days and never for a number."""
    table = read(bad_files.merged_unit_over_days(), "日报.xlsx")
    assert [row[:2] for row in cells(table)] == [(2, "U1"), (3, "U1"), (4, "U2"), (5, "U2")]
    assert codes(table.findings) == [("value-merged-cells", 4), ("value-merged-cells", 5)]
    assert "merged over 2 rows" in table.findings[0].message["en"]


def test_a_formula_without_its_result_is_not_blank() -> None:
    """Kept results are read; a formula never computed and an error are refused by row, column and value."""
    table = read(bad_files.formulas(), "日报.xlsx")
    assert cells(table)[0] == (2, "U1", "2023-01-05", "3", "0")
    assert codes(table.findings) == [("value-formula-not-computed", 3), ("value-error-cell", 4)]
    never_computed, failed = table.findings
    assert (never_computed.column, never_computed.value) == ("C 新增", "=SUM(C2:C2)")
    assert (failed.sheet, failed.value) == ("日报", "#N/A")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found(encoding: str, separator: str) -> None:
    """The same table is read whatever office program wrote it."""
    text = (HEADER + "邯郸一院,2023-01-05,3,0\r\n").replace(",", separator)
    assert cells(read(text.encode(encoding))) == [(2, "邯郸一院", "2023-01-05", "3", "0")]


def test_rows_keep_the_numbers_a_spreadsheet_shows() -> None:
    """Blank rows and line breaks in quotes do not shift the numbers of the rows below."""
    text = HEADER + '"邯郸\n一院",2023-01-05,3,0\n\n,,,\nU2,2023-01-05,4,0\n'
    assert [row[:2] for row in cells(read(text.encode()))] == [(2, "邯郸\n一院"), (5, "U2")]


def test_the_quick_way_and_the_careful_way_agree() -> None:
    """A clean file and the same file with one quoted cell give the same table."""
    clean = HEADER + "".join(f"U{one},2023-01-05, {one} ,\n" for one in range(50))
    careful = clean.replace("U7,", '"U7",')
    assert read(clean.encode()).frame.equals(read(careful.encode()).frame)


def test_blank_cells_do_not_shift_row_numbers_on_the_quick_way() -> None:
    """A row of separators and one of blanks are left out; the rows below keep their numbers."""
    table = read((HEADER + "U1,2023-01-05,3,0\n,,,\n , ,, \nU2,2023-01-05,4,\n").encode())
    assert cells(table) == [(2, "U1", "2023-01-05", "3", "0"), (5, "U2", "2023-01-05", "4", None)]


def test_a_file_that_ends_in_mid_row_says_so() -> None:
    """The torn row is refused, those before it are kept, and what may be missing is said."""
    table = read((HEADER + "U1,2023-01-05,3,0\nU2,2023-0").encode())
    assert cells(table)[0] == (2, "U1", "2023-01-05", "3", "0")
    (finding,) = table.findings
    assert (finding.code, finding.row, finding.severity) == ("file-cut-short", 3, "error")
    assert "ends in the middle of this row" in finding.message["en"]
    assert "complete file" in finding.remedy["en"]


def test_a_file_that_ends_in_mid_character_says_so() -> None:
    """UTF-8 torn inside a character is not mistaken for GB18030."""
    table = read((HEADER + "邯郸一院,2023-01-05,3,0\n邯").encode()[:-1])
    assert cells(table)[0][1] == "邯郸一院"
    assert codes(table.findings) == [("file-cut-short", 3)]


def test_a_last_number_without_line_end_asks_for_confirmation() -> None:
    """12 may be the beginning of 123: the row is read, and a warning asks to check it."""
    (finding,) = read((HEADER + "U1,2023-01-05,3,12").encode()).findings
    assert (finding.code, finding.row, finding.severity) == ("file-without-line-end", 2, "warning")


def test_short_and_long_rows_are_refused_and_the_others_kept() -> None:
    """A separator too few or too many must not shift numbers into a neighbour's column."""
    table = read((HEADER + "U1,2023-01-05,1,234,0\nU2,2023-01-05,3\nU3,2023-01-05,5,0\n").encode())
    assert codes(table.findings) == [("row-too-long", 2), ("row-too-short", 3)]
    assert cells(table)[2] == (4, "U3", "2023-01-05", "5", "0")


def test_nul_bytes_are_refused_by_row() -> None:
    """A row with NUL bytes cannot be trusted; its neighbours can."""
    table = read((HEADER + "U1,2023-01-05,3\0,0\nU2,2023-01-05,4,0\n").encode())
    assert codes(table.findings) == [("row-has-nul", 2)]
    assert cells(table)[1] == (3, "U2", "2023-01-05", "4", "0")


def test_the_same_item_in_two_columns_is_refused() -> None:
    """Nobody can say which of two columns with one meaning counts."""
    (finding,) = read("机构代码,日期,新增,new_cases\nU1,2023-01-05,3,4\n".encode()).findings
    assert finding.code == "column-repeated"
    assert finding.column == "D new_cases"


def test_a_long_table_is_not_taken_for_its_header() -> None:
    """Names of fields in the rows of a long table do not look like labels."""
    table = read(b"unit,day,field,value\nU1,2023-01-05,new_cases,3\nU1,2023-01-05,deaths,0\n")
    assert table.header.last_row == 1
    assert table.frame.height == 2


@pytest.mark.parametrize(
    ("content", "file", "code"),
    [
        (b"", "a.csv", "file-empty"),
        (b" \r\n \n", "a.csv", "file-empty"),
        (b"\xef\xbb\xbfunit,day\n\xff\xff\xff,1\n", "a.csv", "file-encoding-unknown"),
        ((HEADER + '"U1,2023-01-05,3,0\nU2,2023-01-05,3,0\n').encode(), "a.csv", "quote-never-closed"),
        ("甲,乙\n1,2\n".encode(), "a.csv", "header-not-found"),
        (b"%PDF-1.7 ...", "a.xlsx", "file-not-a-table"),
        (b"PK\x05\x06" + b"\0" * 18, "a.xlsx", "file-not-a-table"),
        (b"<html><table><tr><td>1</td></tr></table>", "a.xls", "file-is-a-web-page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "file-broken"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "file-encrypted",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content: bytes, file: str, code: str) -> None:
    """Each such file gets one clear reason and a remedy in both languages."""
    with pytest.raises(InvalidInput) as refused:
        read(content, file)
    (finding,) = refused.value.findings
    assert (finding.code, finding.file) == (code, file)
    assert finding.remedy["zh"]
    assert finding.remedy["en"]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (bad_files.zip_bomb, "file-too-big"),
        (bad_files.broken_archive, "file-broken"),
        (bad_files.one_stray_cell_in_the_last_corner, "sheet-too-big"),
    ],
)
def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_opened(
    make: object, code: str
) -> None:
    """Bombs, torn archives and sheets with a stray far cell are told apart by their reason."""
    with pytest.raises(InvalidInput) as refused:
        read(make(), "日报.xlsx")
    assert refused.value.findings[0].code == code


def test_limits_of_rows_and_columns() -> None:
    """A table beyond its limits names the limit."""
    content = (HEADER + "U1,2023-01-05,3,0\n" * 5).encode()
    with pytest.raises(InvalidInput, match="has 5 rows, the limit is 4"):
        read(content, limits=Limits(rows=4))
    with pytest.raises(InvalidInput, match="has 4 columns, the limit is 3"):
        read(content, limits=Limits(columns=3))


def test_a_wrong_extension_is_read_by_content_with_a_warning() -> None:
    """A CSV named .xlsx and an Excel named .csv are read, and the user is told."""
    for content, file in (
        ((HEADER + "U1,2023-01-05,3,0\n").encode(), "a.xlsx"),
        (bad_files.merged_headers(), "a.csv"),
    ):
        table = read(content, file)
        assert table.findings[0].code == "file-name-misleads"
        assert table.findings[0].severity == "warning"


def test_text_cells_are_strings_throughout() -> None:
    """Every column but the row number is text: meaning is given later, with the column's rule."""
    schema = read(bad_files.merged_headers(), "日报.xlsx").frame.schema
    assert schema["row"] == pl.Int64
    assert {kind for name, kind in schema.items() if name != "row"} == {pl.String()}


def test_an_old_workbook_comes_back_as_a_new_one_row_by_row():
    """The old format cannot be written back: its cells stand in the same places of an .xlsx."""
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.title = "日报"
    for row in (["单位", "人数"], [None, None], ["H11", 3], ["H12", -1]):
        book.active.append(row)
    book.save(out)
    told = with_errors(out.getvalue(), Kind.XLS, "旧.xls", {"日报": {4: "负数"}}, {"日报": 1})
    sheet = openpyxl.load_workbook(io.BytesIO(told))["日报"]
    assert [cell.value for cell in sheet[1]] == ["单位", "人数", ERROR_COLUMN]
    assert [cell.value for cell in sheet[4]] == ["H12", -1, "负数"]
