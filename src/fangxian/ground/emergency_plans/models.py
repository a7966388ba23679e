"""Which edition of which emergency plan is in force where, and since when."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fangxian.ground.places.models import Place


class PlanEdition(models.Model):
    """The text of one plan file as it was put in force; never changed afterwards."""

    plan_id = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64, unique=True)
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.plan_id} {self.version}"


class PlanInForce(models.Model):
    """An edition in force for a subtree of places from a day on; a nearer place's plan goes before."""

    edition = models.ForeignKey(PlanEdition, models.PROTECT, related_name="in_force")
    place = models.ForeignKey(Place, models.PROTECT, related_name="plans_in_force")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="First day on which it holds no more")
    decided_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plans_decided",
        help_text="Absent: the system itself",
    )

    class Meta:
        verbose_name_plural = "plans in force"
        ordering = ["place__tree_left", "valid_from", "pk"]
        indexes = [models.Index(fields=["place", "valid_from"], name="plan_in_force_since")]

    def __str__(self) -> str:
        return f"{self.edition_id} @ {self.place_id} from {self.valid_from}"
