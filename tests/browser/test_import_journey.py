"""Uploading, mending and committing a file works in a browser, at the width of a phone as well."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fangxian.reporting.models import Report
from reporting.import_files import bad_workbook
from worlds import make_places, make_plan, make_units, make_user

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture
def officer(transactional_db):
    places = make_places()
    make_plan(places["nation"])
    make_units(places)
    return make_user("city_duty_officer", places["city"], "officer")


def kept(page, name: str) -> None:
    """Keep a picture where SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def fits(page) -> bool:
    """Say whether the page needs no scrolling sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("width", "language"), [(1280, "zh-hans"), (360, "en")])
def test_a_bad_workbook_is_previewed_and_committed(open_page, officer, tmp_path, width, language):
    """The file is chosen, its errors are read, the good rows are committed, the errors are downloaded."""
    file = tmp_path / "3月1日 日报.xlsx"
    file.write_bytes(bad_workbook())
    page = open_page("/imports/", user=officer, width=width, language=language)
    page.set_input_files("#file", str(file))
    assert page.text_content("[data-chosen]") == file.name
    assert fits(page)
    kept(page, f"imports-{width}")
    page.click("form[data-upload] button")
    page.wait_for_selector("h1:has-text('日报.xlsx')")
    assert fits(page)
    kept(page, f"import-{width}")
    assert not Report.objects.exists()
    if page.query_selector("input[name=confirmed]"):
        page.check("input[name=confirmed]")
    page.click("button[value=commit]")
    page.wait_for_selector(".alert-success")
    kept(page, f"import-done-{width}")
    assert Report.objects.count() == 2
    with page.expect_download() as download:
        page.click("a[href$='/errors']")
    assert download.value.suggested_filename == "3月1日 日报-errors.xlsx"
    assert page.faults == []
