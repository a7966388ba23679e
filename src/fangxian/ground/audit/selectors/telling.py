"""An event as its reader understands it: labels of the plan, names of places and units, yes and no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import override

from fangxian.ground.accounts.choices import Role
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.audit.rules import (
    BY_STRANGERS,
    DETAIL_WORDS,
    SUBJECT_WORDS,
    VALUE_WORDS,
    sentence,
    yes_or_no,
)
from fangxian.ground.emergency_plans.selectors import labels_of_plans
from fangxian.ground.places.choices import CapacityKind, FacilityKind, Grade
from fangxian.ground.places.models import Facility, Place

ABOUT_PERSON = "username"
NAMED_BY_CODE = ("unit", "where", "into")
NAMED_SUBJECTS = {"report": "unit", "form": "form", "plan_in_force": "plan"}
FREE_TEXT = ("name", "reason", "title")
LONGEST = 400
DIGEST_SHOWN = 12


@dataclass(frozen=True)
class Told:
    """One event in the words of one language."""

    event: AuditEvent
    said: str
    place: Place | None
    detail: list[tuple[str, str]]


def described(events: list[AuditEvent], language: str) -> list[Told]:
    """Return events in words; somebody who did not prove who she is stays somebody."""
    words = _Words.of(events, language)
    return [
        Told(
            event,
            sentence(event.code, words.actor(event), words.about(event), language),
            words.places.get(event.place_code),
            words.detail(event),
        )
        for event in events
    ]


@dataclass(frozen=True)
class _Words:
    """What codes and ids mean, read once for all events of a page."""

    language: str
    places: Mapping[str, Place]
    names: Mapping[str, str]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, events: Iterable[AuditEvent], language: str) -> _Words:
        english = language == "en"
        said = [event.detail.get(key) for event in events for key in NAMED_BY_CODE]
        said += [event.object_id for event in events if event.object_kind == "facility"]
        codes = {code for code in said if isinstance(code, str)}
        wanted = codes | {event.place_code for event in events if event.place_code}
        places = {place.code: place for place in Place.objects.filter(code__in=wanted)}
        units = Facility.objects.filter(code__in=codes).values_list("code", "name", "name_en")
        names = {code: (place.name_en if english else "") or place.name for code, place in places.items()}
        names |= {code: (name_en if english else "") or name for code, name, name_en in units}
        labels = {key: label.in_language(language) for key, label in labels_of_plans().items()}
        with override("en" if english else "zh-hans"):
            for choice in (Role, CapacityKind, FacilityKind, Grade):
                labels |= {value: str(label) for value, label in choice.choices if value not in labels}
        labels |= {value: said[english] for value, said in VALUE_WORDS.items()}
        return cls(language, places, names, labels)

    def actor(self, event: AuditEvent) -> str:
        """Return who did it, by name."""
        if event.actor is not None:
            return str(event.actor.display_name)
        if event.code in BY_STRANGERS:
            return "Somebody" if self.language == "en" else "有人"
        return "The system" if self.language == "en" else "系统"

    def about(self, event: AuditEvent) -> str:
        """Return to whom or what it was done, by name where it has one."""
        detail = event.detail
        if ABOUT_PERSON in detail:
            return "" if detail[ABOUT_PERSON] == event.actor_name else str(detail[ABOUT_PERSON])
        named = detail.get(NAMED_SUBJECTS.get(event.object_kind, ""))
        if isinstance(named, str):
            return self._value(NAMED_SUBJECTS[event.object_kind], named)
        kind = self._pair(SUBJECT_WORDS, event.object_kind)
        return f"{kind} {self.names.get(event.object_id, event.object_id)}".strip()

    def detail(self, event: AuditEvent) -> list[tuple[str, str]]:
        """Return what else is known of it; what is absent is left out."""
        about = self.about(event)
        told = [
            (self._key(key), self._value(key, value))
            for key, value in sorted(event.detail.items())
            if key != ABOUT_PERSON and value not in (None, "", [], {})
        ]
        return [(key, value) for key, value in told if value != about]

    def _pair(self, words: Mapping[str, tuple[str, str]], key: str) -> str:
        return words.get(key, (key, key))[self.language == "en"]

    def _key(self, key: str) -> str:
        return self.labels.get(key) or self._pair(DETAIL_WORDS, key)

    def _value(self, key: str, value: object) -> str:
        if value is None:
            return "not known" if self.language == "en" else "不详"
        if isinstance(value, bool):
            return yes_or_no(value, self.language)
        if isinstance(value, Mapping):
            pairs = sorted(value.items())  # PostgreSQL does not keep the order in which they were written
            return self._joined(f"{self._key(each)} {self._value(each, one)}" for each, one in pairs)
        if isinstance(value, list):
            return self._joined(self._value(key, one) for one in value)
        return self._text(key, str(value))

    def _text(self, key: str, text: str) -> str:
        if key in ("sha256", "digest"):
            return text[:DIGEST_SHOWN]
        if key in NAMED_BY_CODE and text in self.names:
            return (
                f"{self.names[text]} ({text})" if self.language == "en" else f"{self.names[text]}（{text}）"
            )
        if key in FREE_TEXT:
            return text[:LONGEST]
        return self.labels.get(text) or _moment(text) or text[:LONGEST]

    def _joined(self, parts: Iterable[str]) -> str:
        return (", " if self.language == "en" else "、").join(parts)


def _moment(text: str) -> str:
    """Return a moment as the clock on the wall shows it; nothing if the text is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at.tzinfo is not None else ""
