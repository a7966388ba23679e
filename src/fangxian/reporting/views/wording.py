"""Plan and error texts in the language of the page, with labels where a message names a field by its id."""

from __future__ import annotations

import re

from django.utils.translation import get_language

from fangxian.base.errors import Finding, Text
from fangxian.plans.schema import Form, Wording


def language() -> str:
    """Return ``zh`` or ``en``."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def worded(text: Wording | Text) -> str:
    """Return a text given in both languages in that of the page."""
    return str(getattr(text, language())) if isinstance(text, Wording) else text[language()]


def sentence(finding: Finding, form: Form) -> str:
    """Return what is wrong and what to do, as it stands beside the field."""
    return with_labels(f"{worded(finding.message)} {worded(finding.remedy)}".strip(), form)


def with_labels(text: str, form: Form) -> str:
    """Put the label of a field where a text names it by its id."""
    for field in sorted(form.fields, key=lambda each: -len(each.id)):
        text = re.sub(rf"(?<![a-z0-9_]){field.id}(?![a-z0-9_])", worded(field.label), text)
    before = r"\1 the day before" if language() == "en" else r"前一日\1"
    return re.sub(r"previous\(([^()]*)\)", before, text)
