"""What every record of a plan file is made of: identifiers, wordings, sources and how far to trust them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
FieldIdentifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,47}$")]
NonEmpty = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Record(BaseModel):
    """A frozen record that refuses keys it does not know and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Wording(Record):
    """One text in Chinese and in English."""

    zh: NonEmpty
    en: NonEmpty

    def in_language(self, language: str) -> str:
        """Return the English text for a language code that begins with ``en``, else the Chinese one."""
        return self.en if language.lower().startswith("en") else self.zh


class Source(Record):
    """Where a value comes from."""

    id: Identifier
    title: NonEmpty
    url: str | None = None
    date: str | None = None
    note: str | None = None


class Status(StrEnum):
    """How far a value can be trusted."""

    REGULATION = "regulation"  # printed in a rule in force
    PUBLISHED = "published"  # printed in the paper named
    SECOND_HAND = "second-hand"  # quoted from a secondary page
    DEFAULT = "default"  # a working value; no source was found


class Sourced(Record):
    """A record whose values have one source and one status."""

    source: Identifier | None = Field(default=None, description="Id of a [[source]] of the same file")
    status: Status = Field(default=Status.DEFAULT, description="How far the value can be trusted")


class Phase(StrEnum):
    """Phase of prevention and control."""

    CONTAINMENT = "containment"  # 围堵: find, trace, test, transfer, isolate
    MITIGATION = "mitigation"  # 保健康、防重症
    SEASONAL = "seasonal"  # routine surveillance of a seasonal disease
