"""Reading the margins of a city with the tables beside them: every mistake at once, with line or row."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path

from pydantic import ValidationError

from fangxian.base.errors import Finding, InvalidInput, NotFound
from fangxian.plans.cities.checks import check_margins_file, check_places
from fangxian.plans.cities.schema import OLDEST, CityMargins, Place
from fangxian.plans.locate import line_numbers
from fangxian.plans.mistakes import schema_findings
from fangxian.plans.syntax import parse_toml
from fangxian.plans.vocabulary import did_you_mean

SETTINGS = ("household", "school", "work", "community")
MARGINS = "margins.toml"


@dataclass(frozen=True)
class CityFile:
    """What a folder or file says of a city.

    Parameters
    ----------
    margins : CityMargins
    places : tuple of Place
        From the table or from the margins themselves; parents before children.
    contacts : dict of str to tuple of rows
        Setting -> square matrix: contacts of one person of a row's age with people of a column's age, in the
        unit of the table; empty without a table.
    contact_ages : tuple of int
        First age of each group of the matrices.
    """

    margins: CityMargins
    places: tuple[Place, ...]
    contacts: dict[str, tuple[tuple[float, ...], ...]]
    contact_ages: tuple[int, ...]


def packaged_cities() -> tuple[str, ...]:
    """Return the codes of the cities that come with the software."""
    return tuple(sorted(entry.name for entry in _shelf().iterdir() if (entry / MARGINS).is_file()))


@cache
def packaged_city(code: str) -> CityFile:
    """Return a city that comes with the software; NotFound says which there are."""
    known = packaged_cities()
    if code not in known:
        raise NotFound(
            {"zh": f"没有内置城市“{code}”。", "en": f"There is no packaged city {code!r}."},
            did_you_mean(code, known),
        )
    folder = _shelf() / code
    return _read((folder / MARGINS).read_bytes(), MARGINS, folder)


def load_city(path: Path) -> CityFile:
    """Read the margins of a city from a TOML file; its tables are looked for beside it.

    Parameters
    ----------
    path : Path
        The TOML file.

    Returns
    -------
    CityFile

    Raises
    ------
    InvalidInput
        ``findings`` lists every mistake with file and line or row.
    NotFound
        There is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotFound(
            {"zh": f"读不到文件 {path}:{error.strerror}。", "en": f"Cannot read {path}: {error.strerror}."},
            {"zh": "请核对路径。", "en": "Check the path."},
        ) from error
    return _read(content, path.name, path.parent)


def city_sources(path_or_code: str) -> dict[str, bytes]:
    """Return the margins of a city and the tables beside them as they are, by name; margins first.

    Parameters
    ----------
    path_or_code : str
        A TOML file that `load_city` reads, or the code of a packaged city.

    Returns
    -------
    dict of str to bytes
        To be kept in one folder, from which `load_city` reads the same city.
    """
    path = Path(path_or_code)
    packaged = not path.suffix
    city = packaged_city(path_or_code) if packaged else load_city(path)
    folder: Traversable = _shelf() / path_or_code if packaged else path.parent
    name = MARGINS if packaged else path.name
    contacts, places = city.margins.contacts, city.margins.places
    beside = [table for table in (places.file, contacts and contacts.file) if table]
    return {each: (folder / each).read_bytes() for each in (name, *beside)}


def _shelf() -> Traversable:
    return resources.files("fangxian.plans.cities") / "packaged"


def _read(content: bytes, name: str, folder: Traversable) -> CityFile:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal(name, [_not_utf8(name, error)]) from error
    reading = parse_toml(text, file=name)
    if reading.data is None:
        raise refusal(name, reading.findings)
    lines = line_numbers(reading.text)
    try:
        margins = CityMargins.model_validate(reading.data)
    except ValidationError as error:
        wrong = schema_findings(CityMargins, error, lines=lines, file=name)
        raise refusal(name, [*reading.findings, *wrong]) from error
    findings = [*reading.findings, *check_margins_file(margins, lines=lines, file=name)]
    places = margins.places.places
    if margins.places.file is not None:
        places, found = _places(folder / margins.places.file, margins.places.file)
        findings += found
    findings += check_places(margins, places, file=margins.places.file or name)
    ages: tuple[int, ...] = ()
    contacts: dict[str, tuple[tuple[float, ...], ...]] = {}
    if margins.contacts is not None:
        ages, contacts, found = _contacts(folder / margins.contacts.file, margins.contacts.file)
        findings += found
    if findings:
        raise refusal(name, findings)
    return CityFile(margins, places, contacts, ages)


def refusal(name: str, findings: list[Finding]) -> InvalidInput:
    """Return the error that lists every mistake of the margins of a city."""
    count = len(findings)
    return InvalidInput(
        {
            "zh": f"城市边际文件 {name} 有 {count} 处错误。",
            "en": f"The city margins {name} have {count} mistake{'' if count == 1 else 's'}.",
        },
        {
            "zh": "请逐条改正；各项含义见 docs/reference/city-margins.md。",
            "en": "Mend each; docs/reference/city-margins.md explains every key.",
        },
        {"file": name, "mistakes": count},
        tuple(findings),
    )


def _not_utf8(name: str, error: UnicodeDecodeError) -> Finding:
    return Finding(
        "not-utf-8",
        {
            "zh": f"文件不是 UTF-8 编码（第 {error.start + 1} 个字节）。",
            "en": f"The file is not UTF-8 (byte {error.start + 1}).",
        },
        {"zh": "请另存为 UTF-8 编码。", "en": "Save it as UTF-8."},
        file=name,
    )


def _rows(file: Traversable, name: str) -> tuple[list[dict[str, str]], list[Finding]]:
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        return [], [
            Finding(
                "table-unreadable",
                {"zh": f"读不懂表 {name}:{error}。", "en": f"Cannot read the table {name}: {error}."},
                {
                    "zh": "请把 UTF-8 的 .csv 或 .csv.gz 放在边际文件旁边。",
                    "en": "Put it beside the margins as .csv or .csv.gz in UTF-8.",
                },
                file=name,
            )
        ]
    return list(csv.DictReader(io.StringIO(text))), []


def _places(file: Traversable, name: str) -> tuple[tuple[Place, ...], list[Finding]]:
    rows, findings = _rows(file, name)
    places = []
    for number, row in enumerate(rows, start=2):
        given = {key: value for key, value in row.items() if key and value}
        try:
            places.append(Place.model_validate(given, strict=False))
        except ValidationError as error:
            findings.append(
                _row_fault(name, number, str(error.errors()[0]["loc"][0]), error.errors()[0]["msg"])
            )
    return tuple(places), findings


def _contacts(
    file: Traversable, name: str
) -> tuple[tuple[int, ...], dict[str, tuple[tuple[float, ...], ...]], list[Finding]]:
    rows, findings = _rows(file, name)
    matrices: dict[str, list[tuple[float, ...]]] = {}
    ages: dict[str, list[int]] = {}
    for number, row in enumerate(rows, start=2):
        try:
            setting = row["setting"]
            age = int(row["age_from"])
            values = tuple(float(value) for key, value in row.items() if key.startswith("with_"))
            if setting not in SETTINGS or any(not 0 <= value < 1e6 for value in values):
                raise ValueError(f"setting {setting!r}, values {min(values)} to {max(values)}")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            findings.append(_row_fault(name, number, "setting, age_from, with_…", str(error)))
            continue
        matrices.setdefault(setting, []).append(values)
        ages.setdefault(setting, []).append(age)
    if not findings:
        findings = _wrong_ages(name, rows, ages)
    shapes = {(len(rows_), len(rows_[0])) for rows_ in matrices.values()}
    squares = len(shapes) == 1 and all(high == wide for high, wide in shapes)
    if not findings and not (
        set(matrices) == set(SETTINGS) and squares and len(set(map(tuple, ages.values()))) == 1
    ):
        findings.append(
            _row_fault(name, 1, "setting", f"settings {sorted(matrices)}, shapes {sorted(shapes)}")
        )
    if findings:
        return (), {}, findings
    return tuple(ages[SETTINGS[0]]), {setting: tuple(matrices[setting]) for setting in SETTINGS}, []


def _wrong_ages(name: str, rows: list[dict[str, str]], ages: dict[str, list[int]]) -> list[Finding]:
    """Return the first fault of the ages of a table of contacts: no start at 0, or rows unlike columns."""
    columns = [key.removeprefix("with_") for key in rows[0] if key.startswith("with_")] if rows else []
    for setting, found in ages.items():
        told = ", ".join(map(str, found))
        if found[0] != 0 or found[-1] > OLDEST or any(after <= before for before, after in pairwise(found)):
            return [
                Finding(
                    "ages-outside-the-matrix",
                    {
                        "zh": f"{setting} 的年龄组从 {told} 岁开始；须从 0 岁递增，不超过 {OLDEST} 岁。",
                        "en": f"The age groups of {setting} begin at {told}; "
                        f"they must rise from 0 to at most {OLDEST}.",
                    },
                    {
                        "zh": "请补上没有接触数的年龄；最后一组包含其后所有年龄。",
                        "en": "Give the ages outside the matrix their contacts; "
                        "the last group holds all that are older.",
                    },
                    file=name,
                    column="age_from",
                )
            ]
        if columns != [str(age) for age in found]:
            return [
                Finding(
                    "ages-outside-the-matrix",
                    {
                        "zh": f"{setting} 的行从 {told} 岁开始，列从 {', '.join(columns)} 岁开始。",
                        "en": f"The rows of {setting} begin at ages {told}, "
                        f"the columns at {', '.join(columns)}.",
                    },
                    {
                        "zh": "每个年龄组须有一行和一列 with_年龄，次序相同。",
                        "en": "Give each age group a row and a column with_AGE, in the same order.",
                    },
                    file=name,
                    column="with_…",
                )
            ]
    return []


def _row_fault(name: str, row: int, column: str, said: str) -> Finding:
    return Finding(
        "row-refused",
        {"zh": f"这一行不能用：{said}。", "en": f"This row cannot be used: {said}."},
        {
            "zh": "请核对列名与数值；格式见 docs/reference/city-margins.md。",
            "en": "Check columns and values; docs/reference/city-margins.md shows the format.",
        },
        file=name,
        row=row,
        column=column,
    )
