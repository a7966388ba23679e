"""What administrators type about facilities."""

from __future__ import annotations

import base64
import binascii
import gzip
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from fangxian.ground.places.choices import CapacityKind
from fangxian.ground.places.models import Facility, Place
from fangxian.ground.places.rules.tables import LARGEST

LARGEST_FILE = 16 * 2**20
HELD_BYTES = 1_500_000


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class FacilityForm(forms.ModelForm):
    """One facility; its place is given by code and must lie within the administrator's place."""

    place_code = forms.CharField(label=_("Place code"), max_length=32)

    class Meta:
        model = Facility
        fields = [
            "code", "name", "name_en", "kind", "grade", "address", "telephone", "longitude", "latitude",
            "opened", "closed", "population_served", "source",
        ]  # fmt: skip
        widgets = {"opened": DayInput(), "closed": DayInput()}
        labels = {
            "code": _("Code"),
            "name": _("Name"),
            "name_en": _("Name in English"),
            "kind": _("Kind"),
            "grade": _("Grade"),
            "address": _("Address"),
            "telephone": _("Telephone"),
            "longitude": _("Longitude"),
            "latitude": _("Latitude"),
            "opened": _("Opened"),
            "closed": _("Closed"),
            "population_served": _("People served"),
            "source": _("Source"),
        }

    def __init__(self, *args: Any, within: Place, place: Place | None = None, **kwargs: Any) -> None:  # noqa: ANN401 -- as the framework's own form
        super().__init__(*args, **kwargs)
        self.within = within
        self.place = place
        self.fields["place_code"].initial = place.code if place else within.code

    def values(self, place: Place) -> dict[str, Any]:
        """Return the fields to write, with the place found for the code."""
        named = {name: value for name, value in self.cleaned_data.items() if name != "place_code"}
        return {**named, "place": place}

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the beginning."""
        cleaned = super().clean() or self.cleaned_data
        opened, closed = cleaned.get("opened"), cleaned.get("closed")
        if opened and closed and closed <= opened:
            self.add_error("closed", _("The day of closing must come after the day of opening."))
        return cleaned


class CapacityForm(forms.Form):
    """An amount from a day on."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CapacityKind.choices)
    amount = forms.IntegerField(label=_("Amount"), min_value=0, max_value=LARGEST)
    valid_from = forms.DateField(label=_("From"), widget=DayInput())


class FacilityImportForm(forms.Form):
    """A table of facilities: first to preview, then held in the page until it is committed."""

    file = forms.FileField(label=_("Excel or CSV file"), required=False)
    capacity_from = forms.DateField(label=_("Capacities hold from"), required=False, widget=DayInput())
    held = forms.CharField(required=False, widget=forms.HiddenInput)
    held_name = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Take the content from the upload or from the page, and hold it for the next step."""
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("file")
        if upload is not None:
            if upload.size > LARGEST_FILE:
                raise ValidationError(_("The file is larger than 16 MB; use the command line for it."))
            cleaned["content"], cleaned["name"] = upload.read(), upload.name
        elif cleaned.get("held"):
            try:
                cleaned["content"] = gzip.decompress(base64.b64decode(cleaned["held"], validate=True))
            except (binascii.Error, OSError, EOFError) as error:
                raise ValidationError(_("The file was not held; choose it again.")) from error
            cleaned["name"] = cleaned.get("held_name") or "file"
        else:
            self.add_error("file", _("Choose a file."))
        return cleaned

    def hold(self) -> str | None:
        """Return the content as the page holds it; None where it is too large for that."""
        held = base64.b64encode(gzip.compress(self.cleaned_data["content"])).decode()
        return held if len(held) <= HELD_BYTES else None
