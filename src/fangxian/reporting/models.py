"""Reports as an append-only series of revisions, and the totals kept beside them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fangxian.ground.places.models import Facility, Place
from fangxian.reporting.choices import Channel, ImportStatus


class ImportBatch(models.Model):
    """One file that was read: what was in it and what became of each row."""

    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    status = models.CharField(max_length=16, choices=ImportStatus.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="import_batches")
    at = models.DateTimeField()
    rows_read = models.PositiveIntegerField(default=0)
    rows_accepted = models.PositiveIntegerField(default=0)
    rows_refused = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    options = models.JSONField(
        default=dict,
        help_text="What the person said about the whole file, and its first rows for the preview",
    )
    content = models.BinaryField(
        null=True,
        help_text="The file as it came, kept until abandoned, or until committed with no row refused",
    )
    footing = models.JSONField(
        null=True, help_text="What the preview rests on: register, plans and reports as it found them"
    )
    faults = models.BinaryField(null=True, help_text="What is wrong with each refused row of the content")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 over the rows written")

    class Meta:
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    rows_read=models.F("rows_accepted")
                    + models.F("rows_refused")
                    + models.F("rows_unchanged")
                ),
                name="import_rows_add_up",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.status}"


class StagedRows(models.Model):
    """Rows of a previewed file as they were judged, kept so that its commit need not judge them again."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="staged")
    form = models.CharField(max_length=64)
    edition = models.CharField(max_length=64, help_text="SHA-256 of the edition of the plan that holds")
    rows = models.BinaryField(help_text="Parquet")

    class Meta:
        verbose_name_plural = "staged rows"

    def __str__(self) -> str:
        return f"{self.batch_id} {self.form}"


class Report(models.Model):
    """One revision of what a unit said on a form about a day.

    ``values`` maps field id to number; a missing key was not reported, ``null`` was declared not known,
    and 0 is zero (law 8). A correction appends a row; only ``is_current`` of the old row changes.
    """

    unit = models.ForeignKey(  # every writer holds the units locked, and none is ever removed
        Facility, models.PROTECT, related_name="reports", db_index=False, db_constraint=False
    )
    form = models.CharField(max_length=64)
    day = models.DateField()
    revision = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    values = models.JSONField()
    zero_declared = models.BooleanField(default=False)
    late = models.BooleanField(default=False, help_text="The first revision came after the deadline")
    reported_at = models.DateTimeField(help_text="When the unit said it: what an as-of view goes by")
    entered_at = models.DateTimeField(help_text="When this system wrote it down")
    entered_by = models.ForeignKey(  # accounts are closed, never removed: checking each row costs a third
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="reports_entered",
        db_index=False,
        db_constraint=False,
    )
    channel = models.CharField(max_length=16, choices=Channel.choices)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was corrected")
    batch = models.ForeignKey(
        ImportBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        db_index=False,
        db_constraint=False,
    )
    synthetic = models.BooleanField(default=False, help_text="模拟数据")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "form", "day", "revision"], name="report_revision_once"),
            models.UniqueConstraint(
                fields=["form", "day", "unit"],
                condition=models.Q(is_current=True),
                name="report_one_current",
            ),
        ]
        indexes = [  # for as-of views: of each day, what was said after a moment
            models.Index(fields=["form", "day", "reported_at"], name="report_day_reported_at")
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.form} {self.day} r{self.revision}"


class Total(models.Model):
    """Sums over the current reports of a subtree for one form and day, kept as reports come in.

    Kept for every place above the lowest level (villages are read directly). ``sums`` and ``counts`` map a
    field id to the sum and to the number of units that gave a number; a field nobody gave has no key.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="totals", db_index=False)
    form = models.CharField(max_length=64)
    day = models.DateField()
    sums = models.JSONField(default=dict)
    maxima = models.JSONField(default=dict, help_text="Only for fields whose aggregation is max")
    counts = models.JSONField(default=dict)
    reported = models.PositiveIntegerField(default=0)
    zero_declared = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    corrected = models.PositiveIntegerField(default=0)
    population_reported = models.PositiveBigIntegerField(default=0)
    synthetic = models.PositiveIntegerField(default=0, help_text="How many of the reports are 模拟数据")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "form", "day"], name="total_once")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.form} {self.day}"


class Contradiction(models.Model):
    """Figures that cannot all be true: a cross-form rule of the plan that failed, until it holds again.

    About one unit that owes several forms, or (``unit`` empty) about the totals of a place for which every
    unit of the forms concerned has reported.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="contradictions", db_index=False)
    unit = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="contradictions", db_index=False
    )
    form = models.CharField(max_length=64, help_text="Form of the report that brought it to light")
    day = models.DateField()
    check_id = models.CharField(max_length=64)
    severity = models.CharField(max_length=16)
    figures = models.JSONField(help_text="Each name of the rule with its value")
    found_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "unit", "check_id"],
                condition=models.Q(resolved_at__isnull=True, unit__isnull=False),
                name="contradiction_unit_open_once",
            ),
            models.UniqueConstraint(
                fields=["day", "place", "check_id"],
                condition=models.Q(resolved_at__isnull=True, unit__isnull=True),
                name="contradiction_place_open_once",
            ),
        ]
        indexes = [models.Index(fields=["day", "place"], name="contradiction_day")]

    def __str__(self) -> str:
        return f"{self.unit_id or self.place_id} {self.day} {self.check_id}"
