"""The API of reporting, one file for each kind of thing."""

from __future__ import annotations

from ninja import Router

from fangxian.reporting.api import dhis2, figures, imports, reports

router = Router(tags=["reporting"])
router.add_router("", reports.router)
router.add_router("", figures.router)
router.add_router("", imports.router)
router.add_router("", dhis2.router)
