"""DHIS2 ``dataValueSets`` in and out, so that a DHIS2 and this system can exchange daily reports."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Body, Query, Router

from fangxian.base.errors import InvalidInput
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires
from fangxian.reporting.selectors.exports import ExportRequest, data_value_set, place_or_unit
from fangxian.reporting.services.dhis2 import ValueSetRequest, import_value_set

router = Router(tags=["dhis2"])


@router.post("/dhis2/dataValueSets", summary="Take a DHIS2 data value set", response={200: dict, 409: dict})
@requires(Action.IMPORT_REPORTS)
def take_value_set(
    request: HttpRequest,
    body: Body[dict[str, Any]],
    dataSet: str | None = None,  # noqa: N803 -- DHIS2's own name
    dryRun: bool = False,  # noqa: N803 -- DHIS2's own name
    mapping: Query[list[str] | None] = None,
) -> HttpResponse:
    """Take daily data values: dataSet is a form, orgUnit a unit, dataElement a field, period yyyyMMdd.

    ``mapping=FOREIGN:OURS`` (repeated) translates the identifiers of another DHIS2. The answer is an import
    summary; values that were not taken are its conflicts, with the status 409 as in DHIS2.
    """
    asked = ValueSetRequest(body, dataSet, _pairs(mapping or ()), dry_run=dryRun)
    answer = import_value_set(actor=request.user, asked=asked)
    return JsonResponse(answer, status=answer["httpStatusCode"])


@router.get("/dhis2/dataValueSets", summary="Give a DHIS2 data value set", response={200: dict})
@requires(Action.VIEW_REPORTS)
def give_value_set(
    request: HttpRequest,
    dataSet: str,  # noqa: N803 -- DHIS2's own name
    orgUnit: str,  # noqa: N803 -- DHIS2's own name
    period: str | None = None,
    startDate: date | None = None,  # noqa: N803 -- DHIS2's own name
    endDate: date | None = None,  # noqa: N803 -- DHIS2's own name
) -> dict[str, Any]:
    """Return the current reports of a unit, or of all units in a place, as data values."""
    place, unit = place_or_unit(orgUnit)
    first, last = _days(period, startDate, endDate)
    return data_value_set(request.user, ExportRequest(dataSet, place, first, last, unit))


def _pairs(mapping: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for text in mapping:
        foreign, colon, ours = text.partition(":")
        if not colon or not foreign or not ours:
            raise InvalidInput(
                {"zh": f"mapping“{text}”不是“外部：本地”。", "en": f"mapping “{text}” is not FOREIGN:OURS."},
                {"zh": "例如 mapping=fbfJHSPpUQD:new_cases。", "en": "E.g. mapping=fbfJHSPpUQD:new_cases."},
            )
        pairs[foreign] = ours
    return pairs


def _days(period: str | None, first: date | None, last: date | None) -> tuple[date, date]:
    if period is not None:
        if len(period) != 8 or not period.isdecimal():
            raise InvalidInput(
                {"zh": f"期间“{period}”不是 yyyyMMdd。", "en": f"The period “{period}” is not yyyyMMdd."},
                {"zh": "例如 20230105。", "en": "E.g. 20230105."},
            )
        day = date.fromisoformat(period)
        return day, day
    last = last or timezone.localdate()
    return first or last, last
