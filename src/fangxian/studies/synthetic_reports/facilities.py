"""A synthetic list of facilities for a city: how many stand where, with which beds, by stated rules.

Beds follow the population (about 4 a thousand people), intensive care is at least 4 % of the open beds of a
tertiary hospital and infectious-disease beds follow the county's population, both as the class-B phase asks.
Every name ends in （模拟）: none is a real facility.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

SUFFIX = "（模拟）"
SUFFIX_ENGLISH = " (synthetic)"
UNREAL_NUMBER = "000{:04}"
"""No local number in China begins with 0: nobody can be called by mistake."""
INFECTIOUS_BEDS = ((300_000, 20), (500_000, 50), (1_000_000, 80))
LARGEST_COUNTY_INFECTIOUS_BEDS = 100
INTENSIVE_SHARE_TERTIARY = 0.045
INTENSIVE_SHARE_SECONDARY = 0.03
DEFAULT_TOWNSHIP_PEOPLE = 40_000


@dataclass(frozen=True)
class SyntheticPlace:
    """What is known of a place: ``people`` None where nobody counted."""

    code: str
    name: str
    level: int
    parent_code: str | None
    people: int | None = None
    name_en: str = ""


@dataclass(frozen=True)
class SyntheticFacility:
    """A facility that does not exist; ``kind``, ``grade`` and capacity kinds are those of the registry."""

    code: str
    name: str
    name_en: str
    kind: str
    grade: str
    place_code: str
    people: int
    telephone: str = ""
    capacities: Mapping[str, int] = field(default_factory=dict)


def synthetic_facilities(
    places: Iterable[SyntheticPlace], *, villages_per_township: int | None = 3, area_code: str = "0000"
) -> list[SyntheticFacility]:
    """Return the facilities of a city, sorted by code.

    Parameters
    ----------
    places : iterable of SyntheticPlace
        A city (level 2) with its counties, townships and villages.
    villages_per_township : int or None
        How many villages of a township have a clinic that reports; None: every village.
    area_code : str
        What the telephone numbers begin with; the rest of each is a number that cannot exist.

    Returns
    -------
    list of SyntheticFacility
        Hospitals, township and village clinics, laboratories, pharmacies, centres for disease control,
        isolation sites, care homes and warehouses. No health authority: it would owe a report that the
        hospitals already make.
    """
    below: dict[str | None, list[SyntheticPlace]] = defaultdict(list)
    everything = sorted(places, key=lambda place: place.code)
    for place in everything:
        below[place.parent_code].append(place)
    found: list[SyntheticFacility] = []
    for city in (place for place in everything if place.level == 2):
        counties = [place for place in below[city.code] if place.level == 3]
        people = _people_of_counties(city, counties, below)
        found += _city_facilities(city, counties, people)
        for county in counties:
            found += _county_facilities(county, people[county.code])
            townships = [place for place in below[county.code] if place.level == 4]
            found += _township_facilities(townships, people[county.code], below, villages_per_township)
    found.sort(key=lambda facility: facility.code)
    return [
        replace(one, telephone=f"{area_code}-{UNREAL_NUMBER.format(number)}")
        for number, one in enumerate(found, start=1)
    ]


def _people_of_counties(
    city: SyntheticPlace, counties: list[SyntheticPlace], below: Mapping[str | None, list[SyntheticPlace]]
) -> dict[str, int]:
    """Return the people of each county: as counted, or the city's in proportion to its villages."""
    villages = {county.code: sum(len(below[town.code]) for town in below[county.code]) for county in counties}
    total = sum(villages.values()) or 1
    return {
        county.code: county.people
        or (round(city.people * villages[county.code] / total) if city.people else 0)
        or DEFAULT_TOWNSHIP_PEOPLE * max(1, len(below[county.code]))
        for county in counties
    }


def _short(name: str) -> str:
    """Return the name of a village without its committee: 东街村委会 is the clinic of 东街村."""
    for ending in ("居民委员会", "村民委员会", "民委员会", "委员会", "居委会", "民委会", "委会"):
        if name.endswith(ending):
            kept = name.removesuffix(ending)
            return f"{kept}村" if ending == "村民委员会" and not kept.endswith("村") else kept
    return name


def _facility(
    place: SyntheticPlace, number: str, names: tuple[str, str], kind: str, people: int, **said: object
) -> SyntheticFacility:
    grade = str(said.pop("grade", ""))
    capacities = {name: amount for name, amount in said.items() if isinstance(amount, int) and amount > 0}
    chinese, english = names
    in_english = f"{place.name_en} {english}" if place.name_en else f"{english} {place.code}"
    return SyntheticFacility(
        code=f"M{place.code}{number}",
        name=f"{_short(place.name)}{chinese}{SUFFIX}",
        name_en=f"{in_english}{SUFFIX_ENGLISH}",
        kind=kind,
        grade=grade,
        place_code=place.code,
        people=people,
        capacities=capacities,
    )


def _tens(amount: float) -> int:
    return max(10, round(amount / 10) * 10)


def _hospital(
    place: SyntheticPlace, number: str, names: tuple[str, str], people: int, *, beds: int, grade: str
) -> SyntheticFacility:
    share = INTENSIVE_SHARE_TERTIARY if grade == "tertiary" else INTENSIVE_SHARE_SECONDARY
    intensive = round(beds * share) if beds >= 100 else 0
    return _facility(
        place,
        number,
        names,
        "hospital",
        people,
        grade=grade,
        ordinary_bed=beds - intensive,
        intensive_care_bed=intensive,
        convertible_intensive_care_bed=round(intensive * 0.6),
        fever_clinic_room=max(2, beds // 120),
    )


def _city_facilities(
    city: SyntheticPlace, counties: list[SyntheticPlace], people: Mapping[str, int]
) -> Iterator[SyntheticFacility]:
    """Yield what serves the whole city; it stands in the districts with most people."""
    total = sum(people.values())
    seats = sorted(counties, key=lambda county: -people[county.code])[:3] if counties else []
    names = (
        ("中心医院", "Central Hospital"),
        ("第一医院", "First Hospital"),
        ("传染病医院", "Infectious Hospital"),
    )
    for index, seat in enumerate(seats):
        site = SyntheticPlace(seat.code, city.name, seat.level, seat.parent_code, None, city.name_en)
        yield _hospital(
            site,
            f"HC{index}",
            names[index],
            total // 12,
            beds=_tens(total * (0.00016 - 0.00004 * index)),
            grade="tertiary",
        )
        yield _facility(
            site, f"LC{index}", (f"第{'一二三'[index]}检测实验室", f"Laboratory {index + 1}"), "laboratory",
            total // 12, tubes_per_day=_tens(total * 0.0008),
        )  # fmt: skip


def _county_facilities(county: SyntheticPlace, people: int) -> Iterator[SyntheticFacility]:
    first_grade = "tertiary" if people >= 700_000 else "secondary"
    infectious = next(
        (beds for limit, beds in INFECTIOUS_BEDS if people < limit), LARGEST_COUNTY_INFECTIOUS_BEDS
    )
    main = _hospital(
        county,
        "H01",
        ("人民医院", "People's Hospital"),
        people // 2,
        beds=_tens(people * 0.0015),
        grade=first_grade,
    )
    yield SyntheticFacility(
        **{**vars(main), "capacities": {**main.capacities, "infectious_disease_bed": infectious}}
    )
    yield _hospital(
        county, "H02", ("中医院", "Hospital of Chinese Medicine"), people // 4, beds=_tens(people * 0.0009),
        grade="secondary",
    )  # fmt: skip
    names = ("妇幼保健院", "Maternal and Child Hospital")
    yield _hospital(county, "H03", names, people // 8, beds=_tens(people * 0.0004), grade="secondary")
    yield _facility(
        county,
        "L01",
        ("疾控中心实验室", "CDC Laboratory"),
        "laboratory",
        people,
        tubes_per_day=_tens(people * 0.002),
    )
    yield _facility(county, "C01", ("疾病预防控制中心", "Centre for Disease Control"), "cdc", people)
    yield _facility(county, "W01", ("应急物资库", "Emergency Warehouse"), "warehouse", people)
    yield _facility(
        county,
        "I01",
        ("集中隔离点", "Isolation Site"),
        "isolation_site",
        people,
        isolation_room=_tens(people * 0.0004),
    )
    yield _facility(county, "N01", ("养老院", "Care Home"), "institution", max(80, people // 4000))
    for number in range(1, 5):
        names = (f"第{'一二三四'[number - 1]}药房", f"Pharmacy {number}")
        yield _facility(county, f"P{number:02}", names, "pharmacy", people // 20)


def _township_facilities(
    townships: list[SyntheticPlace],
    people: int,
    below: Mapping[str | None, list[SyntheticPlace]],
    villages_per_township: int | None,
) -> Iterator[SyntheticFacility]:
    villages = {town.code: [place for place in below[town.code] if place.level == 5] for town in townships}
    total = sum(map(len, villages.values())) or 1
    for town in townships:
        here = villages[town.code]
        served = max(500, people * len(here) // total)
        urban = town.name.endswith("街道")
        names = (
            ("社区卫生服务中心", "Community Health Centre") if urban else ("卫生院", "Township Health Centre")
        )
        yield _facility(
            town, "T", names, "township_clinic", served, grade="primary", ordinary_bed=_tens(served * 0.0011)
        )
        chosen = here if villages_per_township is None else here[:villages_per_township]
        for village in chosen:
            yield _facility(
                village,
                "V",
                ("卫生室", "Village Clinic"),
                "village_clinic",
                max(150, served // max(1, len(here))),
                grade="primary",
            )
