"""People who use the system, what they are and where."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from fangxian.ground.accounts.choices import Role
from fangxian.ground.places.models import Facility, Place


class User(AbstractUser):
    """A person with an account; what she may do comes from grants alone, never from flags."""

    telephone = models.CharField(max_length=40, blank=True)

    @property
    def display_name(self) -> str:
        """Return the name as written in Chinese order, or the user name."""
        return f"{self.last_name}{self.first_name}" or self.username


class DutyPost(models.Model):
    """A post that somebody holds at any hour, e.g. the city duty officer."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="duty_posts")
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=32, choices=Role.choices)
    telephone = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "title"], name="duty_post_once")]

    def __str__(self) -> str:
        return self.title


class Grant(models.Model):
    """A role over the subtree of a place, or at one facility, for a span of time."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(max_length=32, choices=Role.choices)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="grants")
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, blank=True, related_name="grants")
    post = models.ForeignKey(DutyPost, models.PROTECT, null=True, blank=True, related_name="grants")
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(place__isnull=False, facility__isnull=True)
                | models.Q(place__isnull=True, facility__isnull=False),
                name="grant_has_one_scope",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
