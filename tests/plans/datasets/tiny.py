"""Tiny datasets written on the spot: a descriptor with one table, and the text of its file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fangxian.plans.datasets import Dataset, parse_descriptor, read_dataset

TABLE = """
[[tables]]
id = "counts"
files = ["counts*"]
day = { column = "day" }

[[tables.places]]
level = 1
code = { column = "place" }
parent = { value = "XX" }

[[tables.fields]]
field = "new_cases"
columns = ["cases"]
kind = "cumulative"
"""


def descriptor_text(tables: str = TABLE, *, places: str = "", maps: str = "") -> str:
    """Return the text of a descriptor around the given tables."""
    return f"""
schema = 1

[dataset]
id = "tiny"
title = {{ zh = "小数据", en = "Tiny" }}
source = "written for a test"
licence = "Apache-2.0"
plan = "covid19-containment-2022"

[places]
country = "XX"
level_names = [{{ level = 0, zh = "全国", en = "Nation" }}, {{ level = 1, zh = "省", en = "Province" }}]
known = [{{ code = "XX", name = "Xland", level = 0 }}]
{places}
{maps}
{tables}
"""


def read_tiny(
    folder: Path,
    content: str | bytes,
    tables: str = TABLE,
    *,
    name: str = "counts.csv",
    until: date | None = None,
    places: str = "",
    maps: str = "",
) -> Dataset:
    """Write the file, and read it by the descriptor."""
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(raw)
    text = descriptor_text(tables, places=places, maps=maps)
    return read_dataset(parse_descriptor(text, file="tiny.toml"), folder, until=until)


def series(dataset: Dataset, place: str, field: str = "new_cases") -> dict[str, float | None]:
    """Return day and value of one place and field."""
    rows = dataset.values.filter(place_code=place, field=field).select("day", "value").rows()
    return {day.isoformat(): value for day, value in rows}


def codes(dataset: Dataset) -> list[str]:
    """Return the codes of the findings."""
    return [finding.code for finding in dataset.findings]
