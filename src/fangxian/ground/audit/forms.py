"""How a reader narrows the trail."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from fangxian.ground.audit.rules import REGISTRY
from fangxian.ground.audit.selectors import Wanted


class TrailForm(forms.Form):
    """Person, kind of event, place and day; everything may be left out."""

    person = forms.CharField(label=_("Person"), max_length=150, required=False)
    code = forms.ChoiceField(label=_("Event"), required=False)
    place = forms.CharField(label=_("Place (code)"), max_length=32, required=False)
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, data: dict[str, str], language: str) -> None:
        super().__init__(data)
        words = sorted((known.number, known.code, getattr(known, language)) for known in REGISTRY.values())
        self.fields["code"].choices = [("", _("All")), *((code, said) for _number, code, said in words)]
        for field in self.fields.values():
            chosen = isinstance(field.widget, forms.Select)
            field.widget.attrs["class"] = "form-select" if chosen else "form-control"

    def wanted(self) -> Wanted:
        """Return what is asked for; a field that cannot be read asks for nothing."""
        given = self.cleaned_data if self.is_valid() else {}
        return Wanted(
            person=given.get("person", ""),
            code=given.get("code", ""),
            place=given.get("place", ""),
            day=given.get("day"),
            before=given.get("before"),
        )
