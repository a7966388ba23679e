"""The append-only, hash-chained record of who did what."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from fangxian.ground.audit.rules import Link


class AuditEvent(models.Model):
    """One thing done, chained to the one before by its hash; the database refuses change and removal."""

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_events"
    )
    actor_name = models.CharField(max_length=150, help_text="As it was then; 'system' for the system itself")
    code = models.CharField(max_length=64, help_text="From the code registry")
    place_code = models.CharField(max_length=32, blank=True)
    object_kind = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="audit_object"),
            models.Index(fields=["place_code", "at"], name="audit_place"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.code}"

    def link(self) -> Link:
        """Return what the hash is taken over."""
        return Link(
            sequence=self.sequence,
            at=self.at,
            actor_id=self.actor_id,
            actor_name=self.actor_name,
            code=self.code,
            place_code=self.place_code,
            object_kind=self.object_kind,
            object_id=self.object_id,
            detail=self.detail,
            previous_hash=self.previous_hash,
        )


class ChainHead(models.Model):
    """The last link, locked by whoever writes the next."""

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.sequence} {self.hash[:12]}"
