"""Reading the trail: only what lies in the reader's scope, and whether the chain still holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from django.db.models import Q, QuerySet
from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.audit.models import AuditEvent, ChainHead
from fangxian.ground.audit.rules import GENESIS
from fangxian.ground.places.models import Place

BATCH = 2000


@dataclass(frozen=True)
class Wanted:
    """Which events a reader asks for; an empty field asks for all."""

    person: str = ""
    code: str = ""
    place: str = ""
    day: date | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True)
class BrokenLink:
    """The first event at which the chain does not hold.

    ``differs`` is ``gap`` (numbers missing before it), ``previous`` (it does not follow the event before),
    ``hash`` (what it says was changed), ``tail`` (events missing at the end), ``head`` (the kept head is
    not the last event) or ``anchor`` (the event noted earlier outside this system is not the same).
    """

    sequence: int
    differs: str
    expected: str
    found: str


@dataclass(frozen=True)
class ChainReport:
    """How many events were read, where the chain ends, and the first broken link if there is one."""

    count: int
    sequence: int
    hash: str
    broken: BrokenLink | None


def events_for(viewer: User, wanted: Wanted) -> list[AuditEvent]:
    """Return the newest events first: those in places where the viewer may see the trail, and her own."""
    events = AuditEvent.objects.filter(_visible(viewer)).select_related("actor").order_by("-sequence")
    events = _narrowed(events, wanted)
    return list(events[: wanted.limit])


def events_at(place: Place | None, since: datetime | None, limit: int) -> list[AuditEvent]:
    """Return the newest events below a place since a moment; for the operator at the machine itself."""
    events = AuditEvent.objects.select_related("actor").order_by("-sequence")
    if place is not None:
        events = events.filter(place_code__in=_codes_below(place))
    if since is not None:
        events = events.filter(at__gte=since)
    return list(events[:limit])[::-1]


def last_sequence() -> int:
    """Return the number of the newest event; each event comes to light with all before it."""
    return ChainHead.objects.filter(pk=1).values_list("sequence", flat=True).first() or 0


def changed_since(sequence: int, rooms: Sequence[str]) -> bool:
    """Say whether anything was done in some rooms (the part of a code before the dot) after an event."""
    events = AuditEvent.objects.filter(sequence__gt=sequence).order_by()
    return any(code.partition(".")[0] in rooms for code in events.values_list("code", flat=True).distinct())


def verify_chain(anchor: tuple[int, str] | None = None) -> ChainReport:
    """Read the whole trail once, in batches, and return the first link that does not hold.

    ``anchor`` is a (sequence, hash) that somebody kept outside this system: with it, even a trail that was
    rewritten from end to end is found out.
    """
    head = ChainHead.objects.filter(pk=1).first()
    count, last, previous = 0, 0, GENESIS
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=BATCH):
        broken = _broken_at(event, last, previous, anchor)
        if broken is not None:
            return ChainReport(count, last, previous, broken)
        count, last, previous = count + 1, event.sequence, event.hash
    return ChainReport(count, last, previous, _broken_end(head, last, previous, anchor))


def _broken_at(
    event: AuditEvent, last: int, previous: str, anchor: tuple[int, str] | None
) -> BrokenLink | None:
    if event.sequence != last + 1:
        return BrokenLink(last + 1, "gap", str(last + 1), str(event.sequence))
    if event.previous_hash != previous:
        return BrokenLink(event.sequence, "previous", previous, event.previous_hash)
    computed = event.link().hash()
    if event.hash != computed:
        return BrokenLink(event.sequence, "hash", computed, event.hash)
    if anchor is not None and anchor[0] == event.sequence and anchor[1] != event.hash:
        return BrokenLink(event.sequence, "anchor", anchor[1], event.hash)
    return None


def _broken_end(
    head: ChainHead | None, last: int, previous: str, anchor: tuple[int, str] | None
) -> BrokenLink | None:
    if anchor is not None and anchor[0] > last:
        return BrokenLink(last + 1, "tail", str(anchor[0]), str(last))
    if head is not None and head.sequence > last:
        return BrokenLink(last + 1, "tail", str(head.sequence), str(last))
    if head is None or head.sequence < last:
        head = ChainHead.objects.filter(pk=1).first()  # events may have come in while we read
        if head is None or head.sequence < last:
            return BrokenLink(last, "head", str(last), str(head.sequence if head else 0)) if last else None
    if head.sequence == last and head.hash != previous:
        return BrokenLink(last, "head", previous, head.hash)
    return None


def _visible(viewer: User) -> Q:
    visible = Q(actor=viewer)
    for root in policy.places(viewer, Action.VIEW_AUDIT):
        visible |= Q(place_code__in=_codes_below(root))
        if root.parent_id is None:
            visible |= Q(place_code="")
    return visible


def _codes_below(root: Place) -> QuerySet[Place]:
    return Place.objects.filter(tree_left__range=(root.tree_left, root.tree_right)).order_by().values("code")


def _narrowed(events: QuerySet[AuditEvent], wanted: Wanted) -> QuerySet[AuditEvent]:
    if wanted.person:
        events = events.filter(actor_name__icontains=wanted.person)
    if wanted.code:
        events = events.filter(code=wanted.code)
    if wanted.place:
        place = Place.objects.filter(code=wanted.place).first()
        events = events.filter(place_code__in=_codes_below(place)) if place else events.none()
    if wanted.day:
        start = timezone.make_aware(datetime.combine(wanted.day, time_of_day.min))
        events = events.filter(at__gte=start, at__lt=start + timedelta(days=1))
    if wanted.before is not None:
        events = events.filter(sequence__lt=wanted.before)
    return events
