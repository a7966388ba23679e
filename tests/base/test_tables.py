"""A folder of tables is read whole, and everything wrong with it is named at once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.base.tables import ROW, Column, Folder, Table, Wrong, cell_words
from fangxian.base.written_tables import write_rows

ITEMS = Table("items.csv", (Column("item"), Column("unit", choices=("box", "piece"))), key=("item",))
STOCK = Table(
    "stock.csv",
    (
        Column("item"),
        Column("amount", "number", least=0),
        Column("boxes", "whole", optional=True, least=0, most=9),
        Column("expires", "date", optional=True),
        Column("counted", "moment", optional=True),
        Column("reserve", "number", optional=True, default=0.0),
    ),
    key=("item", "expires"),
)
NOTES = Table("notes.csv", (Column("note"),), optional=True)


def folder(path: Path, **files: str) -> Folder:
    """Return a folder that holds these files."""
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return Folder(path)


def refusal(held: Folder) -> InvalidInput:
    """Return the refusal of a folder."""
    with pytest.raises(InvalidInput) as caught:
        held.refuse()
    return caught.value


def test_cells_have_their_types_and_empty_is_not_zero(tmp_path: Path) -> None:
    """A missing value stays missing unless the declaration says what it stands for."""
    held = folder(
        tmp_path,
        stock="\ufeffamount, item ,expires,counted,other\n"
        " 2.5 , mask,2022-12-07,2022-12-01 08:30,x\n"
        "1e3,gown,NA,,\n",
    )
    rows = held.read(STOCK)
    held.refuse()
    assert rows.rows(named=True) == [
        {
            ROW: 2,
            "item": "mask",
            "amount": 2.5,
            "boxes": None,
            "expires": date(2022, 12, 7),
            "counted": datetime(2022, 12, 1, 8, 30),  # noqa: DTZ001 -- tables hold local times
            "reserve": 0.0,
        },
        {
            ROW: 3,
            "item": "gown",
            "amount": 1000.0,
            "boxes": None,
            "expires": None,
            "counted": None,
            "reserve": 0.0,
        },
    ]


def test_every_fault_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    """Nobody mends a folder one message at a time."""
    held = folder(
        tmp_path,
        items="item,unit\nmask,box\nmask,bag\n",
        stock="item,amount,boxes,expires,counted\nmask,-1,1.5,07/12/2022,noon\n,inf,10,,\nglove,,3,,\n",
    )
    items, stock = held.read(ITEMS), held.read(STOCK)
    held.refer(STOCK, stock, "item", items["item"].to_list(), "items.csv")
    error = refusal(held)
    assert error.message["en"] == f"{tmp_path.name} holds 11 faults."
    assert [(fault.file, fault.row, fault.column, fault.value, fault.code) for fault in error.findings] == [
        ("items.csv", 3, "unit", "bag", "unknown-word"),
        ("items.csv", 3, "item", "mask", "row-twice"),
        ("stock.csv", 2, "amount", "-1", "out-of-range"),
        ("stock.csv", 2, "boxes", "1.5", "not-whole"),
        ("stock.csv", 2, "expires", "07/12/2022", "not-date"),
        ("stock.csv", 2, "counted", "noon", "not-moment"),
        ("stock.csv", 3, "item", "", "cell-empty"),
        ("stock.csv", 3, "amount", "inf", "not-number"),
        ("stock.csv", 3, "boxes", "10", "out-of-range"),
        ("stock.csv", 4, "amount", "", "cell-empty"),
        ("stock.csv", 4, "item", "glove", "unknown-code"),
    ]
    sentences = [fault.sentence() for fault in error.findings]
    assert "stock.csv, row 2, column amount: -1 is out of range. It must be at least 0." in sentences
    assert (
        "stock.csv, row 4, column item: There is no 'glove'. Correct it, or add it to items.csv." in sentences
    )
    assert "stock.csv, row 3, column boxes: 10 is out of range. It must lie between 0 and 9." in sentences


@pytest.mark.parametrize("empty", ["", " ", "NA", " NA", "nan ", "null"])
def test_spaces_around_a_word_for_nothing_do_not_make_it_a_value(tmp_path: Path, empty: str) -> None:
    """A spreadsheet pads its columns."""
    held = folder(tmp_path, stock=f"item,amount,boxes\nmask,1,{empty}\n{empty},1,1\n")
    assert held.read(STOCK)["boxes"].to_list() == [None, 1]
    (fault,) = refusal(held).findings
    assert (fault.row, fault.column, fault.code) == (3, "item", "cell-empty")


def test_key_with_an_empty_part_is_no_repetition(tmp_path: Path) -> None:
    """Two batches whose expiry nobody wrote down are not known to be the same batch."""
    held = folder(tmp_path, stock="item,amount,expires\nmask,1,\nmask,2,\n")
    held.read(STOCK)
    held.refuse()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "items.csv: There is no such file: "),
        ("", "items.csv: The file is empty"),
        (
            "item\nmask\n",
            "items.csv, row 1: It lacks the columns unit (it has item). "
            "Give a UTF-8 CSV with the columns item,unit.",
        ),
        ("item,unit\n", "items.csv: It holds no row."),
        ("item,unit, item\nmask,box,1\n", "items.csv, row 1: The columns item stand there more than once."),
        ("item,unit,item\nmask,box,1\n", "items.csv, row 1: The columns item stand there more than once."),
        ("item,unit\nmask,box,3\n", "items.csv: It cannot be read: "),
    ],
)
def test_file_that_is_no_table_says_what_it_should_be(tmp_path: Path, text: str | None, message: str) -> None:
    """A table that cannot be read does not make its neighbours look wrong."""
    held = folder(tmp_path, stock="item,amount\nmask,1\n", **({} if text is None else {"items": text}))
    items, stock = held.read(ITEMS), held.read(STOCK)
    held.refer(STOCK, stock, "item", items["item"].to_list(), "items.csv")
    (fault,) = refusal(held).findings
    assert fault.sentence().startswith(message)


def test_a_folder_that_is_not_there_is_one_fault(tmp_path: Path) -> None:
    """Not one for each of its tables."""
    with pytest.raises(InvalidInput, match=r"There is no such folder: .*elsewhere"):
        Folder(tmp_path / "elsewhere")


def test_columns_without_a_name_are_nobodys(tmp_path: Path) -> None:
    """A spreadsheet leaves empty columns at its right, and a mark before its first."""
    held = folder(tmp_path, items="\ufeffitem,unit,, \nmask,box,,\nglove,piece,x,\n")
    assert held.read(ITEMS).rows() == [(2, "mask", "box"), (3, "glove", "piece")]
    held.refuse()


def test_optional_file_may_be_missing_or_empty(tmp_path: Path) -> None:
    """No notes are no fault."""
    held = folder(tmp_path)
    assert held.read(NOTES).is_empty()
    folder(tmp_path, notes="note\n")
    assert held.read(NOTES).is_empty()
    held.refuse()


@pytest.mark.parametrize(
    ("cell", "words"),
    [(None, []), (" ; ;", []), ("lift", ["lift"]), ("lift; bed ；lift", ["lift", "bed", "lift"])],
)
def test_cell_of_several_words(cell: str | None, words: list[str]) -> None:
    """Semicolons of both widths divide, spaces around a word are none of it."""
    assert cell_words(cell) == words


def test_written_table_is_read_again(tmp_path: Path) -> None:
    """A comma or quotation mark in a cell stays in its cell."""
    write_rows(tmp_path / "items.csv", ["item", "unit"], [['甲, "large"', "box"], ["gown", "piece"]])
    held = Folder(tmp_path)
    assert held.read(ITEMS).rows() == [(2, '甲, "large"', "box"), (3, "gown", "piece")]
    held.refuse()


COUNTS = Table(
    "counts.csv",
    (
        Column("date", "date"),
        Column(
            "value",
            "number",
            may_be_empty=True,
            least=0,
            outside=Wrong("negative", ("{value} 为负。", "{value} is negative."), ("改。", "Move it.")),
        ),
    ),
    key=("date",),
    twice=Wrong("two-counts", ("{value} 有两个。", "Two counts for {value}."), ("删。", "Drop one.")),
)


def test_unknown_is_null_and_a_row_of_nothing_is_no_row(tmp_path: Path) -> None:
    """Spreadsheets leave empty rows, write a header in capitals and a date with its midnight."""
    held = folder(
        tmp_path, counts="Date,VALUE\n2024-01-01,\n,\n\n2024-01-03T00:00:00,2\n2024-01-04 00:00,NA\n"
    )
    rows = held.read(COUNTS)
    held.refuse()
    assert rows.rows() == [
        (2, date(2024, 1, 1), None),
        (5, date(2024, 1, 3), 2.0),
        (6, date(2024, 1, 4), None),
    ]


def test_a_table_says_its_own_words_of_a_bound_and_of_a_second_row(tmp_path: Path) -> None:
    """One file at fault is named itself, not its folder; a number may be unknown, its column not."""
    held = folder(tmp_path, counts="date,value\n2024-01-01,-3\n2024-01-02,x\n2024-01-02,1\n2024-01-03Tea,1\n")
    held.read(COUNTS)
    error = refusal(held)
    assert error.message["en"] == "counts.csv holds 4 faults."
    assert [fault.sentence() for fault in error.findings] == [
        "counts.csv, row 2, column value: -3 is negative. Move it.",
        "counts.csv, row 3, column value: 'x' is not a number. "
        "Correct it; leave a number that is not known empty.",
        "counts.csv, row 4, column date: Two counts for 2024-01-02. Drop one.",
        "counts.csv, row 5, column date: '2024-01-03Tea' is not a date. Write it as 2022-12-07.",
    ]
    held = folder(tmp_path, counts="date\n2024-01-01\n")
    held.read(COUNTS)
    assert refusal(held).findings[0].code == "column-missing"
