"""Every page on a phone and on a desk, in both languages: nothing runs off its side, all is labelled."""

from __future__ import annotations

import pytest
from city import make_city

from fangxian.reporting.models import Report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UNLABELLED = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
  .filter(one => !one.labels.length && !one.getAttribute('aria-label'))
  .map(one => one.name || one.outerHTML)"""
NAMELESS = """() => [...document.querySelectorAll('a[href], button')]
  .filter(one => one.offsetParent && !one.innerText.trim() && !one.getAttribute('aria-label')
    && !one.querySelector('.visually-hidden')).map(one => one.outerHTML.slice(0, 120))"""
CUT_OFF = """() => [...document.querySelectorAll('input[inputmode]')].filter(one => {
    const typed = one.value; one.value = '123456';
    const cut = one.scrollWidth > one.clientWidth; one.value = typed; return cut; }).map(one => one.name)"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CONTRAST = """() => {
  const channel = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const light = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  return [...document.querySelectorAll('.fx-state, .fx-synthetic')].map(one => {
    const look = getComputedStyle(one), a = light(look.color), b = light(look.backgroundColor);
    return [one.className, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]; });
}"""


@pytest.fixture
def city(live_server):
    return make_city()


def addresses(city):
    place, unit, day = city.places["city"].code, city.units["H11"].code, city.yesterday
    clinic = city.units["V221"].code
    village = city.places["village-111"].code
    officer = [
        "/",
        f"/board/{place}/?day={day}",
        f"/units/{unit}/history/",
        f"/figures/{place}/hospital-daily/new_cases/{day}/",
        f"/figures/{village}/village-daily/home_care/{day}/",
        "/entry/",
        f"/entry/{unit}/hospital-daily/{day}/",
        "/imports/",
        "/places/",
        f"/places/{place}/",
        f"/facilities/{unit}/",
        f"/plan/{place}/",
        f"/brief/{place}/",
        "/accounts/me/",
    ]
    return {city.officer: officer, city.reporter: ["/", "/entry/", f"/entry/{clinic}/village-daily/{day}/"]}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_stand_on_a_phone_and_on_a_desk_in_both_languages(city, open_page, language):
    """Opened on a phone, then widened: opening each page again for the desk took twice as long."""
    faults = {}
    for user, pages in addresses(city).items():
        page = open_page("/", user=user, width=360, language=language)
        for address in pages:
            page.faults.clear()
            page.set_viewport_size({"width": 360, "height": 800})
            answer = page.goto(address)
            page.wait_for_selector("html[data-ready=yes]")
            page.wait_for_load_state("networkidle")
            found = {
                "status": answer.status if answer.status != 200 else None,
                "unlabelled": page.evaluate(UNLABELLED),
                "unmarked language": page.get_attribute("html", "lang")
                != ("en" if language == "en" else "zh-CN"),
            }
            found |= seen_at(page, 360)
            page.set_viewport_size({"width": 1280, "height": 800})
            found |= seen_at(page, 1280)
            found["console"] = list(page.faults)
            told = {name: what for name, what in found.items() if what}
            if told:
                faults[f"{address} as {user.username}"] = told
    assert faults == {}


def seen_at(page, width):
    """Return what is wrong with a page at the width that it has now."""
    return {
        f"too wide by, at {width}": page.evaluate(TOO_WIDE),
        f"cut off at {width}": page.evaluate(CUT_OFF),
        f"nameless at {width}": page.evaluate(NAMELESS),
        f"faint at {width}": [each for each in page.evaluate(CONTRAST) if each[1] < 4.5],
    }


def test_badges_can_be_read_in_the_dark(city, open_page):
    page = open_page(f"/board/{city.places['city'].code}/", user=city.officer)
    page.locator("[data-theme-toggle]").click()
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    assert [each for each in page.evaluate(CONTRAST) if each[1] < 4.5] == []


def test_language_changes_by_one_click_and_stays(city, open_page):
    page = open_page("/", user=city.officer)
    assert "今日" in page.locator("nav").first.inner_text()
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")
    page.reload()
    assert page.get_attribute("html", "lang") == "en"


def test_one_tap_declares_a_zero_from_a_phone(city, open_page):
    clinic = city.units["V221"]
    page = open_page("/", user=city.reporter, width=360)
    owed = page.locator(".fx-owed", has_text=city.yesterday.strftime("%m-%d"))
    owed.get_by_role("button", name="零报告").click()
    page.wait_for_selector(".alert-success")
    report = Report.objects.get(unit=clinic, day=city.yesterday)
    assert report.zero_declared
    assert set(report.values.values()) == {0}


def test_a_wrong_number_is_said_beside_its_field_and_nothing_typed_is_lost(city, open_page):
    clinic = city.units["V221"]
    page = open_page(f"/entry/{clinic.code}/village-daily/{city.yesterday}/", user=city.reporter, width=360)
    fields = page.locator(".fx-field input[type=text], .fx-field input:not([type])")
    for position in range(fields.count()):
        fields.nth(position).fill("3")
    fields.first.fill("-7")
    page.get_by_role("button", name="提交").click()
    wrong = page.locator(".fx-field-bad")
    assert wrong.count() == 1
    assert "-7" in wrong.inner_text()
    assert fields.nth(1).input_value() == "3"
    fields.first.fill("７")
    page.get_by_role("button", name="提交").click()
    confirm = page.locator("input[name=confirmed]")
    page.wait_for_selector(".alert-success, input[name=confirmed]")
    if confirm.count():
        confirm.check()
        page.get_by_role("button", name="提交").click()
    page.wait_for_selector(".alert-success")


def test_a_zero_that_contradicts_the_day_before_is_shown_as_zeros_to_confirm(city, open_page):
    """A declaration with a warning is no dead end: its zeros stand in the fields, to be confirmed."""
    hospital = city.units["H22"]
    page = open_page(f"/entry/{hospital.code}/hospital-daily/{city.yesterday}/", user=city.officer)
    page.get_by_role("button", name="零报告").click()
    page.wait_for_selector("input[type=checkbox][name=confirmed]")
    assert page.locator("input[name=value-new_cases]").input_value() == "0"
    assert "previous(" not in page.locator("main").inner_text()
    page.locator("input[type=checkbox][name=confirmed]").check()
    page.get_by_role("button", name="提交").click()
    page.wait_for_selector(".alert-success")
    report = Report.objects.get(unit=hospital, day=city.yesterday)
    assert (report.zero_declared, report.values["in_hospital"]) == (True, 0)
