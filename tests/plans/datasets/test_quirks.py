"""Each quirk of a foreign file that a descriptor can name is read rightly; what cannot be read is told."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidDataset
from fangxian.plans.datasets import parse_descriptor, read_dataset
from plans.datasets.tiny import TABLE, codes, descriptor_text, read_tiny, series

DAILY = TABLE.replace("cumulative", "daily")


def _with(line: str, table: str = DAILY) -> str:
    return table.replace('id = "counts"', f'id = "counts"\n{line}')


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("2021-03-04", "iso"),
        ("2021-03-04T18:00:00", "iso-time"),
        ("20210304", "yyyymmdd"),
        ("04/03/2021", "dd/mm/yyyy"),
        ("4/3/2021", "dd/mm/yyyy"),
        ("3/4/21", "mm/dd/yy"),
        ("04.03.2021", "dd.mm.yyyy"),
        ("2021年3月4日", "yyyy年mm月dd日"),
        ("44259", "excel-serial"),
        ("44259.75", "excel-serial"),
        ("04 Mar 2021", "%d %b %Y"),
    ],
)
def test_dates_are_read_in_the_format_that_is_named(tmp_path: Path, written: str, named: str) -> None:
    """4 March 2021, written in each way that a file may use."""
    table = DAILY.replace('{ column = "day" }', f'{{ column = "day", formats = ["{named}"] }}')
    dataset = read_tiny(tmp_path, f"day,place,cases\n{written},a,5\n", table)
    assert series(dataset, "a") == {"2021-03-04": 5.0}


def test_a_date_that_is_none_refuses_its_row_with_the_place_in_the_file(tmp_path: Path) -> None:
    """The row of sums below a table is named by file, row and value; the other rows are taken."""
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\nTotal,a,5\n", DAILY)
    (finding,) = dataset.findings
    assert (finding.code, finding.file, finding.row, finding.value) == (
        "date-unreadable",
        "counts.csv",
        3,
        "Total",
    )
    assert "'Total' is not a date in the format iso, iso-time" in finding.sentence()
    assert (dataset.rows.read, dataset.rows.used, dataset.rows.refused) == (2, 1, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """Chinese names in each encoding that systems export."""
    content = "day,place,cases\r\n2021-03-04,邯郸,5\r\n".encode(encoding)
    assert series(read_tiny(tmp_path, content, _with(f'encoding = "{encoding}"')), "邯郸") == {
        "2021-03-04": 5.0
    }


def test_a_wrong_encoding_is_told_with_the_byte(tmp_path: Path) -> None:
    """GBK read as UTF-8 is an error with a remedy, not garbled names."""
    with pytest.raises(InvalidDataset, match=r"counts.csv: byte 27 is not utf-8.*gb18030"):
        read_tiny(tmp_path, "day,place,cases\n2021-03-04,邯郸,5\n".encode("gbk"), DAILY)


@pytest.mark.parametrize(
    ("separator", "mark"), [("semicolon", ";"), ("tab", "\t"), ("pipe", "|"), ("whitespace", "   ")]
)
def test_separators(tmp_path: Path, separator: str, mark: str) -> None:
    """The same table with other marks between its cells."""
    text = "day,place,cases\n2021-03-04,a,5\n".replace(",", mark)
    assert series(read_tiny(tmp_path, text, _with(f'separator = "{separator}"')), "a") == {"2021-03-04": 5.0}


def test_compressed_files_and_several_files_are_one_table(tmp_path: Path) -> None:
    """A gz file and a plain one that fit the pattern are read together, each row with its file."""
    (tmp_path / "counts-2.csv.gz").write_bytes(gzip.compress(b"day,place,cases\n2021-03-05,a,6\n"))
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n", DAILY, name="counts-1.csv")
    assert series(dataset, "a") == {"2021-03-04": 5.0, "2021-03-05": 6.0}
    assert dataset.values["source_file"].to_list() == ["counts-1.csv", "counts-2.csv.gz"]


def test_lines_above_and_below_the_headers_are_skipped_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    """A title, the headers in row 3, a row of units, a comment: the first data row is row 6."""
    text = "Bulletin\n\nday,place,cases\n-,-,person\n# note,,\n2021-03-04,a,5\n"
    lines = 'header_row = 3\nskip_after_header = 1\ncomment = "#"'
    dataset = read_tiny(tmp_path, text, _with(lines))
    assert dataset.values["source_row"].to_list() == [6]
    assert dataset.findings == ()


def test_a_file_without_headers_takes_them_from_the_descriptor(tmp_path: Path) -> None:
    """header_row = 0 with columns by position."""
    lines = 'header_row = 0\ncolumns = ["day", "place", "cases"]'
    assert series(read_tiny(tmp_path, "2021-03-04,a,5\n", _with(lines)), "a") == {"2021-03-04": 5.0}


def test_a_file_that_ends_in_mid_row_loses_only_that_row_and_says_so(tmp_path: Path) -> None:
    """A cut last line is no number that happens to be shorter."""
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n2021-03-05,a", DAILY)
    assert series(dataset, "a") == {"2021-03-04": 5.0}
    assert [(finding.code, finding.row) for finding in dataset.findings] == [("row-not-whole", 3)]
    quoted = read_tiny(tmp_path, 'day,place,cases\n2021-03-04,"a, b",5\n2021-03-05,"a, b",6,7\n', DAILY)
    assert series(quoted, "a, b") == {"2021-03-04": 5.0}
    assert codes(quoted) == ["row-not-whole"]


def test_marks_in_numbers(tmp_path: Path) -> None:
    """1.234,5 in the continental way; full-width digits; a factor of ten thousand."""
    lines = 'decimal = ","\nthousands = "."\nseparator = "semicolon"'
    dataset = read_tiny(tmp_path, "day;place;cases\n2021-03-04;a;1.234,5\n", _with(lines))
    assert series(dataset, "a") == {"2021-03-04": 1234.5}
    table = DAILY + "multiply = 10000\n"
    assert series(read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,３．５\n", table), "a") == {
        "2021-03-04": 35000.0
    }


def test_missing_is_not_zero_and_text_is_neither(tmp_path: Path) -> None:
    """An empty cell, a marker, a 0 and a word are four things; only the word is an error."""
    cells = ["", "-", "0", "many", "inf"]
    text = "day,place,cases\n" + "".join(f"2021-03-0{day},a,{cell}\n" for day, cell in enumerate(cells, 1))
    dataset = read_tiny(tmp_path, text, DAILY)
    assert list(series(dataset, "a").values()) == [None, None, 0.0, None, None]
    assert [(finding.code, finding.row, finding.value) for finding in dataset.findings] == [
        ("value-unreadable", 5, "many"),
        ("value-unreadable", 6, "inf"),
    ]


def test_several_columns_are_added_and_taken_off_only_where_all_are_known(tmp_path: Path) -> None:
    """ward + icu - transfers; where one is missing the sum is unknown, not smaller."""
    table = DAILY.replace('columns = ["cases"]', 'columns = ["ward", "icu"]\nminus = ["out"]')
    dataset = read_tiny(tmp_path, "day,place,ward,icu,out\n2021-03-04,a,5,2,1\n2021-03-05,a,5,,1\n", table)
    assert series(dataset, "a") == {"2021-03-04": 6.0, "2021-03-05": None}


def test_a_long_table_names_its_fields_in_a_column(tmp_path: Path) -> None:
    """Rows of cases by outcome, some of several kinds that add up, one kind left out."""
    table = DAILY.replace(
        'id = "counts"', 'id = "counts"\nrepeated = "sum"\nleave_out = { source = ["retracted"] }'
    )
    table += 'where = { what = ["case"] }\n'
    table += '[[tables.fields]]\nfield = "deaths"\ncolumns = ["cases"]\nkind = "daily"\n'
    table += 'where = { what = ["death"] }\n'
    text = (
        "day,place,what,source,cases\n2021-03-04,a,case,clinic,5\n2021-03-04,a,case,airport,2\n"
        "2021-03-04,a,case,retracted,9\n2021-03-04,a,death,clinic,1\n"
    )
    dataset = read_tiny(tmp_path, text, table)
    assert series(dataset, "a") == {"2021-03-04": 7.0}
    assert series(dataset, "a", "deaths") == {"2021-03-04": 1.0}
    assert (dataset.rows.read, dataset.rows.used, dataset.rows.left_out) == (4, 3, 1)


def test_one_column_a_place(tmp_path: Path) -> None:
    """Headers are places: a pattern takes the name out of each."""
    table = DAILY.replace(
        'day = { column = "day" }',
        'columns_to_rows = { pattern = "^cases in (.+)$", header = "place", value = "cases" }\n'
        'day = { column = "day" }',
    )
    dataset = read_tiny(tmp_path, "day,cases in a,cases in b,remarks\n2021-03-04,5,,-\n", table)
    assert series(dataset, "a") == {"2021-03-04": 5.0}
    assert series(dataset, "b") == {"2021-03-04": None}


def test_one_column_a_day(tmp_path: Path) -> None:
    """Headers are days, as in the tables of Johns Hopkins: rows are places."""
    table = DAILY.replace(
        'day = { column = "day" }',
        'day = { column = "_header", formats = ["mm/dd/yy"] }\ncolumns_to_rows = { pattern = "^([0-9/]+)$" }',
    ).replace('columns = ["cases"]', 'columns = ["_value"]')
    dataset = read_tiny(tmp_path, "place,lat,1/22/20,1/23/20\na,1.5,0,3\n", table)
    assert series(dataset, "a") == {"2020-01-22": 0.0, "2020-01-23": 3.0}


def test_the_day_may_stand_in_the_name_of_the_file(tmp_path: Path) -> None:
    """One file a day, with no date inside."""
    table = DAILY.replace(
        '{ column = "day" }',
        '{ column = "_file", transform = ["extract:([0-9]{8})"], formats = ["yyyymmdd"] }',
    )
    (tmp_path / "counts_20210305.csv").write_text("place,cases\na,6\n")
    dataset = read_tiny(tmp_path, "place,cases\na,5\n", table, name="counts_20210304.csv")
    assert series(dataset, "a") == {"2021-03-04": 5.0, "2021-03-05": 6.0}


@pytest.mark.parametrize(
    ("rule", "value", "code"),
    [("last", 6.0, "row-replaced"), ("first", 5.0, "row-replaced"), ("refuse", None, "row-contradicts")],
)
def test_rows_that_contradict_each_other(tmp_path: Path, rule: str, value: float | None, code: str) -> None:
    """Two rows for one place and day: one wins as the descriptor says, and it is told."""
    text = "day,place,cases\n2021-03-04,a,5\n2021-03-04,a,6\n"
    dataset = read_tiny(tmp_path, text, _with(f'repeated = "{rule}"'))
    assert series(dataset, "a") == {"2021-03-04": value}
    assert codes(dataset) == [code]


def test_the_same_row_twice_counts_once(tmp_path: Path) -> None:
    """A repeated row is told apart from a contradiction."""
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n2021-03-04,a,5\n", DAILY)
    assert series(dataset, "a") == {"2021-03-04": 5.0}
    assert codes(dataset) == ["row-repeated"]


def test_levels_are_told_by_which_columns_are_empty(tmp_path: Path) -> None:
    """Nation, province and city in one file nest into a tree by six-digit codes cut to their level."""
    table = """
[[tables]]
id = "counts"
files = ["counts.csv"]
day = { column = "day" }
[[tables.places]]
level = 0
empty = ["p"]
code = { value = "XX" }
[[tables.places]]
level = 1
empty = ["c"]
code = { column = "p", transform = ["drop-trailing-00"] }
parent = { value = "XX" }
[[tables.places]]
level = 2
code = { column = "c", transform = ["drop-trailing-00"] }
parent = { column = "p", transform = ["drop-trailing-00"] }
[[tables.fields]]
field = "new_cases"
columns = ["n"]
kind = "daily"
"""
    dataset = read_tiny(
        tmp_path, "day,p,c,n\n2021-03-04,,,9\n2021-03-04,130000,,8\n2021-03-04,130000,130400,7\n", table
    )
    assert dataset.places.select("code", "parent_code", "level").rows() == [
        ("XX", None, 0),
        ("13", "XX", 1),
        ("1304", "13", 2),
    ]
    assert [series(dataset, code)["2021-03-04"] for code in ("XX", "13", "1304")] == [9, 8, 7]


def test_names_become_codes_by_a_map_or_a_companion_file(tmp_path: Path) -> None:
    """A name that the map lacks is told with its rows; the map in the descriptor wins over the companion."""
    table = DAILY.replace('code = { column = "place" }', 'code = { column = "place", map = "names" }')
    (tmp_path / "codes.csv").write_text("label,id\nEast,1\nWest,2\n")
    maps = '[maps.names]\nfile = "codes.csv"\nkey = "label"\ncode = "id"\nentries = { West = "20" }'
    text = "day,place,cases\n2021-03-04,East,5\n2021-03-04,West,6\n2021-03-04,North,7\n"
    dataset = read_tiny(tmp_path, text, table, maps=maps)
    assert set(dataset.values["place_code"]) == {"1", "20"}
    (finding,) = dataset.findings
    assert (finding.code, finding.severity, finding.row) == ("place-unknown", "error", 4)
    assert "North" in finding.sentence()


def test_population_is_added_up_and_left_unknown_where_the_descriptor_says(tmp_path: Path) -> None:
    """Two age bands add up; a place that is left out has no population, not a smaller one."""
    (tmp_path / "people.csv").write_text("id,n\na,10\na,20\nb,5\n")
    places = '[places.population]\nfile = "people.csv"\nkey = { column = "id" }\npeople = "n"\n'
    places += 'leave_out = { b = "no ages below 5" }'
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n2021-03-04,b,5\n", DAILY, places=places)
    assert dataset.places.select("code", "population").rows() == [("XX", None), ("a", 30), ("b", None)]


def test_days_outside_the_life_of_a_column_are_absent(tmp_path: Path) -> None:
    """A column that holds zeros after it was given up does not say that nobody was ill."""
    table = DAILY + "from_day = 2021-03-02\nto_day = 2021-03-03\n"
    rows = "".join(f"2021-03-0{day},a,{day}\n" for day in range(1, 6))
    dataset = read_tiny(tmp_path, "day,place,cases\n" + rows, table)
    assert list(series(dataset, "a")) == ["2021-03-02", "2021-03-03"]


def test_a_parent_that_is_nowhere_is_told(tmp_path: Path) -> None:
    """Rows must nest: a place above that neither rows nor descriptor know is a finding."""
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n", DAILY.replace('"XX"', '"YY"'))
    assert codes(dataset) == ["parent-unknown"]


def test_missing_files_and_columns_name_what_is_there(tmp_path: Path) -> None:
    """The error says which headers and which files exist, so that the descriptor can be mended."""
    with pytest.raises(
        InvalidDataset, match=r"counts.csv has no column cases; its headers are: day, place, n"
    ):
        read_tiny(tmp_path, "day,place,n\n2021-03-04,a,5\n", DAILY)
    descriptor = parse_descriptor(descriptor_text(DAILY.replace("counts*", "other*.csv")), file="tiny.toml")
    with pytest.raises(InvalidDataset, match=r"no file other\*.csv in .*it holds: counts.csv"):
        read_dataset(descriptor, tmp_path)


def test_an_empty_table_is_read_as_no_values(tmp_path: Path) -> None:
    """Headers only, or nothing before the as-of day: no values, and the known places stand."""
    assert read_tiny(tmp_path, "day,place,cases\n", DAILY).values.is_empty()
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n", DAILY, until=date(2021, 3, 3))
    assert dataset.values.is_empty()
    assert dataset.places["code"].to_list() == ["XX"]
    assert dataset.rows.later == 1


def test_a_place_is_found_by_code_or_name(tmp_path: Path) -> None:
    """Code first, then the name in either language; an unknown one lists some that exist."""
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n", DAILY)
    assert dataset.find_place("xland") == "XX"
    assert dataset.find_place("A") == "a"
    with pytest.raises(InvalidDataset, match=r"no place Zed\. It has 2 places, such as: XX Xland, a a"):
        dataset.find_place("Zed")


def test_a_row_without_a_number_takes_the_place_of_none(tmp_path: Path) -> None:
    """An unreadable or empty cell below a number neither wins nor counts as a contradiction."""
    text = "day,place,cases\n2021-03-04,a,5\n2021-03-04,a,abc\n2021-03-05,a,\n2021-03-05,a,6\n2021-03-05,a,\n"
    for rule in ("last", "first", "refuse"):
        dataset = read_tiny(tmp_path, text, _with(f'repeated = "{rule}"'))
        assert series(dataset, "a") == {"2021-03-04": 5.0, "2021-03-05": 6.0}
        assert codes(dataset) == ["value-unreadable"]


def test_rows_lost_by_the_dozen_are_an_error_until_the_descriptor_says_what_they_are(tmp_path: Path) -> None:
    """A line list read as if each row were a day: the default rule must not swallow it; a stated rule may."""
    text = "day,place,cases\n" + "".join(f"2021-03-{1 + n % 9:02d},a,{n}\n" for n in range(30))
    (told,) = read_tiny(tmp_path, text, DAILY).findings
    assert (told.code, told.severity, told.row) == ("row-replaced", "error", 2)
    assert "line list is to be counted by day first" in told.sentence()
    (told,) = read_tiny(tmp_path, text, _with('repeated = "last"')).findings
    assert (told.code, told.severity) == ("row-replaced", "warning")
    assert read_tiny(tmp_path, text, _with('repeated = "sum"')).findings == ()


def test_weekly_sums_dated_by_a_day_are_told(tmp_path: Path) -> None:
    """Days of all places together lie whole weeks apart; with a day between they do not."""
    weeks = [f"2021-03-{day:02d},a,{day}\n2021-03-{day:02d},b,1\n" for day in (1, 8, 15, 22, 29)]
    text = "day,place,cases\n" + "".join(weeks)
    (told,) = read_tiny(tmp_path, text, DAILY).findings
    assert (told.code, told.severity) == ("days-apart", "error")
    assert "5 days with numbers lie whole weeks apart" in told.sentence()
    assert read_tiny(tmp_path, text + "2021-03-30,b,0\n", DAILY).findings == ()
    assert read_tiny(tmp_path, text, TABLE.replace("cumulative", "stock")).findings == ()
    assert "days-apart" not in codes(read_tiny(tmp_path, text, TABLE))


@pytest.mark.parametrize(
    "written", ["2021-W09", "2021W9", "2021年第9周", "2021 week 9", "2021-03", "2021年3月"]
)
def test_a_week_or_month_for_a_day_is_called_so(tmp_path: Path, written: str) -> None:
    """The remedy is not another date format."""
    (told,) = read_tiny(tmp_path, f"day,place,cases\n{written},a,5\n", DAILY).findings
    assert "It is a week or a month" in told.sentence()
    assert (told.row, told.column, told.value) == (2, "day", written)


@pytest.mark.parametrize("written", ["44259", "20210304", "04/03/2021", "4 March", ""])
def test_a_date_in_another_format_is_called_no_week(tmp_path: Path, written: str) -> None:
    """The remedy is the format."""
    (told,) = read_tiny(tmp_path, f"day,place,cases\n{written},a,5\n", DAILY).findings
    assert "Add its format" in told.sentence()


def test_a_place_that_speaks_only_later_is_said_to(tmp_path: Path) -> None:
    """An as-of day before the first row: the error tells that rows were not looked at."""
    dataset = read_tiny(tmp_path, "day,place,cases\n2021-03-04,a,5\n", DAILY, until=date(2020, 3, 4))
    with pytest.raises(InvalidDataset) as told:
        dataset.find_place("a")
    assert "1 rows are later than the as-of day" in told.value.remedy["en"]
