"""What measures do and when levels start: typed, checked with line and remedy, told in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxian.base.errors import InvalidInput
from fangxian.plans.difference import diff_plans
from fangxian.plans.expressions import compile_rule
from fangxian.plans.loader import load_plan, packaged_plan, packaged_plan_text, packaged_plans, read_plan
from fangxian.plans.outline import plan_outline
from fangxian.plans.triggers import can_hold, trigger_bounds

CONTAINMENT = packaged_plan_text("covid19-containment-2022")
CLASS_B = packaged_plan_text("covid19-class-b-2023")
COUNTS = {"cases": (0.0, float("inf")), "share": (0.0, 1.0), "population": (1.0, float("inf"))}


def findings_of(text: str) -> dict[str, list[tuple[str, int]]]:
    """Return (severity, line) of every finding by code."""
    found: dict[str, list[tuple[str, int]]] = {}
    for finding in read_plan(text)[1]:
        assert finding.remedy["zh"]
        assert finding.remedy["en"]
        found.setdefault(finding.code, []).append((finding.severity, finding.line))
    return found


def line_of(text: str, needle: str) -> int:
    """Return the line on which a piece of text first stands."""
    return text[: text.index(needle)].count("\n") + 1


@pytest.mark.parametrize("plan_id", packaged_plans())
def test_a_packaged_plan_can_be_rehearsed(plan_id):
    """Every level has a rule that can hold and one that ends it; measures find cases and give beds."""
    plan = packaged_plan(plan_id)
    assert all(level.start_when and level.end_when for level in plan.levels)
    kinds = {effect.kind for measure in plan.measures for effect in measure.effects}
    assert {"symptomatic_testing", "beds", "vaccination"} & kinds >= {"symptomatic_testing", "beds"}
    assert plan.rehearsal is not None


@pytest.mark.parametrize(
    ("rule", "possible"),
    [
        ("cases >= 10", True),
        ("cases < 0", False),
        ("cases <= 0", True),
        ("share > 1", False),
        ("share >= 1", True),
        ("cases * 100000 >= 5 * population", True),
        ("cases > 10 and cases < 5", False),
        ("5 < cases and 5 >= cases", False),
        ("cases > 10 or share > 2", True),
        ("not cases >= 0", False),
        ("previous(cases) < 0 - 1", False),
        ("abs(cases - 5) < 0", False),
        ("min(cases, share) > 1", False),
        ("cases / population < 0", False),
        ("0 <= share <= 1", True),
        ("2 <= share <= 3", False),
        ("share == 2", False),
        ("share != 0", True),
    ],
)
def test_a_rule_that_can_never_hold_is_known(rule, possible):
    """Directions, units and contradictions are seen through arithmetic."""
    assert can_hold(rule, COUNTS) is possible


@pytest.mark.parametrize(
    ("rule", "possible"),
    [
        ("beds > population", False),
        ("beds >= population", True),
        ("beds * 10 >= 11 * population", False),
        ("population - beds < 0", False),
        ("previous(beds) > population", False),
        ("beds + cases > population", True),
        ("visits > population", True),
        ("beds / population > 1", True),
        ("not beds <= population", False),
        ("beds > 2000 and beds * 2 > population", True),
        ("beds > population or visits > 3", True),
        ("population < beds - 5", False),
        ("2 * beds == population + beds + 1", False),
        ("beds != population", True),
    ],
)
def test_a_count_of_people_never_exceeds_the_population(rule, possible):
    """Nobody is counted twice; visits can be, so can a sum of two, and a quotient is not looked into."""
    bounds = {name: (0.0, float("inf")) for name in ("beds", "cases", "visits")}
    bounds["population"] = (1.0, float("inf"))
    assert can_hold(rule, bounds, frozenset({"beds", "cases"})) is possible


@given(
    st.sampled_from(["beds", "2 * beds - cases", "-beds", "beds / 2 + 3", "population - cases"]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.sampled_from(["population", "3 * population - 7", "cases", "visits - population", "10"]),
    st.integers(1, 30),
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 99)),
)
def test_what_is_called_impossible_for_people_never_holds(left, sign, right, people, drawn):
    """Sums err on one side only: against the evaluation itself."""
    bounds = {name: (0.0, float("inf")) for name in ("beds", "cases", "visits")}
    bounds["population"] = (1.0, float("inf"))
    values = {"population": people, "visits": drawn[2]}
    values |= {"beds": round(drawn[0] * people), "cases": round(drawn[1] * people)}
    rule = f"{left.replace('-beds', '0 - beds')} {sign} {right}"
    if compile_rule(rule).evaluate(values) == 1.0:
        assert can_hold(rule, bounds, frozenset({"beds", "cases"}))


@given(
    st.sampled_from(["cases", "share", "previous(cases)", "cases * share", "max(cases, share) - cases"]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.floats(-3, 3).map(lambda number: round(number, 1)),
    st.integers(0, 20),
    st.floats(0, 1),
)
def test_what_is_called_impossible_never_holds(left, sign, right, cases, share):
    """Interval arithmetic errs on one side only: against the evaluation itself."""
    rule = f"{left} {sign} {right if right >= 0 else f'0 - {-right}'} and share <= 1"
    holds = compile_rule(rule).evaluate({"cases": cases, "share": share, "previous(cases)": cases}) == 1.0
    if holds:
        assert can_hold(rule, COUNTS)


def test_a_trigger_that_can_never_fire_is_refused_at_its_line():
    """A share written as a percentage never fires; the remedy names the unit."""
    text = CLASS_B.replace(
        'start_when = "in_hospital * 10000 >= population"', 'start_when = "positivity >= 5"'
    )
    assert findings_of(text)["trigger-never"] == [("error", line_of(text, "positivity >= 5"))]
    [finding] = [one for one in read_plan(text)[1] if one.code == "trigger-never"]
    assert "shares run from 0 to 1" in finding.remedy["en"]


def test_more_patients_than_people_is_refused_at_its_line():
    """The check knows from the plan which indicators count people."""
    text = CLASS_B.replace("in_hospital * 10000 >= population", "in_hospital > population", 1)
    assert findings_of(text)["trigger-never"] == [("error", line_of(text, "in_hospital > population"))]


SLIPS = [
    ('settings = ["school", "workplace", "community"]', 'settings = ["schol"]', "value-refused"),
    ("reduction = 0.5", "reductoin = 0.5", "key-unknown"),
    ('kind = "travel"', 'kind = "travle"', "value-refused"),
    ('clock = "contact-to-isolation"', 'clock = "contact-to-isolatoin"', "name-unknown"),
    ('contact = "close-contact"', 'contact = "close-contcat"', "name-unknown"),
    ('contact = "close-contact"', 'contact = "contact-of-contact-from-november"', "contact-not-traced"),
    ('  clock = "contact-to-isolation"\n', "", "one-of-two"),
    ('start_when = "new_cases + asymptomatic >= 10"', 'start_when = "new_casse >= 10"', "name-unknown"),
    ('start_when = "new_cases + asymptomatic >= 10"', 'start_when = "new_cases >= "', "rule-refused"),
    ('start_when = "new_cases + asymptomatic >= 10"\n', "", "end-without-start"),
    ("share = 0.98", "share = 98", "value-refused"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "code"), SLIPS)
def test_each_mistake_in_an_effect_is_told_near_its_line(before, after, code):
    """The kind that pydantic puts into a path never blurs the line."""
    assert before in CONTAINMENT
    text = CONTAINMENT.replace(before, after, 1)
    found = findings_of(text)
    assert code in found, found
    severity, line = found[code][0]
    assert severity == "error"
    assert abs(line - line_of(CONTAINMENT, before)) <= 4


def test_an_unknown_setting_is_answered_with_the_known_ones():
    """The remedy lists what can be written; a misspelt key gets its nearest."""
    text = CONTAINMENT.replace('settings = ["school", "workplace", "community"]', 'settings = ["schol"]', 1)
    [finding] = read_plan(text)[1]
    assert "'school', 'workplace'" in finding.remedy["en"]
    [finding] = read_plan(CONTAINMENT.replace("pool_size = 10", "pool_sise = 10", 1))[1]
    assert finding.remedy["en"] == "Did you mean 'pool_size'?"


@pytest.mark.parametrize(
    "key", ["rooms_per_100000 = 400", "ward_per_1000 = 1.0", "cases_per_day_per_million = 100"]
)
def test_a_capacity_of_zero_is_legal_and_said(key):
    """It may be meant, so it is a doubt: the plan still loads."""
    text = CONTAINMENT.replace(key, key.split(" = ")[0] + " = 0", 1)
    assert findings_of(text) == {"capacity-zero": [("warning", line_of(text, key.split(" = ")[0] + " = 0"))]}
    assert load_plan(text).measures


def test_an_effect_that_waits_for_another_is_asked_about():
    """Quarantine without tracing never finds anybody."""
    text = CONTAINMENT.replace(
        'measures = ["case-to-hospital", "isolation-site", "contact-tracing", ', "measures = ["
    )
    assert [severity for severity, _ in findings_of(text)["effect-idle"]] == ["warning"] * 4


def test_a_plan_without_effects_is_what_it_was():
    """Effects and rules are optional: version 1 files from before load as they are."""
    lines = CLASS_B.splitlines()
    kept, inside = [], False
    for line in lines:
        if line.startswith("  [[measure.effect]]"):
            inside = True
        elif line.startswith(("[[", "# ----")):
            inside = False
        if not inside and not line.startswith(("start_", "end_", "delay_days", "always")):
            kept.append(line)
    text = "\n".join(kept)
    text = text[: text.index("[rehearsal]")] + text[text.index("# ---- 目标") :]
    plan = load_plan(text)
    assert all(not measure.effects for measure in plan.measures)
    assert plan.rehearsal is None


def test_show_and_diff_speak_of_effects():
    """A person reads what a measure does, and what changed in it by its kind."""
    said = plan_outline(packaged_plan("covid19-containment-2022"), "en")
    assert (
        "Contact reduction: school, workplace, community; reduced by 85 %; cost of a unit, yuan 150" in said
    )
    assert "starts when New cases + New asymptomatic infections ≥ 10 on 1 day(s) in a row" in said
    changed = load_plan(CONTAINMENT.replace("rooms_per_100000 = 400", "rooms_per_100000 = 40", 1))
    [change] = diff_plans(packaged_plan("covid19-containment-2022"), changed)
    assert change.path == "measure[isolation-site].effect[isolation_rooms].rooms_per_100000"


def test_indicators_bound_what_a_trigger_can_see():
    """Counts begin at zero and have no upper end over many units; shares end at one."""
    bounds = trigger_bounds(packaged_plan("covid19-class-b-2023"))
    assert bounds["new_cases"] == (0.0, float("inf"))
    assert bounds["positivity"] == (0.0, 1.0)
    assert bounds["population"][0] == 1.0
    with pytest.raises(InvalidInput, match="The rule names no field"):
        can_hold("1 < 2", bounds)
