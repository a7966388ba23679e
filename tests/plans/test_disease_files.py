"""Disease files: the packaged ones are whole and sourced, and every mistake is told with its line."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from fangxian.base.errors import InvalidPlan
from fangxian.console.cli import app
from fangxian.plans.checker.disease import value_at
from fangxian.plans.checker.identity import records
from fangxian.plans.checker.provenance import Number, range_keys
from fangxian.plans.loader import (
    load_disease,
    packaged_disease,
    packaged_disease_text,
    packaged_diseases,
    read_disease,
)
from fangxian.plans.outline_disease import disease_outline
from fangxian.plans.schema import Sourced
from shared_data import shared_path

OMICRON = packaged_disease_text("covid19-omicron-ba5")


def line_of(text: str, needle: str) -> int:
    """Return the line on which a piece of text first stands."""
    return text[: text.index(needle)].count("\n") + 1


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_a_packaged_disease_is_whole_and_without_doubt(disease_id):
    """It has all that a rehearsal needs, and no finding."""
    disease, findings = read_disease(packaged_disease_text(disease_id))
    assert findings == []
    assert disease.id == disease_id
    assert disease.transmission is not None
    assert disease.course is not None
    assert disease.stays is not None
    assert {test.kind for test in disease.tests} == {"pcr", "antigen"}
    assert {one.state for one in disease.protections} >= {"partial", "full", "infection"}


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_every_trusted_number_has_a_paper_with_a_doi(disease_id):
    """A value that is not a working default leads to a paper, or to the database that quotes it."""
    disease = packaged_disease(disease_id)
    papers = {paper.id: paper for paper in disease.sources}
    for path, record in records(disease):
        if isinstance(record, Sourced) and record.status.value != "default" and path != ("serial_interval",):
            assert papers[record.source].doi, path


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_every_number_leads_to_a_paper_that_states_or_bounds_it(disease_id):
    """Working values too name what was read beside them."""
    disease = packaged_disease(disease_id)
    without = [
        path
        for path, record in records(disease)
        if isinstance(record, Number) and path != ("serial_interval",) and record.source is None
    ]
    assert not without
    assert all(paper.doi or paper.url for paper in disease.sources)


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_old_age_is_never_milder(disease_id):
    """Among adults, the share that dies rises with age, as every source of these values has it."""
    dying = packaged_disease(disease_id).course.dying
    adults = [value for age, value in zip(dying.age_from, dying.values, strict=True) if age >= 20]
    assert all(first < second for first, second in pairwise(adults))


@pytest.mark.parametrize("disease_id", packaged_diseases())
def test_every_number_states_unit_range_status_and_what_it_rests_on(disease_id):
    """Nothing is left to the reader's guess; a working value tells in both languages why it is what it is."""
    numbers = [
        (path, record) for path, record in records(packaged_disease(disease_id)) if isinstance(record, Number)
    ]
    assert len(numbers) > 40
    for path, record in numbers:
        low, high = (getattr(record, key) for key in range_keys(record))
        assert low not in (None, ()) and high not in (None, ()), path
        assert "status" in record.model_fields_set, path
        if record.status.value == "default":
            assert record.note is not None and record.note.zh and record.note.en, path


def test_a_number_without_source_and_note_is_refused():
    """A working value must say what it rests on."""
    text = re.sub(
        r'(?m)^(stable_disease = .*?), source = "[^"]+"(.*?), note = \{.*\} \}$', r"\1\2 }", OMICRON
    )
    [finding] = read_disease(text)[1]
    assert finding.code == "basis-missing"
    assert finding.line == line_of(text, "stable_disease =")
    assert "note" in finding.remedy["en"] and "note" in finding.remedy["zh"]


def test_a_number_without_unit_is_refused():
    """The schema asks for it."""
    text = OMICRON.replace('value = 3.44, unit = "person"', "value = 3.44", 1)
    [finding] = read_disease(text)[1]
    assert finding.code == "key-missing"
    assert "'transmission › reproduction_number › unit' is missing" in finding.message["en"]


def test_fatality_of_the_ancestral_strain_is_that_of_the_paper():
    """Verity et al. 2020, table 1: per cent of the infected by decade, with the 95 % credible interval."""
    dying = packaged_disease("covid19-ancestral").course.dying
    printed = {0: (0.00161, 0.000185, 0.0249), 40: (0.161, 0.0764, 0.323), 80: (7.80, 3.80, 13.3)}
    for age, (value, low, high) in printed.items():
        at = dying.age_from.index(age)
        assert [100 * each[at] for each in (dying.values, dying.low, dying.high)] == pytest.approx(
            [value, low, high]
        )


def test_former_ids_still_lead_to_their_disease():
    """Plans in force that name an old id lose nothing."""
    assert packaged_disease("covid19-omicron") is packaged_disease("covid19-omicron-ba5")
    assert packaged_disease("covid19-wild-type").id == "covid19-ancestral"
    assert packaged_disease("influenza-a-h1n1pdm").id == "influenza-seasonal"


def test_values_taken_from_the_parameter_database_are_its_values():
    """The incubation period of the ancestral strain is the log-normal that epiparameterDB transcribes."""
    entries = json.loads(
        shared_path("data/08_capacity_supply_params/epiparameterDB_parameters.json").read_text("utf-8")
    )
    [entry] = [
        one
        for one in entries
        if one["epi_name"] == "incubation period"
        and one["citation"]["doi"] == "10.1136/bmjopen-2020-039652"
        and one["probability_distribution"]["parameters"].get("meanlog") == 1.63
    ]
    assert entry["summary_statistics"]["mean"] == 5.8
    assert packaged_disease("covid19-ancestral").transmission.incubation_period.mean_days == 5.8


def test_values_taken_from_covasim_are_its_values():
    """Symptoms by age are the shares of Covasim 3.1.9's parameters, decade by decade."""
    table = json.loads(shared_path("expected/covasim_3.1.9_default_parameters.json").read_text("utf-8"))
    course = packaged_disease("covid19-ancestral").course
    rows = table["prognoses_absolute"]
    for age, share in zip(rows["age_cutoffs"], rows["symp_probs"], strict=True):
        assert value_at(course.symptomatic, age) == share


SLIPS = [
    ('3.44, unit = "person"', '3.44, unit = "day"', "unit-wrong", "reproduction_number"),
    ("low = 2.82, high = 4.14", "low = 4.82, high = 4.14", "range-reversed", "reproduction_number"),
    ('source = "leung-2023"', 'source = "leung-2024"', "name-unknown", "reproduction_number"),
    ("values = [0.5625, 0.676]", "values = [56.25, 67.6]", "share-out-of-range", "symptomatic ="),
    ("values = [0.5625, 0.676]", "values = [0.5625]", "ages-and-values", "symptomatic ="),
    ("age_from = [0, 20], values", "age_from = [1, 20], values", "ages-disorder", "symptomatic ="),
    ("0.013, 0.029, 0.052]", "0.013, 0.029, 0.52]", "part-exceeds-whole", "critical ="),
    ("0.0096, 0.0214, 0.039]", "0.0096, 0.0214, 0.089]", "care-costs-lives", "dying ="),
    ("severe = { value = 0.88", "severe = { value = 0.08", "protection-order", "severe = { value = 0.08"),
    ('state = "boosted"', 'state = "full"', "name-twice", 'state = "full"'),
    ('kind = "antigen"', 'kind = "pcr"', "name-twice", 'kind = "pcr"'),
    ("mean_days = 2.6", "mean_days = 1.5", "onset-before-infectious", "incubation_period"),
    ('0.968, source = "hong-kong-vaccines-2022"', "0.968", "source-missing", "death = { value = 0.955"),
    ("low = 2.82, high = 4.14, ", "", "range-missing", "reproduction_number"),
    ("low = 2.82, ", "", "range-missing", "reproduction_number"),
    ("low_days = 1.2, high_days = 3.5, ", "", "range-missing", "latent_period"),
    ("low = [0.5095, 0.605], ", "", "range-missing", "symptomatic ="),
    ("low_days = 2.37\n", "", "range-missing", "[serial_interval]"),
    ("low = 0, high = 0.0012, ", "", "range-missing", "false_positive = { value = 0.0001"),
    (
        'source = "leung-2023", status = "published", ',
        'source = "leung-2023", ',
        "status-missing",
        "reproduction",
    ),
    ('kind = "pcr"\nstatus = "default"', 'kind = "pcr"', "status-missing", "[[test]]"),
    (
        'low = 3, high = 5, source = "wong-2022", status = "second-hand"',
        "low = 3, high = 5",
        "status-missing",
        "within =",
    ),
]


@pytest.mark.parametrize(("before", "after", "code", "needle"), SLIPS)
def test_each_mistake_is_told_at_its_line_with_a_remedy(before, after, code, needle):
    """One slip, one finding of its kind, on the line where it stands, in both languages."""
    assert before in OMICRON
    text = OMICRON.replace(before, after, 1)
    _, findings = read_disease(text, name="ours.toml")
    found = [finding for finding in findings if finding.code == code]
    assert found, [finding.code for finding in findings]
    lines = {number for number, line in enumerate(text.splitlines(), 1) if needle in line}
    assert {finding.line for finding in found} <= lines
    assert all(finding.remedy["zh"] and finding.remedy["en"] for finding in found)
    with pytest.raises(InvalidPlan, match=r"ours\.toml has"):
        load_disease(text, name="ours.toml")


def test_intervals_that_do_not_fit_are_a_doubt_not_a_mistake():
    """A generation interval far from the serial interval is asked about; the file is still taken."""
    text = OMICRON.replace(
        'infectiousness = { distribution = "gamma", mean_days = 1.2',
        'infectiousness = { distribution = "gamma", mean_days = 9.2',
    )
    text = text.replace("low_days = 0.8, high_days = 2.0, source", "low_days = 5, high_days = 12, source")
    disease, findings = read_disease(text)
    assert disease is not None
    assert [finding.code for finding in findings] == ["intervals-differ"]
    assert findings[0].line == line_of(text, "\ninfectiousness = {") + 1


def test_a_disease_for_the_brief_alone_is_enough():
    """Files with nothing but a serial interval stay legal."""
    text = """schema = 1
id = "measles"
name = { zh = "麻疹", en = "Measles" }
pathogen = "Measles virus"
[serial_interval]
mean_days = 11.7
sd_days = 2.0
low_days = 9
high_days = 14
status = "second-hand"
doi = "10.1093/aje/kwu209"
"""
    assert load_disease(text).transmission is None


def test_the_outline_says_every_number_with_range_and_source():
    """What is printed for people names the published range and where it comes from."""
    said = disease_outline(packaged_disease("covid19-omicron-ba5"), "en")
    assert "Reproduction number: 3.44 people (2.82–4.14) [published: leung-2023]" in said
    assert "doi:10.1038/s41591-023-02212-y" in said
    assert "再生数: 3.44" in disease_outline(packaged_disease("covid19-omicron-ba5"), "zh")


def test_the_command_checks_a_disease_file(tmp_path):
    """`plan check` knows a disease file from a plan, tells the line, and ends with 1."""
    path = tmp_path / "ours.toml"
    path.write_text(OMICRON.replace("values = [0.5625, 0.676]", "values = [0.5625]"), "utf-8")
    result = CliRunner().invoke(app, ["plan", "check", str(path), "--lang", "en"])
    assert result.exit_code == 1
    line = line_of(OMICRON, "symptomatic = {")
    assert f"ours.toml:{line}: mistake: There are 2 age groups but 1 values." in result.output
