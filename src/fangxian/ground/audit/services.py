"""Writing the audit trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from fangxian.ground.audit.models import AuditEvent, ChainHead

GENESIS = "0" * 64


def record_event(
    *,
    actor: AbstractBaseUser | None,
    code: str,
    place_code: str = "",
    subject: tuple[str, str] = ("", ""),
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append one event inside the caller's transaction; ``actor=None`` is the system itself.

    ``subject`` is (kind, id) of the record that was changed or looked at.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("record_event must run inside the transaction of the change that it records")
    head, _ = ChainHead.objects.select_for_update().get_or_create(
        pk=1, defaults={"sequence": 0, "hash": GENESIS}
    )
    event = AuditEvent(
        sequence=head.sequence + 1,
        at=timezone.now(),
        actor=actor,
        actor_name=actor.get_username() if actor is not None else "system",
        code=code,
        place_code=place_code,
        object_kind=subject[0],
        object_id=str(subject[1]),
        detail=dict(detail or {}),
        previous_hash=head.hash,
    )
    event.hash = link_hash(event)
    event.save(force_insert=True)
    head.sequence, head.hash = event.sequence, event.hash
    head.save()
    return event


def link_hash(event: AuditEvent) -> str:
    """Return the SHA-256 over all that the event says and the hash before it."""
    said = {
        "sequence": event.sequence,
        "at": event.at.isoformat(),
        "actor": event.actor_id,
        "actor_name": event.actor_name,
        "code": event.code,
        "place_code": event.place_code,
        "object": [event.object_kind, event.object_id],
        "detail": event.detail,
        "previous": event.previous_hash,
    }
    return hashlib.sha256(
        json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
