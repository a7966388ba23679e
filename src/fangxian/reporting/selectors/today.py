"""What the first page says: where today's reports stand for this person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.places.models import Place
from fangxian.plans.schema import Form
from fangxian.reporting.rules import local_day
from fangxian.reporting.selectors.board import Board, BoardQuery, board
from fangxian.reporting.selectors.plans import plan_at


@dataclass(frozen=True)
class Today:
    """The board of the day that is being collected, for each place that the person answers for."""

    day: date
    boards: Sequence[Board]


def focus_day(forms: Sequence[Form], now: datetime) -> date:
    """Return the latest day about which every form has begun to be owed."""
    return min(local_day(form.deadline, now) - timedelta(days=form.deadline.days_after) for form in forms)


def collected_day(place: Place, now: datetime | None = None) -> date:
    """Return the day whose reports are being collected at a place."""
    now = now or timezone.now()
    return focus_day(plan_at(place, timezone.localdate(now)).forms, now)


def today(viewer: User, *, now: datetime | None = None) -> Today:
    """Return for each place in the person's scope the counts of the day being collected.

    A person whose scope is single units has no board: her own units are what ``entry_list`` shows.
    """
    now = now or timezone.now()
    places = policy.places(viewer, Action.VIEW_REPORTS)
    roots = [place for place in places if not any(_inside(place, other) for other in places)]
    query = BoardQuery(states=("missing",), limit=8)
    boards = [board(None, place, collected_day(place, now), query, now=now) for place in roots[:3]]
    return Today(boards[0].day if boards else timezone.localdate(now) - timedelta(days=1), boards)


def _inside(place: Place, other: Place) -> bool:
    return place.pk != other.pk and other.tree_left <= place.tree_left <= other.tree_right
