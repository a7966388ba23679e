"""What a page shows for a figure, a state or an icon: absent is never a nought, colour never speaks alone."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from fangxian.console.templatetags import fangxian_display as display
from fangxian.reporting.rules import STATES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/fangxian"


def drawn(template: str, **values: object) -> str:
    return Template("{% load fangxian_display %}" + template).render(Context(values))


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "—"), (0, "0"), (0.0, "0"), (1234567, "1,234,567"), (2.25, "2.2")]
)
def test_a_number_is_written_as_itself_and_absence_as_a_dash(value, shown):
    assert display.number(value) == shown


def test_no_change_and_no_knowledge_of_change_differ():
    assert (display.signed(0), display.signed(None), display.signed(-3), display.signed(3)) == (
        "±0",
        "—",
        "−3",
        "+3",
    )


def test_not_reported_not_known_and_zero_are_three_different_words():
    values = {"a": 0, "b": None}
    shown = {display.value_of(values, field) for field in ("a", "b", "c")}
    assert len(shown) == 3


def test_a_figure_card_without_a_value_says_so_and_shows_no_digit():
    card = drawn("{% include 'console/partials/figure.html' with label='x' value=None %}")
    assert "未报" in card
    assert not re.search(r">\s*0", card)


@pytest.mark.parametrize("state", [*STATES, "zero_declared", "corrected", "contradicted"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_state_has_words_and_an_icon_beside_its_colour(state, language):
    with translation.override(language):
        badge = drawn("{% state_badge state %}", state=state)
    words = re.sub(r"<[^>]+>", "", badge).strip()
    assert words
    assert "<use href=" in badge
    assert (words.isascii()) == (language == "en")


def test_a_line_has_a_gap_where_a_day_has_no_figure():
    assert drawn("{% sparkline values %}", values=[1, 2, None, 3, 4]).count("<polyline") == 2


def test_every_icon_that_a_page_asks_for_is_in_the_sprite():
    sprite = (SOURCE / "console/static" / display.SPRITE).read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    asked = {drawing for _, drawing in display.STATE_LOOKS.values()}
    for page in SOURCE.rglob("*.html"):
        asked |= set(re.findall(r'(?:\{% icon "|drawing=")([a-z0-9-]+)', page.read_text(encoding="utf-8")))
    assert asked - there == set()


def test_vendored_files_are_those_of_the_manifest():
    script = runpy.run_path(str(ROOT / "scripts/refresh_vendor.py"))
    assert script["check"]() == []


def test_pages_carry_no_inline_script_and_load_nothing_from_a_distant_host():
    found = []
    for page in SOURCE.rglob("templates/**/*.html"):
        text = page.read_text(encoding="utf-8")
        found += [f"{page.name}: {tag}" for tag in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text)]
        found += [
            f"{page.name}: {link}" for link in re.findall(r'(?:src|href)="https?://[^"]*\.(?:js|css)', text)
        ]
        found += [f"{page.name}: {way}" for way in re.findall(r"\son(?:click|change|load|submit)=", text)]
    assert found == []
