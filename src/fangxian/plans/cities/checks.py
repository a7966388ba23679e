"""What the schema cannot see: margins that do not add up, ages left out, places without a parent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from fangxian.base.errors import Finding, Text
from fangxian.plans.cities.schema import OLDEST, CityMargins, Place
from fangxian.plans.locate import Path, nearest_line

_SHARE_TOLERANCE = 0.001
"""Printed shares are rounded; a larger miss is a slip."""


def check_margins_file(margins: CityMargins, *, lines: Mapping[Path, int], file: str) -> list[Finding]:
    """Return one finding for each contradiction between the margins, at its line."""
    found = [
        *_people(margins),
        *_bands(margins),
        *_shapes(margins),
        *_sizes(margins),
        *_age_columns(margins),
        *_sources(margins),
    ]
    return [
        Finding(code, message, remedy, file=file, line=nearest_line(lines, path))
        for path, code, message, remedy in found
    ]


def check_places(margins: CityMargins, places: Sequence[Place], *, file: str) -> list[Finding]:
    """Return one finding for each place without parent, named twice, or with more people than its parent."""
    findings: list[Finding] = []
    if not places:
        findings.append(
            _finding(
                file,
                "places-missing",
                {"zh": "没有任何地区。", "en": "There is no place."},
                {
                    "zh": '请写 [places] file = "…" 或至少一个 [[places.place]]。',
                    "en": 'Write [places] file = "…" or at least one [[places.place]].',
                },
            )
        )
    twice = [code for code, count in Counter(place.code for place in places).items() if count > 1]
    findings += [
        _finding(
            file,
            "place-twice",
            {"zh": f"地区 {code} 出现多次。", "en": f"Place {code} is named more than once."},
            {"zh": "请只留一行。", "en": "Keep one row."},
        )
        for code in twice
    ]
    known: dict[str, int] = {"": margins.people.value, margins.code: margins.people.value}
    children: dict[str, int] = {}
    for row, place in enumerate(places, start=1):
        if place.parent not in known:
            findings.append(
                _finding(
                    file,
                    "parent-unknown",
                    {
                        "zh": f"地区 {place.code} 的上级 {place.parent} 不在前面。",
                        "en": f"The parent {place.parent} of place {place.code} does not come before it.",
                    },
                    {"zh": "请先列上级，再列下级。", "en": "List parents before children."},
                    row=row,
                )
            )
        known[place.code] = place.people if place.people is not None else margins.people.value
        parent = place.parent if place.parent != margins.code else ""
        children[parent] = children.get(parent, 0) + (place.people or 0)
    for parent, people in children.items():
        if people > known.get(parent, people):
            findings.append(
                _finding(
                    file,
                    "places-too-many-people",
                    {
                        "zh": f"{parent or margins.code} 的下级共 {people} 人，"
                        f"多于本级的 {known[parent]} 人。",
                        "en": f"The places in {parent or margins.code} have {people} people together, "
                        f"more than its own {known[parent]}.",
                    },
                    {"zh": "请核对人口数。", "en": "Check the numbers of people."},
                )
            )
    return findings


Fault = tuple[Path, str, Text, Text]


def _finding(file: str, code: str, message: Text, remedy: Text, row: int | None = None) -> Finding:
    return Finding(code, message, remedy, file=file, row=row)


def _people(margins: CityMargins) -> Iterator[Fault]:
    households = margins.households
    inside = households.people_in_family_households + households.people_in_collective_households
    if inside != margins.people.value:
        yield (
            ("households", "people_in_family_households"),
            "people-do-not-add-up",
            {
                "zh": f"家庭户与集体户人口共 {inside}，总人口是 {margins.people.value}。",
                "en": f"Family and collective households hold {inside} people, "
                f"the city has {margins.people.value}.",
            },
            {"zh": "两者必须相等。", "en": "Both must be equal."},
        )
    if households.family_households == 0:
        yield (
            ("households", "family_households"),
            "no-family-household",
            {
                "zh": "没有家庭户：集体户里只有学生、劳动年龄的人和养老机构入住者。",
                "en": "There is no family household: collective ones hold students, people of working age "
                "and residents of care homes only.",
            },
            {
                "zh": "请至少写一户；一个大家庭也可以写成一户。",
                "en": "Give at least one; a large household can be a family of that size.",
            },
        )
    for name, count, people in (
        ("family_households", households.family_households, households.people_in_family_households),
        (
            "collective_households",
            households.collective_households,
            households.people_in_collective_households,
        ),
    ):
        if count > people or (count == 0) != (people == 0):
            yield (
                ("households", name),
                "household-without-people",
                {
                    "zh": f"{count} 户里有 {people} 人。",
                    "en": f"{count} households hold {people} people.",
                },
                {"zh": "每户至少一人。", "en": "Every household has at least one person."},
            )


def _bands(margins: CityMargins) -> Iterator[Fault]:
    total = sum(band.people for band in margins.age_bands)
    if total != margins.people.value:
        yield (
            ("age_band",),
            "ages-do-not-add-up",
            {
                "zh": f"各年龄段共 {total} 人，总人口是 {margins.people.value}。",
                "en": f"The age bands have {total} people together, the city has {margins.people.value}.",
            },
            {
                "zh": f"相差 {total - margins.people.value} 人，请核对各段。",
                "en": f"They differ by {total - margins.people.value}; check each band.",
            },
        )
    wanted = 0
    for index, band in enumerate(margins.age_bands):
        if band.age_from != wanted or band.age_to < band.age_from:
            yield (
                ("age_band", index, "age_from"),
                "ages-not-in-sequence",
                {
                    "zh": f"年龄段从 {band.age_from} 到 {band.age_to}，应从 {wanted} 开始。",
                    "en": f"The band runs from {band.age_from} to {band.age_to}; "
                    f"it should begin at {wanted}.",
                },
                {
                    "zh": "年龄段须首尾相接，从 0 岁开始。",
                    "en": "Bands follow each other from age 0 without gap or overlap.",
                },
            )
        wanted = band.age_to + 1
    if wanted <= OLDEST:
        yield (
            ("age_band", len(margins.age_bands) - 1),
            "ages-end-early",
            {"zh": f"年龄段只到 {wanted - 1} 岁。", "en": f"The bands end at age {wanted - 1}."},
            {
                "zh": "最后一段不写 age_to，即包含其后所有年龄。",
                "en": "Leave age_to out of the last band: it then holds all that are older.",
            },
        )


def _shapes(margins: CityMargins) -> Iterator[Fault]:
    weights = margins.age_shape.weights
    if len(weights) != OLDEST + 1 or min(weights) < 0:
        yield (
            ("age_shape", "weights"),
            "ages-outside-the-shape",
            {
                "zh": f"有 {len(weights)} 个权重，最小 {min(weights)}；要 {OLDEST + 1} 个，不小于 0。",
                "en": f"There are {len(weights)} weights, the least {min(weights)}; "
                f"there must be {OLDEST + 1}, 0 or more.",
            },
            {"zh": f"每岁一个，0 到 {OLDEST} 岁。", "en": f"One for each age from 0 to {OLDEST}."},
        )
        return
    for index, band in enumerate(margins.age_bands):
        if band.people and not sum(weights[band.age_from : band.age_to + 1]) > 0:
            yield (
                ("age_band", index),
                "shape-empty-in-band",
                {
                    "zh": f"{band.age_from}-{band.age_to} 岁有 {band.people} 人，但权重全为 0。",
                    "en": f"Ages {band.age_from}-{band.age_to} have {band.people} people but no weight.",
                },
                {"zh": "请在 [age_shape] 给出该段的权重。", "en": "Give the band weights in [age_shape]."},
            )


def _sizes(margins: CityMargins) -> Iterator[Fault]:
    shares = margins.household_sizes.shares
    total = sum(shares)
    if abs(total - 1) > _SHARE_TOLERANCE:
        yield (
            ("household_sizes", "shares"),
            "shares-do-not-add-up",
            {"zh": f"各规模占比之和为 {total:.6g}。", "en": f"The shares of sizes sum to {total:.6g}."},
            {"zh": "占比之和须为 1。", "en": "Shares must sum to 1."},
        )
    if margins.households.family_households:
        mean = margins.households.people_in_family_households / margins.households.family_households
        present = [size for size, share in enumerate(shares, start=1) if share > 0]
        if present and not present[0] <= mean <= present[-1]:
            yield (
                ("household_sizes", "shares"),
                "mean-size-out-of-reach",
                {
                    "zh": f"户均 {mean:.2f} 人，而规模只有 {present[0]} 到 {present[-1]} 人。",
                    "en": f"Households average {mean:.2f} people, "
                    f"but sizes run from {present[0]} to {present[-1]}.",
                },
                {"zh": "请给出更大或更小规模的占比。", "en": "Give shares of larger or smaller households."},
            )


def _age_columns(margins: CityMargins) -> Iterator[Fault]:
    tables = {
        "work": (margins.work.age_from, {"employed": margins.work.employed}),
        "underlying_disease": (
            margins.underlying_disease.age_from,
            {"stable": margins.underlying_disease.stable, "unstable": margins.underlying_disease.unstable},
        ),
        "vaccination": (
            margins.vaccination.age_from,
            {
                "partial": margins.vaccination.partial,
                "full": margins.vaccination.full,
                "boosted": margins.vaccination.boosted,
            },
        ),
    }
    for table, (ages, columns) in tables.items():
        if ages[0] != 0 or any(later <= earlier for earlier, later in pairwise(ages)):
            yield (
                (table, "age_from"),
                "ages-not-rising",
                {"zh": f"年龄 {list(ages)} 须从 0 起递增。", "en": f"Ages {list(ages)} must rise from 0."},
                {"zh": "请改正顺序。", "en": "Put them in order."},
            )
        for column, values in columns.items():
            if len(values) != len(ages):
                yield (
                    (table, column),
                    "ages-without-value",
                    {
                        "zh": f"{len(ages)} 个年龄组有 {len(values)} 个值。",
                        "en": f"{len(ages)} age groups have {len(values)} values.",
                    },
                    {"zh": "每个年龄组一个值。", "en": "Give one value for each age group."},
                )
        if table != "work" and len({len(ages), *map(len, columns.values())}) == 1:
            worst = max(sum(values) for values in zip(*columns.values(), strict=True))
            if worst > 1 + 1e-9:
                yield (
                    (table,),
                    "shares-above-one",
                    {
                        "zh": f"某年龄组的占比之和为 {worst:.4g}。",
                        "en": f"The shares of one age group sum to {worst:.4g}.",
                    },
                    {"zh": "同一年龄组之和不超过 1。", "en": "Within an age group they must not exceed 1."},
                )
    near = margins.work.within_township + margins.work.within_county
    if near > 1 + 1e-9:
        yield (
            ("work", "within_county"),
            "shares-above-one",
            {
                "zh": f"本乡与本县工作占比之和为 {near:.4g}。",
                "en": f"The shares working in the township and in the county sum to {near:.4g}.",
            },
            {"zh": "两者之和不超过 1。", "en": "Together they must not exceed 1."},
        )


def _sources(margins: CityMargins) -> Iterator[Fault]:
    known = {source.id for source in margins.sources}
    for name in type(margins).model_fields:
        value = getattr(margins, name)
        records = value if isinstance(value, tuple) else (value,)
        for index, record in enumerate(records):
            source = getattr(record, "source", None)
            if isinstance(source, str) and source not in known:
                key = type(margins).model_fields[name].alias or name
                path: Path = (key, index, "source") if isinstance(value, tuple) else (key, "source")
                yield (
                    path,
                    "source-unknown",
                    {"zh": f"没有出处“{source}”。", "en": f"There is no [[source]] {source!r}."},
                    {"zh": "请补写 [[source]]，或改正名称。", "en": "Add the [[source]] or mend the name."},
                )
