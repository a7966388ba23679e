"""Whether the measures of a day fit the run."""

from __future__ import annotations

import numpy as np

from fangxian.science.agents.checks import (
    require_probability,
    require_rows,
    require_shape,
    require_within,
)
from fangxian.science.agents.measures import (
    NO_LIMIT,
    NO_TEST,
    Care,
    DayMeasures,
    FloatArray,
    Isolation,
    Meeting,
    Screening,
    Sizes,
    Testing,
    Tracing,
)
from fangxian.science.agents.records import SETTINGS


def check_day_measures(day: DayMeasures, sizes: Sizes, ceiling: FloatArray) -> None:
    """Refuse measures that do not fit the run.

    Parameters
    ----------
    day : DayMeasures
    sizes : Sizes
    ceiling : float array [6]
        ``Contacts.ceiling``.

    Raises
    ------
    ValueError
        For a wrong shape, a share outside 0 to 1, a factor above its ceiling, a negative capacity.
    """
    _check_meeting(day.meeting, sizes, ceiling)
    require_shape("Importation", "expected", day.imports.expected, (sizes.places,))
    require_shape("Importation", "exact", day.imports.exact, (sizes.places,))
    require_within("Importation", "expected", day.imports.expected, 0.0, 1e9)
    require_within("Importation", "exact", day.imports.exact, 0, 1e9)
    require_within("DayMeasures", "laboratory_tubes", day.laboratory_tubes, 0.0, NO_LIMIT)
    _check_finding(day, sizes)
    if day.isolation is not None:
        _check_isolation(day.isolation, sizes)
    if day.vaccination is not None:
        require_shape("Vaccination", "doses", day.vaccination.doses, (sizes.places, sizes.tiers, sizes.ages))
        require_rows("Vaccination", "willing", day.vaccination.willing, sizes.places, (sizes.ages,))
        require_within("Vaccination", "doses", day.vaccination.doses, 0, 1e9)
        require_probability("Vaccination", "willing", day.vaccination.willing)
    if day.care is not None:
        _check_care(day.care, sizes)


def _check_meeting(meeting: Meeting, sizes: Sizes, ceiling: FloatArray) -> None:
    require_shape("Meeting", "contact_factor", meeting.contact_factor, (sizes.places, SETTINGS, sizes.ages))
    require_shape("Meeting", "mask_factor", meeting.mask_factor, (sizes.places, SETTINGS))
    require_rows("Meeting", "symptomatic_factor", meeting.symptomatic_factor, sizes.places, (SETTINGS,))
    require_shape("Meeting", "travel_factor", meeting.travel_factor, (sizes.places,))
    require_probability("Meeting", "symptomatic_factor", meeting.symptomatic_factor)
    require_probability("Meeting", "travel_factor", meeting.travel_factor)
    product = meeting.contact_factor * meeting.mask_factor[:, :, None]
    require_within("Meeting", "contact_factor x mask_factor", product, 0.0, 10.0)
    over = product > ceiling[None, :, None] * (1.0 + 1e-12)
    if over.any():
        setting = int(np.argwhere(over)[0][1])
        raise ValueError(
            f"Meeting: contact_factor x mask_factor must not exceed Contacts.ceiling "
            f"(got {product[over].max():.4g} against {ceiling[setting]:.4g} in setting {setting}); "
            "raise the ceiling"
        )


def _check_finding(day: DayMeasures, sizes: Sizes) -> None:
    if day.testing is not None:
        _check_testing(day.testing, sizes)
    if day.screening is not None:
        _check_screening(day.screening, sizes)
    if day.tracing is not None:
        _check_tracing(day.tracing, sizes)


def _check_testing(testing: Testing, sizes: Sizes) -> None:
    for name in ("test_share", "clinic_share"):
        require_shape("Testing", name, getattr(testing, name), (sizes.places, sizes.ages))
        require_probability("Testing", name, getattr(testing, name))
    require_shape("Testing", "background_tests", testing.background_tests, (sizes.places,))
    require_within("Testing", "background_tests", testing.background_tests, 0.0, 1e9)
    for name in ("turnaround_days", "report_delay_days"):
        require_rows("Testing", name, getattr(testing, name), sizes.places)
        require_within("Testing", name, getattr(testing, name), 0.0, 1000.0)
    for name in ("delay", "method"):
        value = getattr(testing, name)
        if isinstance(value, tuple) and len(value) != sizes.places:
            raise ValueError(
                f"Testing: {name} must be one for all {sizes.places} places or one for each "
                f"(got {len(value)}); give every place its own"
            )


def _check_screening(screening: Screening, sizes: Sizes) -> None:
    require_shape("Screening", "share", screening.share, (sizes.places,))
    require_probability("Screening", "share", screening.share)
    for name, low, high in (
        ("pool_size", 1, 1000),
        ("dilution", 0.0, 10.0),
        ("turnaround_days", 0.0, 1000.0),
    ):
        require_rows("Screening", name, getattr(screening, name), sizes.places)
        require_within("Screening", name, getattr(screening, name), low, high)


def _check_tracing(tracing: Tracing, sizes: Sizes) -> None:
    require_rows("Tracing", "recall", tracing.recall, sizes.places, (SETTINGS,))
    require_probability("Tracing", "recall", tracing.recall)
    require_shape("Tracing", "capacity", tracing.capacity, (sizes.places,))
    require_within("Tracing", "capacity", tracing.capacity, 0, 1e9)
    require_rows("Tracing", "other_contacts", tracing.other_contacts, sizes.places, (SETTINGS,))
    require_within("Tracing", "other_contacts", tracing.other_contacts, 0.0, 1000.0)
    for name in ("delay_days", "longest_wait_days"):
        require_rows("Tracing", name, getattr(tracing, name), sizes.places)
        require_within("Tracing", name, getattr(tracing, name), 0.0, 1000.0)


def _check_isolation(isolation: Isolation, sizes: Sizes) -> None:
    for name in ("case_share", "contact_share"):
        require_rows("Isolation", name, getattr(isolation, name), sizes.places)
        require_probability("Isolation", name, getattr(isolation, name))
    for name in ("case_days", "contact_days"):
        require_rows("Isolation", name, getattr(isolation, name), sizes.places)
        require_within("Isolation", name, getattr(isolation, name), 0.0, 365.0)
    for name in ("cases_in_rooms", "contacts_in_rooms"):
        require_rows("Isolation", name, getattr(isolation, name), sizes.places)
    require_rows("Isolation", "rooms", isolation.rooms, sizes.pools)
    require_within("Isolation", "rooms", isolation.rooms, 0, 1e9)
    tests = np.asarray(isolation.contact_test_days, dtype=np.float64)
    require_rows("Isolation", "contact_test_days", tests, sizes.places, tests.shape[-1:])
    require_within("Isolation", "contact_test_days", tests, NO_TEST, 365.0)
    require_rows("Isolation", "leak", isolation.leak, sizes.places, (5, SETTINGS))
    require_probability("Isolation", "leak", isolation.leak)


def _check_care(care: Care, sizes: Sizes) -> None:
    for name in ("ward_beds", "intensive_care_beds"):
        require_shape("Care", name, getattr(care, name), (sizes.pools,))
        require_within("Care", name, getattr(care, name), 0, 1e9)
    require_rows("Care", "longest_wait_days", care.longest_wait_days, sizes.places)
    require_within("Care", "longest_wait_days", care.longest_wait_days, 0.0, 1000.0)
    require_rows("Care", "antiviral_courses", care.antiviral_courses, sizes.pools)
    require_within("Care", "antiviral_courses", care.antiviral_courses, 0, 1e9)
    require_rows("Care", "antiviral_age", care.antiviral_age, sizes.places)
    require_within("Care", "antiviral_age", care.antiviral_age, 0, 255)
