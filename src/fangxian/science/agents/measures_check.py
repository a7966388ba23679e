"""Whether the measures of a day fit the run."""

from __future__ import annotations

import numpy as np

from fangxian.science.agents.checks import require_probability, require_shape, require_within
from fangxian.science.agents.measures import NO_LIMIT, DayMeasures, FloatArray, Isolation, Meeting, Sizes
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
        _check_isolation(day.isolation)
    if day.vaccination is not None:
        require_shape("Vaccination", "doses", day.vaccination.doses, (sizes.places, sizes.tiers, sizes.ages))
        require_shape("Vaccination", "willing", day.vaccination.willing, (sizes.ages,))
        require_within("Vaccination", "doses", day.vaccination.doses, 0, 1e9)
        require_probability("Vaccination", "willing", day.vaccination.willing)
    if day.care is not None:
        for name in ("ward_beds", "intensive_care_beds"):
            require_shape("Care", name, getattr(day.care, name), (sizes.pools,))
            require_within("Care", name, getattr(day.care, name), 0, 1e9)
        require_within("Care", "longest_wait_days", day.care.longest_wait_days, 0.0, 1000.0)
        require_within("Care", "antiviral_courses", day.care.antiviral_courses, 0, 1e9)


def _check_meeting(meeting: Meeting, sizes: Sizes, ceiling: FloatArray) -> None:
    require_shape("Meeting", "contact_factor", meeting.contact_factor, (sizes.places, SETTINGS, sizes.ages))
    require_shape("Meeting", "mask_factor", meeting.mask_factor, (sizes.places, SETTINGS))
    require_shape("Meeting", "symptomatic_factor", meeting.symptomatic_factor, (SETTINGS,))
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
        for name in ("test_share", "clinic_share"):
            require_shape("Testing", name, getattr(day.testing, name), (sizes.places, sizes.ages))
            require_probability("Testing", name, getattr(day.testing, name))
        require_shape("Testing", "background_tests", day.testing.background_tests, (sizes.places,))
        require_within("Testing", "background_tests", day.testing.background_tests, 0.0, 1e9)
        require_within("Testing", "turnaround_days", day.testing.turnaround_days, 0.0, 1000.0)
        require_within("Testing", "report_delay_days", day.testing.report_delay_days, 0.0, 1000.0)
    if day.screening is not None:
        require_shape("Screening", "share", day.screening.share, (sizes.places,))
        require_probability("Screening", "share", day.screening.share)
        require_within("Screening", "pool_size", day.screening.pool_size, 1, 1000)
        require_probability("Screening", "pool_sensitivity", day.screening.pool_sensitivity)
        require_within("Screening", "turnaround_days", day.screening.turnaround_days, 0.0, 1000.0)
    if day.tracing is not None:
        require_shape("Tracing", "recall", day.tracing.recall, (SETTINGS,))
        require_probability("Tracing", "recall", day.tracing.recall)
        require_shape("Tracing", "capacity", day.tracing.capacity, (sizes.places,))
        require_within("Tracing", "capacity", day.tracing.capacity, 0, 1e9)
        require_shape("Tracing", "other_contacts", day.tracing.other_contacts, (SETTINGS,))
        require_within("Tracing", "other_contacts", day.tracing.other_contacts, 0.0, 1000.0)
        require_within("Tracing", "delay_days", day.tracing.delay_days, 0.0, 1000.0)


def _check_isolation(isolation: Isolation) -> None:
    require_probability("Isolation", "case_share", isolation.case_share)
    require_probability("Isolation", "contact_share", isolation.contact_share)
    require_within("Isolation", "case_days", isolation.case_days, 0.0, 365.0)
    require_within("Isolation", "contact_days", isolation.contact_days, 0.0, 365.0)
    require_within("Isolation", "rooms", isolation.rooms, 0, 1e9)
    require_shape("Isolation", "leak", isolation.leak, (5, SETTINGS))
    require_probability("Isolation", "leak", isolation.leak)
