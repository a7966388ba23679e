"""Which unit a cell of a file means: by code, by name, or near enough to name it in a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from fangxian.base.errors import Finding
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import policy
from fangxian.ground.exchange.rules import plain_text, problem
from fangxian.ground.places.models import Facility, Place, PlaceCode

_NEAREST = 3
_SEARCHED = (
    50  # different unknown texts for which near names are looked up; a file of strangers has thousands
)


@dataclass(frozen=True)
class Addressed:
    """A unit that a cell means."""

    code: str
    name: str
    closed: date | None
    successor: str


@dataclass
class AddressBook:
    """All units, and those in which a person may import; read once for a file."""

    by_code: Mapping[str, Addressed]
    allowed: frozenset[str] | None
    by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    searched: int = 0

    def find(self, code: str | None, name: str | None) -> Addressed | Finding:
        """Return the unit of a code or, without a code, of a name; or why there is none."""
        wanted = plain_text(code or "")
        if wanted and wanted not in self.by_code:
            return self._unknown(wanted)
        if not wanted and not plain_text(name or ""):
            return problem(
                "unit-missing",
                "",
                ("没有写明单位。", "No unit is given."),
                ("请填写机构代码。", "Fill in the code of the unit."),
            )
        if not wanted:
            named = self.by_name.get(plain_text(name or ""), ())
            mine = [one for one in named if self.allowed is None or one in self.allowed]
            if len(mine or named) != 1:
                return _ambiguous(name or "", mine or named) if named else self._unknown(name or "")
            wanted = (mine or named)[0]
        if self.allowed is not None and wanted not in self.allowed:
            return problem(
                "unit-out-of-scope",
                wanted,
                (f"单位 {wanted} 不在您的职责范围内。", f"Unit {wanted} is outside your scope."),
                ("请交由该单位或其上级填报。", "Leave it to the unit or to its superior."),
            )
        return self.by_code[wanted]

    def _unknown(self, wanted: str) -> Finding:
        place = _place_called(wanted)
        if place is not None:
            return _is_a_place(wanted, place)
        near = self._nearest(wanted)
        return problem(
            "unit-unknown",
            wanted,
            (f"没有代码或名称为“{wanted}”的单位。", f"There is no unit with the code or name “{wanted}”."),
            (
                f"最接近的是：{near}。" if near else "请核对单位代码，或先登记该单位。",
                f"The nearest are: {near}." if near else "Check the code, or register the unit first.",
            ),
        )

    def _nearest(self, wanted: str) -> str:
        self.searched += 1
        if self.searched > _SEARCHED:
            return ""
        codes = list(self.allowed) if self.allowed is not None else list(self.by_code)
        names = {self.by_code[code].name: code for code in codes}
        near = [names[name] for name in difflib.get_close_matches(wanted, list(names), _NEAREST, 0.6)]
        near += difflib.get_close_matches(wanted, codes, _NEAREST, 0.6)
        return "; ".join(f"{code} {self.by_code[code].name}" for code in list(dict.fromkeys(near))[:_NEAREST])


def address_book(viewer: User, *, everywhere: bool = False) -> AddressBook:
    """Return the units, and which of them the viewer may import for; ``everywhere`` asks no scope."""
    rows = Facility.objects.values_list("code", "name", "closed", "place__successor__name")
    by_code = {code: Addressed(code, name, closed, successor or "") for code, name, closed, successor in rows}
    by_name: dict[str, list[str]] = {}
    for code, unit in by_code.items():
        by_name.setdefault(plain_text(unit.name), []).append(code)
    allowed = None
    if not everywhere:
        units = policy.units(viewer, Action.IMPORT_REPORTS)
        allowed = frozenset(units.values_list("code", flat=True))
    return AddressBook(by_code, allowed, {name: tuple(codes) for name, codes in by_name.items()})


def _place_called(text: str) -> Place | None:
    place = Place.objects.filter(code=text).select_related("successor").first()
    if place is None:
        other = PlaceCode.objects.filter(code=text).select_related("place__successor").first()
        place = other.place if other is not None else None
    return place


def _is_a_place(text: str, place: Place) -> Finding:
    if place.successor is not None:
        units = _units_of(Facility.objects.filter(place__in=[place, place.successor]).order_by("code"))
        return _merged(text, f"{place.name}({place.code})", place.valid_to, place.successor, units)
    units = _units_of(Facility.objects.filter(place=place).order_by("code"))
    return problem(
        "unit-is-a-place",
        text,
        (f"“{text}”是地区 {place.name}，不是填报单位。", f"“{text}” is the place {place.name}, not a unit."),
        (
            f"请改用当地单位的代码：{units or '该地尚未登记单位'}。",
            f"Use the code of a unit there: {units or 'none is registered yet'}.",
        ),
    )


def _merged(text: str, former: str, ended: date | None, successor: Place, units: str) -> Finding:
    return problem(
        "unit-place-merged",
        text,
        (
            f"{former} 已于 {ended} 并入 {successor.name}（{successor.code}）。",
            f"{former} was merged into {successor.name} ({successor.code}) on {ended}.",
        ),
        (
            f"请改用并入后的单位代码：{units or '尚未登记'}。",
            f"Use the code of a unit of the successor: {units or 'none is registered yet'}.",
        ),
    )


def _units_of(units: Iterable[Facility]) -> str:
    return "; ".join(f"{unit.code} {unit.name}" for unit in list(units)[:_NEAREST])


def _ambiguous(name: str, codes: Iterable[str]) -> Finding:
    listed = ", ".join(sorted(codes)[:5])
    return problem(
        "unit-name-ambiguous",
        name,
        (f"有几个单位都叫“{name}”。", f"Several units are called “{name}”."),
        (f"请填写代码：{listed}。", f"Give the code: {listed}."),
    )


def closed_unit(unit: Addressed, day: date) -> Finding | None:
    """Return the finding for a unit that was closed, with its place's successor where that was merged."""
    if unit.closed is None or day < unit.closed:
        return None
    facility = Facility.objects.select_related("place__successor").get(code=unit.code)
    successor = facility.place.successor
    if successor is not None:
        units = _units_of(
            Facility.objects.filter(place=successor, kind=facility.kind, closed=None).order_by("code")
        )
        return _merged(unit.code, f"{unit.name}({unit.code})", unit.closed, successor, units)
    return problem(
        "unit-closed",
        unit.code,
        (f"{unit.name} 已于 {unit.closed} 停办。", f"{unit.name} was closed on {unit.closed}."),
        ("请核对日期和单位代码。", "Check the day and the code."),
    )
