"""Words for the state of a report."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReportState(TextChoices):
    """Where one unit stands with one form for one day."""

    NOT_DUE = "not_due", _("Not due")  # the unit does not owe this form on this day
    DUE = "due", _("Due")  # owed, the deadline still ahead
    IN_TIME = "in_time", _("In time")
    LATE = "late", _("Late")
    MISSING = "missing", _("Missing")  # the deadline has passed and nothing came


class Channel(TextChoices):
    """How a report came in."""

    WEB = "web", _("Web form")
    EXCEL = "excel", _("Excel file")
    CSV = "csv", _("CSV file")
    API = "api", _("API")
    DHIS2 = "dhis2", _("DHIS2 data value set")
    DATASET = "dataset", _("Dataset by descriptor")
    GENERATOR = "generator", _("Generator")


class ImportStatus(TextChoices):
    """How far an import has come; nothing of a file is written before it is committed."""

    PREVIEWED = "previewed", _("Previewed")
    COMMITTED = "committed", _("Committed")
    ABANDONED = "abandoned", _("Abandoned")
