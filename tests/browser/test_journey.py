"""The duty officer's first journey, from the missing units of the day to the printed brief."""

from __future__ import annotations

import re

import openpyxl
import pytest
from city import PASSWORD, make_city
from django.urls import reverse

from fangxian.reporting.models import Report

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(live_server):
    return make_city()


def test_the_first_journey_of_a_duty_officer(city, open_page, tmp_path):
    page = open_page("/")
    sign_in(page, city.officer.username)
    find_who_is_silent(page, city)
    export_reminders(page, city, tmp_path)
    import_a_file_with_three_errors_and_mend_them(page, city, tmp_path)
    open_a_county_down_to_a_clinic(page, city)
    print_the_brief(page, city)
    assert page.faults == []


def sign_in(page, username):
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit], main form button").first.click()
    page.wait_for_url("**/")


def find_who_is_silent(page, city):
    for fold in page.locator(".fx-fold:not([open]) summary").all():
        fold.click()
    silent = page.locator(".fx-silent")
    silent.nth(1).wait_for()
    page.wait_for_load_state("networkidle")
    names = " ".join(silent.all_inner_texts())
    assert city.units["H22"].name in names
    assert city.units["V221"].name in names
    assert city.units["H11"].name not in names
    assert page.locator(".fx-silent a[href^='tel:']").count() == silent.count()


def export_reminders(page, city, folder):
    with page.expect_download() as waiting:
        page.locator(f"a[href*='reminders.xlsx?day={city.yesterday}']").first.click()
    path = folder / "reminders.xlsx"
    waiting.value.save_as(path)
    rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    told = " ".join(str(cell) for row in rows for cell in row if cell is not None)
    assert city.units["V111"].code not in told


def import_a_file_with_three_errors_and_mend_them(page, city, folder):
    page.get_by_role("link", name="批量导入").first.click()
    path = folder / "villages.xlsx"
    wrong = [(city.units["V221"].code, -4), ("NOBODY", 3), (city.units["V111"].code, "许多")]
    write_workbook(path, city, wrong)
    upload(page, path)
    table = page.locator("table", has_text="NOBODY").first
    assert "-4" in table.inner_text()
    assert "许多" in table.inner_text()
    before = Report.objects.count()
    assert (
        page.get_by_role("button", name="确认").or_(page.locator("button[value=commit]")).first.is_disabled()
    )
    write_workbook(path, city, [(city.units["V221"].code, 4)])
    page.get_by_role("link", name="批量导入").first.click()
    upload(page, path)
    if page.locator("input[name=confirmed]").count():
        page.locator("input[name=confirmed]").check()
    page.locator("button[value=commit]").click()
    page.wait_for_selector(".alert-success")
    assert Report.objects.count() == before + 1


def write_workbook(path, city, rows):
    form = next(form for form in plan_forms(city) if form.id == "village-daily")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["机构代码", "日期", *(field.label.zh for field in form.fields)])
    for code, first in rows:
        sheet.append([code, city.yesterday.isoformat(), first, *(2 for _ in form.fields[1:])])
    book.save(path)


def plan_forms(city):
    from fangxian.reporting.selectors.plans import plan_at

    return plan_at(city.places["city"], city.yesterday).forms


def upload(page, path):
    page.set_input_files("input[type=file]", str(path))
    page.get_by_role("button", name="预览", exact=True).click()
    page.wait_for_url(re.compile(r"/imports/\d+/"))


def open_a_county_down_to_a_clinic(page, city):
    county = city.places["county-2"]
    page.goto(
        reverse(
            "reporting:figure",
            kwargs={
                "code": county.code,
                "form": "village-daily",
                "field": "home_care",
                "day": city.yesterday,
            },
        )
    )
    page.get_by_role("link", name=city.places["township-22"].name).last.click()
    page.get_by_role("link", name=city.places["village-221"].name).last.click()
    clinic = page.locator("li", has_text=city.units["V221"].name).last
    clinic.locator("summary").click()
    assert city.officer.display_name in clinic.inner_text()
    clinic.get_by_role("link", name=city.units["V221"].name).click()
    page.wait_for_url("**/history/**")
    assert city.units["V221"].name in page.locator("h1").inner_text()


def print_the_brief(page, city):
    page.goto(reverse("assessment:brief_print", kwargs={"code": city.places["city"].code}))
    assert "模拟数据" in page.locator("body").inner_text()
    pages = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4")))
    assert 1 <= pages <= 2
