"""People who use the system, what they are and where."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from fangxian.ground.accounts.choices import Role
from fangxian.ground.places.models import Facility, Place


class UserRecords(BaseUserManager):
    """Making users with a hashed password; there is no superuser to make."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:  # noqa: ANN401 -- model fields
        """Return a new user, saved; without a password nobody can sign in to it."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account; what she may do comes from grants alone: there are no admin flags."""

    username = models.CharField(max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    home = models.ForeignKey(
        Place,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        help_text="Where the account is kept: its administrators answer for it",
    )
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(
        default=False, help_text="Somebody else knows the password; it opens nothing but its own change"
    )
    session_epoch = models.PositiveIntegerField(default=0, help_text="Raised to end all sessions at once")
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserRecords()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="username_once_in_any_case")]

    def __str__(self) -> str:
        return self.username

    @property
    def display_name(self) -> str:
        """Return the name as written in Chinese order, or the user name."""
        return f"{self.last_name}{self.first_name}" or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Tie every session to the password and to the epoch: raising either ends them all."""
        return salted_hmac(
            "fangxian.accounts.session",
            f"{self.password}:{self.session_epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


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
    """A role over the subtree of a place, or at one facility, for a span of time; ended, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32, choices=Role.choices)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, related_name="grants")
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, blank=True, related_name="grants")
    post = models.ForeignKey(DutyPost, models.PROTECT, null=True, blank=True, related_name="grants")
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True, help_text="First moment at which it has ended")

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

    @property
    def where(self) -> Place | Facility:
        """Return the place or facility over which the role is held."""
        scope = self.place or self.facility
        if scope is None:
            raise ValueError(f"grant {self.pk} has neither place nor facility")
        return scope

    @property
    def root(self) -> Place:
        """Return the place whose administrators answer for this grant."""
        if self.place is not None:
            return self.place
        return self.facility.place


class ApiToken(models.Model):
    """A key with which a program acts as its owner; only its hash is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100, help_text="What the program is")
    prefix = models.CharField(max_length=12, help_text="The first characters, to tell tokens apart")
    hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the whole token")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    def is_usable(self) -> bool:
        """Say whether the token opens anything now."""
        return self.revoked_at is None and timezone.now() < self.expires_at and self.user.is_active
