"""Writing the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from fangxian.ground.audit.models import AuditEvent, ChainHead
from fangxian.ground.audit.rules import GENESIS, clean_text, known_code, plain


@dataclass(frozen=True)
class Entry:
    """One event to be written; ``subject`` is (kind, id) of the record that was changed or looked at."""

    code: str
    place_code: str = ""
    subject: tuple[str, str] = ("", "")
    detail: Mapping[str, Any] = field(default_factory=dict)


def record_event(
    *,
    actor: AbstractBaseUser | None,
    code: str,
    place_code: str = "",
    subject: tuple[str, str] = ("", ""),
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append one event inside the caller's transaction; ``actor=None`` is the system itself."""
    entry = Entry(code, place_code, subject, detail or {})
    return record_events(actor=actor, entries=[entry])[0]


def record_events(*, actor: AbstractBaseUser | None, entries: Sequence[Entry]) -> list[AuditEvent]:
    """Append many events of one actor with one lock of the chain, in the caller's transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("record_event must run inside the transaction of the change that it records")
    head, _ = ChainHead.objects.select_for_update().get_or_create(
        pk=1, defaults={"sequence": 0, "hash": GENESIS}
    )
    now = timezone.now()
    name = clean_text(actor.get_username()) if actor is not None else "system"
    events = []
    for entry in entries:
        event = AuditEvent(
            sequence=head.sequence + 1,
            at=now,
            actor=actor,
            actor_name=name,
            code=known_code(entry.code).code,
            place_code=clean_text(entry.place_code),
            object_kind=clean_text(entry.subject[0]),
            object_id=clean_text(str(entry.subject[1])),
            detail=plain(entry.detail),
            previous_hash=head.hash,
        )
        event.hash = event.link().hash()
        head.sequence, head.hash = event.sequence, event.hash
        events.append(event)
    AuditEvent.objects.bulk_create(events, batch_size=500)
    head.save()
    return events
