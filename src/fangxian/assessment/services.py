"""Issuing a brief: the one thing that assessment writes."""

from __future__ import annotations

import hashlib

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from fangxian.assessment.models import BriefRun
from fangxian.ground.audit.services import record_event
from fangxian.ground.places.models import Place
from fangxian.studies.brief.contract import Brief


def record_brief_issued(
    *, actor: AbstractBaseUser | None, place: Place, brief: Brief, document: str
) -> BriefRun:
    """Record that a brief left the system as a document, with the hash of what it said."""
    digest = hashlib.sha256(brief.to_json().encode()).hexdigest()
    with transaction.atomic():
        run = BriefRun.objects.create(
            place=place,
            as_of=brief.as_of,
            plan_id=brief.plan.get("id", ""),
            plan_version=brief.plan.get("version", ""),
            program_version=brief.generated_by.version,
            sha256=digest,
            document=document,
            synthetic=brief.synthetic,
            actor=actor,
            at=timezone.now(),
        )
        record_event(
            actor=actor,
            code="assessment.brief_issued",
            place_code=place.code,
            subject=("brief", str(run.pk)),
            detail={"as_of": brief.as_of, "document": document, "sha256": digest},
        )
    return run
