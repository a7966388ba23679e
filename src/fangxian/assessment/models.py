"""The record of each brief that was issued: later it can be told what was said and on what grounds."""

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
