"""The pages are true: the reference lists every key, and the worked example reads its own file as it says."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from fangxian.plans.datasets import load_descriptor, plan_findings, read_dataset
from fangxian.plans.loader import packaged_plan

ROOT = Path(__file__).resolve().parents[3]
HOW_TO = ROOT / "docs" / "how-to" / "describe-a-dataset.md"
REFERENCE = ROOT / "docs" / "reference" / "dataset-descriptor.md"


def test_the_reference_is_what_the_schema_says() -> None:
    """The page is the one that the script writes now."""
    script = (
        "import dataset_descriptor_reference as reference; import sys; sys.stdout.write(reference.page())"
    )
    environment = {"PYTHONPATH": str(ROOT / "scripts"), "PYTHONIOENCODING": "utf-8"}
    written = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, encoding="utf-8"
    ).stdout
    assert REFERENCE.read_text(encoding="utf-8") == written


def test_the_worked_example_reads_its_file(tmp_path: Path) -> None:
    """File and descriptor are taken from the page; the figures that the page explains come out."""
    page = HOW_TO.read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", page, flags=re.DOTALL)
    table = next(text for _, text in blocks if text.startswith("Weekly bulletin"))
    descriptor = next(text for language, text in blocks if language == "toml" and "epi-2021" in text)
    (tmp_path / "epi_2021.csv").write_text(table, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(descriptor, encoding="utf-8")
    read = load_descriptor(tmp_path / "mine.toml")
    assert plan_findings(read, packaged_plan(read.dataset.plan)) == ()
    dataset = read_dataset(read, tmp_path)
    values = {row[:3]: row[3] for row in dataset.values.select("place_code", "field", "day", "value").rows()}
    last = date(2021, 3, 5)
    assert (values["PT", "new_cases", last], values["PT-N", "new_cases", last]) == (40, 45)
    assert values["PT-S", "new_cases", last] is None
    assert values["PT-S", "in_hospital", last] is None
    assert values["PT-N", "in_hospital", last] == 283
    assert values["PT-N", "tests", last] == 700
    assert dataset.corrections.select("place_code", "amount").rows() == [("PT-S", -5.0)]
    assert (dataset.rows.used, dataset.openings.height, len(dataset.findings)) == (6, 6, 1)


def test_every_other_snippet_of_the_page_holds_keys_of_the_schema() -> None:
    """A key that the page mentions in a snippet exists: each is named in the reference."""
    page, reference = HOW_TO.read_text(encoding="utf-8"), REFERENCE.read_text(encoding="utf-8")
    snippets = "\n".join(re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL))
    keys = set(re.findall(r"^(\w+) =", snippets, flags=re.MULTILINE)) - {"Norte", "Sul"}
    assert {key for key in keys if f"| `{key}` |" not in reference} == set()
