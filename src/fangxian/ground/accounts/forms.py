"""What administrators fill in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fangxian.ground.accounts.choices import Role
from fangxian.ground.accounts.rules import ROLES


def role_choices() -> list[tuple[str, str]]:
    """Return the roles in the order of the role table."""
    return [(role.value, str(role.label)) for role in ROLES]


class _Looks(forms.Form):
    """Fields with the look of the pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- Django's own
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            chosen = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if chosen else "form-control")


class Moment(forms.DateTimeField):
    """A date and time as browsers send it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


class PersonForm(_Looks):
    """A new account."""

    username = forms.CharField(label=_("User name"), max_length=150)
    last_name = forms.CharField(label=_("Family name"), max_length=150, required=False)
    first_name = forms.CharField(label=_("Given name"), max_length=150, required=False)
    telephone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    home = forms.CharField(label=_("Place that keeps the account (code)"), max_length=32)
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters; it must be changed at the first sign-in."),
    )


class GrantForm(_Looks):
    """A role for a person."""

    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
    where = forms.CharField(
        label=_("Place or unit (code)"),
        max_length=40,
        help_text=_("A place code covers everything below it; a unit code covers that unit alone."),
    )
    valid_from = Moment(label=_("From"), required=False)
    valid_to = Moment(label=_("Until"), required=False)


class PasswordForm(_Looks):
    """A password for somebody who lost hers."""

    password = forms.CharField(
        label=_("New password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


class PostForm(_Looks):
    """A new duty post."""

    place = forms.CharField(label=_("Place (code)"), max_length=32)
    title = forms.CharField(label=_("Title in Chinese"), max_length=100)
    title_en = forms.CharField(label=_("Title in English"), max_length=100, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=role_choices, initial=Role.CITY_DUTY_OFFICER.value)
    telephone = forms.CharField(label=_("Telephone"), max_length=40, required=False)


class DutyForm(_Looks):
    """Who is on duty from when until when."""

    username = forms.CharField(label=_("User name"), max_length=150)
    valid_from = Moment(label=_("From"))
    valid_to = Moment(label=_("Until"))

    def span(self) -> tuple[datetime, datetime]:
        """Return both ends."""
        return self.cleaned_data["valid_from"], self.cleaned_data["valid_to"]


class TokenForm(_Looks):
    """A token for a program."""

    name = forms.CharField(label=_("What the program is"), max_length=100)
    days = forms.IntegerField(label=_("Days it lasts"), min_value=1, max_value=366, initial=90)
