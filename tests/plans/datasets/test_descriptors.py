"""A descriptor with mistakes is told all of them with their lines; the shipped ones fit their plans."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidDataset
from fangxian.plans.datasets import load_descriptor, packaged_descriptors, parse_descriptor, plan_findings
from fangxian.plans.loader import packaged_diseases, packaged_plan
from plans.datasets.tiny import TABLE, descriptor_text


def test_every_mistake_is_told_with_its_line_and_a_remedy() -> None:
    """Four mistakes of four sorts in one file give four findings, each at its line."""
    text = descriptor_text(
        TABLE.replace("files =", "flies =")
        .replace("cumulative", "weekly")
        .replace('{ column = "day" }', '{ column = "day", formats = ["dd.mm"] }')
    ).replace('country = "XX"', 'country = "Xland"')
    lines = text.splitlines()
    with pytest.raises(InvalidDataset, match="has 5 mistake") as refused:
        parse_descriptor(text, file="mine.toml")
    found = {finding.line: finding for finding in refused.value.findings}
    assert "Did you mean 'files'?" in found[lines.index('flies = ["counts*"]') + 1].sentence()
    assert "'daily', 'cumulative' or 'stock'" in found[lines.index('kind = "weekly"') + 1].sentence()
    assert (
        "date format 'dd.mm' is not known; use one of iso,"
        in found[next(number for number, line in enumerate(lines, 1) if "dd.mm" in line)].sentence()
    )
    assert lines.index('country = "Xland"') + 1 in found
    assert all(finding.file == "mine.toml" for finding in refused.value.findings)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code = { column = "place" }', 'code = { column = "place", map = "gone" }', "no map is called gone"),
        (
            'code = { column = "place" }',
            'code = { column = "a", value = "b" }',
            "give either `column` or `value`",
        ),
        (
            'code = { column = "place" }',
            'code = { column = "a", transform = ["pad:x"] }',
            "needs a whole number",
        ),
        ('id = "counts"', 'id = "counts"\nheader_row = 0', "there are no headers: give `columns`"),
        ('id = "counts"', 'id = "counts"\ncolumns_to_rows = { pattern = "^no group$" }', "exactly one group"),
        ('id = "counts"', 'id = "counts"\ncolumns_to_rows = { }', "give either `columns` or `pattern`"),
    ],
)
def test_rules_between_keys(old: str, new: str, said: str) -> None:
    """What is wrong only in combination says which keys."""
    with pytest.raises(InvalidDataset, match=said):
        parse_descriptor(descriptor_text(TABLE.replace(old, new)), file="mine.toml")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("", "", "needs a `from_day` after the one before"),
        ("from_day = 2022-01-01", "from_day = 2022-01-01", "needs a `from_day` after the one before"),
    ],
)
def test_diseases_follow_each_other(first: str, second: str, said: str) -> None:
    """Two diseases on the same day leave open which serial interval holds."""
    text = f"""{descriptor_text()}
[[diseases]]
id = "covid19-ancestral"
{first}

[[diseases]]
id = "covid19-omicron-ba5"
{second}
"""
    with pytest.raises(InvalidDataset, match=said):
        parse_descriptor(text, file="mine.toml")


def test_disease_of_a_day_is_the_last_begun() -> None:
    """The provinces of China have the ancestral strain until the end of 2021 and Omicron from then on."""
    descriptor = load_descriptor("china-provinces")
    assert descriptor.disease_on(date(2021, 12, 31)) == "covid19-ancestral"
    assert descriptor.disease_on(date(2022, 1, 1)) == "covid19-omicron-ba5"
    assert load_descriptor("italy-regions").disease_on(date(2021, 1, 1)) == "covid19-ancestral"
    assert parse_descriptor(descriptor_text(), file="mine.toml").disease_on(date(2021, 1, 1)) is None


@pytest.mark.parametrize("name", packaged_descriptors())
def test_shipped_descriptors_name_diseases_that_come_with_the_software(name: str) -> None:
    """A brief never fails for want of a disease file."""
    descriptor = load_descriptor(name)
    named = {one.id for one in descriptor.diseases} | {descriptor.dataset.disease or "covid19-omicron-ba5"}
    assert named <= set(packaged_diseases())


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    """A name that is neither shipped nor a file is answered with those that are."""
    with pytest.raises(
        InvalidDataset, match=r"no dataset descriptor china-citys, .*china-cities-2020, china-prov"
    ):
        load_descriptor("china-citys")


def test_a_descriptor_is_loaded_from_a_path(tmp_path: Path) -> None:
    """A stranger's own file is as good as a shipped one."""
    (tmp_path / "mine.toml").write_text(descriptor_text(), encoding="utf-8")
    assert load_descriptor(tmp_path / "mine.toml").dataset.id == "tiny"


@pytest.mark.parametrize("name", packaged_descriptors())
def test_shipped_descriptors_fit_the_form_of_their_plan(name: str) -> None:
    """Each field exists in the form, with the same kind."""
    descriptor = load_descriptor(name)
    assert plan_findings(descriptor, packaged_plan(descriptor.dataset.plan)) == ()


def test_a_field_that_the_form_lacks_or_counts_otherwise_is_told() -> None:
    """A misspelt field and a stock read as a daily count are both found before anything is imported."""
    wrong = TABLE.replace('"new_cases"', '"new_case"') + (
        '\n[[tables.fields]]\nfield = "in_hospital"\ncolumns = ["h"]\nkind = "daily"\n'
    )
    descriptor = parse_descriptor(descriptor_text(wrong), file="mine.toml")
    findings = plan_findings(descriptor, packaged_plan("covid19-containment-2022"))
    assert [finding.code for finding in findings] == ["field-unknown", "kind-differs"]
