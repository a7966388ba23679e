"""The form by which an administrator puts a plan in force."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fangxian.plans.loader import MAXIMUM_BYTES


class PutInForceForm(forms.Form):
    """A plan file, or its text after a preview, and the day from which it holds."""

    file = forms.FileField(label=_("Plan file (TOML)"), required=False)
    text = forms.CharField(widget=forms.HiddenInput, required=False, strip=False, max_length=MAXIMUM_BYTES)
    valid_from = forms.DateField(
        label=_("Holds from"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        """Read the file as text; the browser may hand back the text of a preview instead."""
        cleaned = super().clean() or {}
        uploaded = cleaned.get("file")
        if uploaded is not None:
            if uploaded.size > MAXIMUM_BYTES:
                raise forms.ValidationError(_("A plan file has at most 2 MB."))
            try:
                cleaned["text"] = uploaded.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(_("The file is not UTF-8. Save it as UTF-8.")) from None
        if not cleaned.get("text"):
            raise forms.ValidationError(_("Choose a plan file."))
        cleaned["text"] = cleaned["text"].replace("\r\n", "\n")
        return cleaned
