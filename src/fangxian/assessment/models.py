"""Briefs that were issued and forecasts that were made: later it can be told what was said, and why."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fangxian.ground.places.models import Place


class BriefRun(models.Model):
    """One brief that left the system as a document; never changed afterwards."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="brief_runs")
    as_of = models.DateField()
    plan_id = models.CharField(max_length=64)
    plan_version = models.CharField(max_length=32)
    program_version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64, help_text="Of the JSON contract")
    document = models.CharField(max_length=16, help_text="print, docx or json")
    synthetic = models.BooleanField(default=False, help_text="模拟数据")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="brief_runs", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.place_id} {self.as_of} {self.sha256[:12]}"


class KeptForecast(models.Model):
    """What was forecast of one figure of a place from what was known on a day; never changed afterwards."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="forecasts", db_index=False)
    indicator = models.CharField(max_length=64)
    as_of = models.DateField(help_text="Nothing reported after the end of this day was known")
    last_day = models.DateField(help_text="Last day whose counts were known; week 1 begins on the next")
    model = models.CharField(max_length=32)
    program_version = models.CharField(max_length=32)
    quantiles = models.JSONField(help_text="[week][level] of weekly sums, the 23 levels of the hubs")
    baseline = models.JSONField(help_text="The same of 'as in the last week'")
    synthetic = models.BooleanField(default=False, help_text="模拟数据")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="forecasts", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "as_of", "indicator"], name="one_forecast_a_figure_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.indicator} {self.as_of}"
