"""Synthetic facilities follow stated rules, are labelled, and stand in the places that were given."""

from __future__ import annotations

from fangxian.studies.synthetic_reports import SyntheticPlace, synthetic_facilities

PLACES = [
    SyntheticPlace("13", "河北省", 1, None),
    SyntheticPlace("1304", "邯郸市", 2, "13", 1_600_000, "Handan"),
    *[SyntheticPlace(f"13040{n}", f"第{n}区", 3, "1304") for n in (2, 3)],
    *[SyntheticPlace(f"13040{n}00{t}", f"{t}镇", 4, f"13040{n}") for n in (2, 3) for t in (1, 2)],
    *[
        SyntheticPlace(f"13040{n}00{t}{v:03}", f"东{v}村委会", 5, f"13040{n}00{t}")
        for n in (2, 3)
        for t in (1, 2)
        for v in range(1, 2 * n)
    ],
]


def test_every_facility_is_labelled_and_stands_in_a_given_place() -> None:
    """Nobody can take one for a real hospital, and codes are unique."""
    found = synthetic_facilities(PLACES)
    places = {place.code for place in PLACES}
    assert all(one.name.endswith("（模拟）") and one.place_code in places for one in found)
    assert len({one.code for one in found}) == len(found)
    assert "东1村卫生室（模拟）" in {one.name for one in found}


def test_capacities_follow_the_class_b_rules() -> None:
    """Tertiary hospitals keep 4 % of their beds for intensive care; infectious beds follow the people."""
    found = {one.code: one for one in synthetic_facilities(PLACES)}
    for one in found.values():
        if one.grade == "tertiary":
            beds = one.capacities["ordinary_bed"] + one.capacities["intensive_care_bed"]
            assert one.capacities["intensive_care_bed"] >= 0.04 * beds
    # 1.6 million people by villages: 6 of 16 and 10 of 16
    assert found["M130402H01"].capacities["infectious_disease_bed"] == 80
    assert found["M130403H01"].capacities["infectious_disease_bed"] == 80 + 20
    assert all(amount > 0 for one in found.values() for amount in one.capacities.values())


def test_people_are_divided_by_villages_and_clinics_can_be_limited() -> None:
    """A county's people are the city's in proportion to its villages; None gives every village a clinic."""
    found = synthetic_facilities(PLACES)
    served = {one.place_code: one.people for one in found if one.kind == "cdc"}
    assert served == {"130402": 600_000, "130403": 1_000_000}
    clinics = [one for one in found if one.kind == "village_clinic"]
    every = [
        one
        for one in synthetic_facilities(PLACES, villages_per_township=None)
        if one.kind == "village_clinic"
    ]
    assert (len(clinics), len(every)) == (12, 16)


def test_nobody_owes_a_report_that_the_hospitals_already_make() -> None:
    """A health authority would owe the area form and be missing every day."""
    assert "health_authority" not in {one.kind for one in synthetic_facilities(PLACES)}


def test_every_facility_has_a_number_that_nobody_answers() -> None:
    """The local part begins with 0, which no local number in China does; no two facilities share one."""
    found = [one.telephone for one in synthetic_facilities(PLACES, area_code="0310")]
    assert all(number.startswith("0310-000") and len(number) == len("0310-0000001") for number in found)
    assert len(set(found)) == len(found)


def test_without_an_english_name_a_facility_is_named_by_kind_and_code() -> None:
    """English pages never mix in a name that their reader cannot read."""
    named = {one.code: one.name_en for one in synthetic_facilities(PLACES)}
    assert named["M130402001001V"] == "Village Clinic 130402001001 (synthetic)"
    assert all(name.isascii() for name in named.values())
