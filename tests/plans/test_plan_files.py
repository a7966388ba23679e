"""Plan files: what comes packaged keeps its promises, and every mistake in a file is told with its line."""

from __future__ import annotations

import tomllib
from datetime import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.base.errors import InvalidPlan, NotFound
from fangxian.ground.places.choices import FacilityKind, Grade
from fangxian.plans.difference import diff_plans
from fangxian.plans.expressions import compile_rule
from fangxian.plans.loader import (
    load_plan,
    packaged_disease,
    packaged_diseases,
    packaged_plan,
    packaged_plan_text,
    packaged_plans,
    plan_json_schema,
    read_plan,
)
from fangxian.plans.locate import line_numbers
from fangxian.plans.vocabulary import FACILITY_KINDS, GRADES

CLASS_B = packaged_plan_text("covid19-class-b-2023")
FORMS = {"hospital-daily", "village-daily", "laboratory-daily", "pharmacy-daily", "area-daily"}
INDICATORS = {
    "new_cases", "asymptomatic", "deaths", "in_hospital", "intensive_care", "fever_clinic_visits",
    "tests", "positive", "positivity", "home_care",
}  # fmt: skip


def mistakes(text: str) -> list[tuple[str, int | None]]:
    """Return (code, line) of every error in a plan text."""
    _, findings = read_plan(text)
    return [(finding.code, finding.line) for finding in findings if finding.severity == "error"]


def line_of(text: str, needle: str) -> int:
    """Return the line on which a piece of text first stands."""
    return text[: text.index(needle)].count("\n") + 1


@pytest.mark.parametrize("plan_id", packaged_plans())
def test_a_packaged_plan_is_without_mistake_or_doubt(plan_id):
    """It holds the forms that the rest of the house counts on, and its disease is known."""
    plan, findings = read_plan(packaged_plan_text(plan_id))
    assert findings == []
    assert {form.id for form in plan.forms} == FORMS
    assert {indicator.id for indicator in plan.indicators} == INDICATORS - (
        {"asymptomatic"} if plan.identity.phase == "seasonal" else set()
    )
    assert plan.identity.disease in packaged_diseases()
    assert {(form.deadline.time, form.deadline.days_after) for form in plan.forms} == {(time(17), 1)}


@pytest.mark.parametrize("plan_id", packaged_plans())
def test_a_zero_report_breaks_no_error_rule(plan_id):
    """One tap on zero is always taken by the unit's own form."""
    for form in packaged_plan(plan_id).forms:
        zeros = {field.id: np.array(0.0) for field in form.fields if field.zero_by_declaration}
        for check in form.checks:
            if check.severity == "error":
                assert compile_rule(check.rule).evaluate(zeros) != 0.0, (form.id, check.id)


@pytest.mark.parametrize("plan_id", packaged_plans())
def test_a_foreign_area_needs_only_its_new_cases(plan_id):
    """Area reports of any country fit, however little they say; a village doctor has at most six fields."""
    plan = packaged_plan(plan_id)
    assert [field.id for field in plan.form("area-daily").fields if field.required] == ["new_cases"]
    assert len(plan.form("village-daily").fields) <= 6


def test_plan_words_for_facilities_are_those_of_the_registry():
    """A plan cannot name a kind or grade that no facility can have."""
    assert set(FACILITY_KINDS) == set(FacilityKind.values)
    assert set(GRADES) == {grade for grade in Grade.values if grade}


def test_class_b_tiers_follow_the_table_and_every_person_has_one():
    """Rows of the notice, then the score where no row fits, cover all ages and states."""
    tiers = packaged_plan("covid19-class-b-2023").tiers

    def tier(age: int, disease: str, vaccination: str) -> str:
        for rule in tiers.rules:
            if rule.fits(age, disease, vaccination):
                return rule.tier
        points = tiers.score.disease[disease] + tiers.score.vaccination[vaccination]
        points += next(one.points for one in tiers.score.age if one.age_from <= age <= one.age_to)
        return next(band.tier for band in tiers.score.bands if band.points_from <= points <= band.points_to)

    assert tier(70, "none", "none") == "green"
    assert tier(70, "stable", "partial") == "yellow"
    assert tier(82, "none", "full") == "yellow"
    assert tier(82, "stable", "none") == "red"
    assert tier(40, "unstable", "full") == "yellow"
    assert tier(82, "none", "none") == "red"  # no row fits: 2 + 0 + 2 = 4
    assert tier(80, "none", "full") == "green"  # 80 itself stands in no row of "none": 1 + 0 + 0 = 1


def test_every_disease_gives_a_serial_interval_with_its_doi():
    """The reproduction number needs a mean, a spread and where they come from."""
    for disease_id in packaged_diseases():
        interval = packaged_disease(disease_id).serial_interval
        assert 0 < interval.sd_days < 2 * interval.mean_days
        assert interval.doi.startswith("10.")


def test_all_mistakes_are_told_at_once_each_at_its_line():
    """A syntax slip, a wrong type, an unknown key, a missing key: four findings, four lines."""
    text = CLASS_B.replace("rank = 2", "rank = 2 3", 1)
    text = text.replace("maximum = 5000", 'maximum = "many"', 1)
    text = text.replace("zero_by_declaration", "zero_by_declaratoin", 1)
    text = text.replace('phase = "mitigation"\n', "", 1)
    assert sorted(mistakes(text)) == sorted(
        [
            ("toml-syntax", line_of(text, "rank = 2 3")),
            ("value-refused", line_of(text, 'maximum = "many"')),
            ("key-unknown", line_of(text, "zero_by_declaratoin")),
            ("key-missing", line_of(text, "[plan]")),
        ]
    )
    with pytest.raises(InvalidPlan, match="Did you mean 'zero_by_declaration'") as caught:
        load_plan(text, name="ours.toml")
    assert caught.value.message["zh"] == "ours.toml 有 4 处错误。"
    assert all(finding.remedy["zh"] and finding.remedy["en"] for finding in caught.value.findings)


# old text, new text, code, where the mistake is reported (a piece of the new text)
SLIPS = {
    "unknown field in a rule": (
        "severe <= in_hospital", "severe <= in_hopsital", "name-unknown", "in_hopsital"),
    "another form's field in a form's rule": (
        "severe <= in_hospital", "village_daily.visits <= severe", "rule-of-another-form",
        "village_daily.visits <= s"),
    "a power in a rule": (
        "severe <= in_hospital", "severe <= 10 ** 10", "rule-refused", "10 ** 10"),
    "indicator of an unknown field": (
        '"area-daily.deaths"', '"area-daily.death"', "name-unknown", '"area-daily.death"'),
    "indicator of an unknown form": (
        '"area-daily.deaths"', '"region-daily.deaths"', "name-unknown", '"region-daily.deaths"'),
    "unknown kind of facility": (
        '["pharmacy"]', '["drugstore"]', "name-unknown", '["drugstore"]'),
    "two fields of one id": (
        'id = "asymptomatic"', 'id = "deaths"', "name-twice", 'label = { zh = "死亡"'),
    "unknown source": (
        'source = "key-people"', 'source = "key-poeple"', "name-unknown", 'source = "key-poeple"'),
    "trusted without source": (
        'source = "key-people"\n', "", "source-missing", 'status = "second-hand"\n\n  [[tiers.tier]]'),
    "unknown timezone": (
        'timezone = "Asia/Shanghai"', 'timezone = "Asia/Handan"', "timezone-unknown",
        'timezone = "Asia/Handan"'),
    "reserve upside down": (
        "low = 0.15", "low = 0.25", "range-reversed", "high = 0.2"),
    "ages of a tier the wrong way round": (
        "age_from = 0\n  age_to = 79", "age_from = 80\n  age_to = 79", "range-reversed", "age_to = 79"),
    "ages of an effect the wrong way round": (
        "  age_from = 60\n", "  age_from = 60\n  age_to = 59\n", "range-reversed", "age_to = 59"),
    "unknown measure": (
        'measures = ["tiered-care"', 'measures = ["tired-care"', "name-unknown", 'measures = ["tired-care"'),
    "reserved name": (
        'id = "visits"', 'id = "previous"', "name-reserved", 'id = "previous"'),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_meaning_is_told_at_its_line(slip):
    """The schema alone would let these pass."""
    old, new, code, where = SLIPS[slip]
    assert old in CLASS_B
    text = CLASS_B.replace(old, new, 1)
    found = mistakes(text)
    line = line_of(text, where) - (1 if slip == "two fields of one id" else 0)
    assert (code, line) in found


def test_a_minimum_above_the_maximum_is_refused():
    """No value at all could be reported."""
    text = CLASS_B.replace("maximum = 5000", "minimum = 6000\n  maximum = 5000", 1)
    assert mistakes(text) == [("range-reversed", line_of(text, "maximum = 5000"))]


def test_tier_rows_that_contradict_are_told():
    """One person, two colours: the later row is named."""
    text = CLASS_B.replace("age_to = 64", "age_to = 70", 1)
    assert "tier-contradiction" in {code for code, _ in mistakes(text)}


def test_a_time_or_date_as_a_bare_number_is_refused():
    """17 is not read as 17 seconds past midnight, nor 20230108 as a day of 1970."""
    text = CLASS_B.replace("17:00:00", "17", 1).replace("valid_from = 2023-01-08", "valid_from = 20230108")
    assert [code for code, _ in mistakes(text)] == ["value-refused", "value-refused"]


def test_deadlines_go_by_the_plan_timezone():
    """A plan for Rome closes its reports by Roman time."""
    rome = load_plan(CLASS_B.replace("Asia/Shanghai", "Europe/Rome"))
    assert {form.deadline.timezone for form in rome.forms} == {"Europe/Rome"}


def test_a_file_that_is_no_plan_is_told_so(tmp_path):
    """Wrong encoding, no such file, an unknown packaged plan."""
    path = tmp_path / "plan.toml"
    path.write_bytes(CLASS_B.encode("gb18030"))
    with pytest.raises(InvalidPlan, match="not UTF-8"):
        load_plan(path)
    with pytest.raises(NotFound, match="Cannot read absent"):
        load_plan(tmp_path / "absent.toml")
    with pytest.raises(NotFound, match="Did you mean 'influenza-season'"):
        packaged_plan("influenza-seasons")
    path.write_bytes(b"\xef\xbb\xbf" + CLASS_B.replace("\n", "\r\n").encode())
    assert load_plan(path) == packaged_plan("covid19-class-b-2023")


@given(st.integers(0, len(CLASS_B)), st.integers(0, 40), st.text(alphabet='[]{}="\\\n #.a1', max_size=5))
def test_a_damaged_file_is_read_or_refused_never_crashed_on(at, cut, put):
    """Whatever is cut from or put into a plan file, the answer is a plan or a list of mistakes with lines."""
    text = CLASS_B[:at] + put + CLASS_B[at + cut :]
    plan, findings = read_plan(text)
    assert plan is not None or findings
    assert all(finding.line is not None and 1 <= finding.line <= text.count("\n") + 1 for finding in findings)


@pytest.mark.parametrize("plan_id", packaged_plans())
def test_every_value_of_a_file_is_found_at_its_line(plan_id):
    """The locator agrees with the standard parser on which keys there are, and with the text on where."""
    text = packaged_plan_text(plan_id)
    located = line_numbers(text)
    lines = text.splitlines()

    def walk(value: object, path: tuple) -> None:
        if path:
            assert path in located, path
            if isinstance(path[-1], str):
                assert path[-1] in lines[located[path] - 1]
        pairs = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, inner in pairs:
            walk(inner, (*path, key))

    walk(tomllib.loads(text), ())


def test_a_difference_is_by_id_and_by_value():
    """A moved field is no change; a changed deadline is one line; the same plan differs in nothing."""
    before = load_plan(CLASS_B)
    after = load_plan(CLASS_B.replace("maximum = 5000", "maximum = 6000", 1))
    assert diff_plans(before, before) == []
    (change,) = diff_plans(before, after)
    assert change.sentence["en"] == ("form[hospital-daily].field[new_cases].maximum: from 5000 to 6000")
    moved = before.model_copy(update={"forms": before.forms[::-1]})
    assert diff_plans(before, moved) == []


def test_the_json_schema_speaks_the_keys_of_the_file():
    """An editor that knows the schema helps to write the file."""
    schema = plan_json_schema()
    assert {"schema", "plan", "form", "cross_check", "indicator"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert set(tomllib.loads(CLASS_B)) <= set(schema["properties"])
