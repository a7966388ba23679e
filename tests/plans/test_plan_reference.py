"""The reference page of the plan file names every key of the schema, and which are required."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fangxian.plans import schema
from fangxian.plans.schema import Record, Sourced

PAGES = ("plan-file.md", "disease-file.md")
PAGE = "\n".join(
    (Path(__file__).resolve().parents[2] / "docs/reference" / name).read_text("utf-8") for name in PAGES
)
HEADING = re.compile(r"^#{2,3} (?:`[^`]+` )?(\w+)( \(sourced\))?$", re.MULTILINE)


def documented() -> dict[str, tuple[set[str], bool]]:
    """Return, by record, the keys of its table (required ones with a star) and whether it is sourced."""
    found = {}
    headings = list(HEADING.finditer(PAGE))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        body = PAGE[heading.end() : following.start() if following else None]
        body = re.split(r"^#", body, flags=re.MULTILINE)[0]
        rows = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
        keys = {key for row in rows for key in re.findall(r"`(\w+)`(\*?)", row)}
        found[heading[1]] = ({name + star for name, star in keys}, bool(heading[2]))
    return found


RECORDS = ["Identity", *(name for name in documented() if name[0].isupper() and hasattr(schema, name))]


@pytest.mark.parametrize("name", sorted(set(RECORDS)))
def test_the_page_lists_the_keys_of_the_schema(name):
    """A key that is added, removed or made required changes the page too."""
    record: type[Record] = getattr(schema, name)
    keys = {
        (field.alias or key) + ("*" if field.is_required() else "")
        for key, field in record.model_fields.items()
        if not (issubclass(record, Sourced) and key in Sourced.model_fields)
    }
    assert documented()[name] == (keys, issubclass(record, Sourced))


def test_the_page_has_a_table_for_every_record():
    """No record of the format goes without its table."""
    bare = {"Plan", "Record", "Sourced", "Wording", "Reporting"}
    records = {
        name
        for name in schema.__all__
        if isinstance(getattr(schema, name), type) and issubclass(getattr(schema, name), Record)
    }
    assert records - bare <= set(documented())
