"""The scenes in which the simulator is compared with its slow twin: each measure alone, then all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
from day_by_day_comparison import small_scene
from day_by_day_town import Scene
from small_city import AGES, PLACES, every_measure, no_limits, small_disease, small_protection

from fangxian.science.agents import measures
from fangxian.science.agents.measures import (
    Care,
    Importation,
    Isolation,
    Meeting,
    Screening,
    Tracing,
    Vaccination,
    default_leak,
)
from fangxian.science.agents.records import Delay, Infectiousness

PEOPLE, DAYS = 1_000, 60


def meeting(**changes: object) -> Meeting:
    """Return contacts as usual but for some."""
    return replace(no_limits().meeting, **changes)


def contact_factors() -> np.ndarray:
    """Return factors that differ by place, setting and age."""
    factor = np.ones((PLACES, 6, AGES))
    factor[:, 1] = 0.2
    factor[1, :, 2] = 0.4
    factor[2, 5] = (0.9, 0.6, 0.3)
    return factor


TESTING = measures.Testing(
    np.array([[0.9, 0.5, 0.7]] * PLACES),
    np.array([[0.2, 0.4, 0.8]] * PLACES),
    np.array([4.0, 0.0, 2.0]),
    delay=Delay("gamma", 1.5, 1.0),
)
TEST_ALL = measures.Testing(np.ones((PLACES, AGES)), np.ones((PLACES, AGES)), np.zeros(PLACES))
OPEN_ROOMS = Isolation(0.9, 0.8, 9.0, 6.0, True, True, 10_000, (1, 4), default_leak())
TRACING = Tracing(
    np.array([0.9, 0.8, 0.6, 0.6, 0.9, 0.3]),
    np.full(PLACES, 100),
    other_contacts=np.array([0, 2, 1, 3, 2, 1.5]),
    delay_days=0.7,
)
DOSES = np.array([[[1, 4, 2], [0, 2, 3]], [[0, 0, 0], [2, 2, 2]], [[5, 0, 1], [1, 1, 9]]])
MEASURES: dict[str, dict[str, object]] = {
    "none": {},
    "contact reduction": {"meeting": meeting(contact_factor=contact_factors())},
    "masks": {"meeting": meeting(mask_factor=np.array([[1, 0.5, 0.5, 0.5, 0.5, 0.7], [1.0] * 6, [0.8] * 6]))},
    "people with symptoms stay at home": {
        "meeting": meeting(symptomatic_factor=np.array([1, 0, 0.3, 0.3, 0.5, 0.2]))
    },
    "travel": {"meeting": meeting(travel_factor=np.array([0.0, 0.6, 1.0]))},
    "imports": {"imports": Importation(np.array([3.0, 0.0, 0.5]), np.zeros(PLACES, dtype=int))},
    "testing by PCR": {"testing": TESTING, "laboratory_tubes": 12.0},
    "testing by antigen": {"testing": replace(TESTING, method="antigen", report_delay_days=2.0)},
    "screening in pools": {
        "screening": Screening(np.array([0.6, 0.0, 0.3]), pool_size=5, dilution=0.6),
        "laboratory_tubes": 56.0,
        "isolation": Isolation(case_share=0.8, case_days=8.0),
    },
    "screening one by one": {"screening": Screening(np.array([0.1, 0.05, 0.0]), pool_size=1)},
    "isolation at home": {"testing": TESTING, "isolation": Isolation(case_share=0.7, case_days=12.0)},
    "isolation in few rooms": {
        "testing": TESTING,
        "isolation": Isolation(case_share=1.0, case_days=7.0, cases_in_rooms=True, rooms=15),
    },
    "tracing by all": {"testing": TESTING, "tracing": TRACING, "isolation": OPEN_ROOMS},
    "tracing by few": {
        "testing": TESTING,
        "tracing": replace(TRACING, capacity=np.array([1, 2, 0]), longest_wait_days=2),
        "isolation": replace(OPEN_ROOMS, contacts_in_rooms=False, cases_in_rooms=False),
    },
    "few beds": {"care": Care(np.array([5, 4]), np.array([2, 1]))},
    "few ward beds, long waits": {"care": Care(np.array([2, 1]), np.array([20, 20]), longest_wait_days=6.0)},
    "no intensive care": {"care": Care(np.array([30, 30]), np.array([0, 0]), longest_wait_days=0.5)},
    "antivirals": {
        "testing": TEST_ALL,
        "care": Care(
            np.array([99, 99]),
            np.array([99, 99]),
            antiviral_courses=3,
            antiviral_age=1,
            antiviral_window_days=3.0,
        ),
    },
    "vaccination": {"vaccination": Vaccination(DOSES, np.array([0.3, 0.8, 0.9]), statuses=(0, 2))},
}


def everything(people: int) -> Scene:
    """Return every measure at once."""
    day = every_measure()
    return small_scene(people, DAYS, **{item.name: getattr(day, item.name) for item in fields(day)})


def plain() -> Scene:
    """Return what the others do not use: a period that sets the number of contacts, no latent time."""
    course = Infectiousness(latent=Delay("lognormal", 1.0, 0.5), period=Delay("exponential", 4.0))
    return small_scene(PEOPLE, DAYS, replace(small_disease(0.05), infectiousness=course, severity=None))


def infected_before() -> Scene:
    """Return protection by earlier infection, by age, that wanes day by day."""
    wanes = np.array([0.0, 0.1, 0.2, 0.9]) * 0.99 ** np.arange(DAYS)[:, None]
    protection = replace(
        small_protection(),
        infection=wanes,
        severe=wanes,
        death=wanes,
        earlier_infection=np.array([0.5, 0.3, 0.1]),
        class_of_earlier_infection=3,
    )
    return small_scene(PEOPLE, DAYS, None, protection)


def _under(name: str) -> Callable[[], Scene]:
    return lambda: small_scene(PEOPLE, DAYS, **MEASURES[name])


SCENES: dict[str, Callable[[], Scene]] = {
    **{name: _under(name) for name in MEASURES},
    "a plain model": plain,
    "earlier infection": infected_before,
    "everything": lambda: everything(PEOPLE),
}
LARGE_SCENES: dict[str, Callable[[], Scene]] = {
    "everything, in ten thousand people": lambda: everything(10_000),
}
