"""The tree of errors.

::

    FangxianError                 code, message, remedy, fields, http status
    ├── InvalidInput              422  what a person typed or a file holds cannot be taken
    │   ├── InvalidPlan                a plan file; carries every finding with its line
    │   ├── InvalidDataset             a descriptor or the table it describes
    │   └── RefusedReport              a report that breaks its form's rules
    ├── NotPermitted              403  this person may not do this here
    ├── NotFound                  404  no such thing, or none that this person may see
    └── Conflict                  409  somebody else was first; nothing was written

Every error states the rule broken, the value received and what to do next (law 12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

Text = Mapping[str, str]
"""One wording per language: ``{"zh": "...", "en": "..."}``."""


_WORDS_OF_PLACE: Mapping[str, tuple[str, str, str, str]] = {
    "zh": ("第 {} 行", "第 {} 行", "{} 列", "，"),
    "en": ("line {}", "row {}", "column {}", ", "),
}
"""How a line, a row and a column are named, and what stands between them."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one place of an input, and its remedy.

    Parameters
    ----------
    code : str
        Machine-readable name, stable across releases, e.g. ``"value-negative"``.
    message : Text
        What is wrong, with the value received, in Chinese and English.
    remedy : Text
        What to do next, in Chinese and English.
    severity : str
        ``"error"`` refuses the input, ``"warning"`` asks for confirmation.
    file, sheet, row, column, line : optional
        Where. ``row`` and ``line`` count from 1 as a spreadsheet or an editor shows them.
    value : str, optional
        The value as received.
    """

    code: str
    message: Text
    remedy: Text
    severity: str = "error"
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    line: int | None = None
    value: str | None = None

    def where(self, language: str = "en") -> str:
        """Return the place in words, e.g. ``"report.xlsx, Sheet1, row 4, column deaths"``."""
        line, row, column, joint = _WORDS_OF_PLACE["zh" if language == "zh" else "en"]
        parts = [self.file, self.sheet]
        parts += [line.format(self.line)] if self.line is not None else []
        parts += [row.format(self.row)] if self.row is not None else []
        parts += [column.format(self.column)] if self.column is not None else []
        return joint.join(part for part in parts if part)

    def sentence(self, language: str = "en") -> str:
        """Return place, message and remedy as one sentence in a language."""
        where = self.where(language)
        joined = f"{self.message[language]} {self.remedy[language]}".strip()
        colon = "：" if language == "zh" else ": "
        return f"{where}{colon}{joined}" if where else joined


@dataclass
class FangxianError(Exception):
    """Root of all errors that are meant to be read by a person.

    Parameters
    ----------
    message : Text
        The rule broken and the value received, in Chinese and English.
    remedy : Text
        What to do next, in Chinese and English.
    fields : Mapping[str, Any]
        The values behind the message, for the API.
    findings : Sequence[Finding]
        One entry for each place of the input that is wrong.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    message: Text
    remedy: Text = field(default_factory=lambda: {"zh": "", "en": ""})
    fields: Mapping[str, Any] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    def sentence(self, language: str = "en") -> str:
        """Return message and remedy as one sentence in a language."""
        return f"{self.message[language]} {self.remedy[language]}".strip()

    def text(self, language: str = "en") -> str:
        """Return the sentence and one line for each finding, in a language."""
        lines = [self.sentence(language), *(finding.sentence(language) for finding in self.findings)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text("en")


class InvalidInput(FangxianError):
    """What a person typed or a file holds cannot be taken."""

    code = "invalid-input"
    status = 422


class InvalidPlan(InvalidInput):
    """A plan file breaks its schema; ``findings`` lists every mistake with its line."""

    code = "invalid-plan"


class InvalidDataset(InvalidInput):
    """A dataset descriptor, or the table that it describes, cannot be read."""

    code = "invalid-dataset"


class RefusedReport(InvalidInput):
    """A report breaks the rules of its form; ``findings`` names each field."""

    code = "refused-report"


class NotPermitted(FangxianError):
    """This person may not do this here."""

    code = "not-permitted"
    status = 403


class NotFound(FangxianError):
    """There is no such thing, or none that this person may see."""

    code = "not-found"
    status = 404


class Conflict(FangxianError):
    """Somebody else was first; nothing was written."""

    code = "conflict"
    status = 409
