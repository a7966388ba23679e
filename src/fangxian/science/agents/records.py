"""What a simulation is given that no measure changes: the disease, protection, and who meets whom.

One list of age groups (:class:`AgeGroups`) is used by everything with an age: A groups. Times are days since
the start of the run, continuous; day d is the time from d up to d + 1. Measures are in ``measures``, what
comes out is in ``outcome``, and the meaning of every number is in docs/algorithms/simulation.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fangxian.science.agents.checks import require_probability, require_shape, require_within

Float64Array = NDArray[np.float64]
Int32Array = NDArray[np.int32]
UInt8Array = NDArray[np.uint8]

OLDEST_AGE = 130
PROTECTION_CLASSES = 64
"""Classes of protection that a run can tell apart."""


class Setting(IntEnum):
    """Where a contact takes place. A group of kind k (``population.records.GroupKind``) is setting k + 1."""

    HOUSEHOLD = 0
    SCHOOL = 1
    WORKPLACE = 2
    HEALTH_FACILITY = 3
    CARE_HOME = 4
    COMMUNITY = 5


SETTINGS = len(Setting)


@dataclass(frozen=True)
class AgeGroups:
    """Age groups of a run.

    Parameters
    ----------
    lower : tuple of int
        Lowest age in whole years of each group, ascending, the first 0.
    """

    lower: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        ascending = all(low < high for low, high in zip(self.lower, self.lower[1:], strict=False))
        if not self.lower or self.lower[0] != 0 or not ascending or self.lower[-1] > OLDEST_AGE:
            raise ValueError(
                f"AgeGroups: lower bounds must start at 0 and ascend to at most {OLDEST_AGE} "
                f"(got {self.lower}); list the lowest age of each group"
            )
        if len(self.lower) > 32:
            raise ValueError(f"AgeGroups: at most 32 groups (got {len(self.lower)}); join some")

    @property
    def count(self) -> int:
        """Number of groups, A."""
        return len(self.lower)

    def of_years(self) -> UInt8Array:
        """Return the group of every age in whole years; uint8 array [131]."""
        years = np.arange(OLDEST_AGE + 1)
        return (np.searchsorted(np.asarray(self.lower), years, side="right") - 1).astype(np.uint8)


@dataclass(frozen=True)
class Delay:
    """Distribution of a length of time in days.

    Parameters
    ----------
    shape : {"fixed", "exponential", "gamma", "lognormal"}
        Family. ``exponential`` ignores the standard deviation, ``fixed`` has none.
    mean_days : float
        Mean, 0 or more; 0 is the fixed delay of no time.
    sd_days : float
        Standard deviation, more than 0 for gamma and lognormal.
    """

    shape: Literal["fixed", "exponential", "gamma", "lognormal"]
    mean_days: float
    sd_days: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.mean_days < 10_000.0:
            raise ValueError(
                f"Delay: mean_days must be 0 or more and below 10000 (got {self.mean_days}); give days"
            )
        if self.shape not in {"fixed", "exponential", "gamma", "lognormal"}:
            raise ValueError(
                f"Delay: shape must be fixed, exponential, gamma or lognormal (got {self.shape!r})"
            )
        if self.shape in {"gamma", "lognormal"} and self.mean_days > 0.0 and not self.sd_days > 0.0:
            raise ValueError(
                f"Delay: a {self.shape} delay needs sd_days above 0 (got {self.sd_days}); "
                "give a standard deviation or take shape='fixed'"
            )


NO_DELAY = Delay("fixed", 0.0)


@dataclass(frozen=True)
class Infectiousness:
    """When, after infection, a person passes the infection on, and how much persons differ.

    A person infected at time t is infectious from ``t + latent`` for ``period`` days.

    Parameters
    ----------
    latent : Delay
        Infection to start of infectiousness.
    period : Delay
        Length of infectiousness.
    profile : tuple of float
        Relative infectiousness in equal slices of the period, first to last; one slice is constant.
    follows_period : bool
        True: the rate is constant, so that a person infectious for twice as long makes twice as many
        effective contacts (a plain SIR model). False: the number does not depend on the period.
    dispersion : float
        Shape k of the gamma distribution (mean 1) of individual infectiousness; ``inf``: all alike.
    asymptomatic_factor : float
        Infectiousness of a person who never has symptoms, relative to one who has; 0 to 1.
    """

    latent: Delay = NO_DELAY
    period: Delay = field(default_factory=lambda: Delay("exponential", 5.0))
    profile: tuple[float, ...] = (1.0,)
    follows_period: bool = True
    dispersion: float = float("inf")
    asymptomatic_factor: float = 1.0

    def __post_init__(self) -> None:
        require_within("Infectiousness", "asymptomatic_factor", self.asymptomatic_factor, 0.0, 1.0)
        if not self.profile or min(self.profile) < 0.0 or not sum(self.profile) > 0.0:
            raise ValueError(
                f"Infectiousness: profile must hold weights of 0 or more, not all 0 (got {self.profile})"
            )
        if not self.dispersion > 0.0:
            raise ValueError(
                f"Infectiousness: dispersion must be above 0 (got {self.dispersion}); inf means all alike"
            )


@dataclass(frozen=True, eq=False)
class Severity:
    """Clinical course. Probabilities are float arrays [A], for a person without protection.

    Parameters
    ----------
    symptomatic : [A]
        Probability of symptoms, given infection.
    severe : [A]
        Probability of needing a ward bed, given symptoms, for a person without underlying disease.
    critical : [A]
        Probability of needing intensive care, given severe.
    death_in_ward, death_without_ward : [A]
        Probability of death of a severe, not critical person who got a ward bed or did not.
    death_in_intensive_care, death_without_intensive_care : [A]
        The same for a critical person and an intensive-care bed. Without is never below with.
    severe_by_disease : tuple of 3 floats
        Factor on ``severe`` for no, stable and unstable underlying disease; the product stops at 1.
    infectious_to_onset, onset_to_severe, severe_to_critical : Delay
        Start of infectiousness to symptoms, symptoms to need of a bed, ward to intensive care.
    ward_stay, intensive_care_stay : Delay
        Time in the bed, to discharge or death.
    untreated_to_death : Delay
        Need of a bed that was not found to death.
    antiviral_efficacy : float
        Share of severe courses that treatment before their start prevents.
    antiviral_death_efficacy : float
        Share of the deaths of those who become severe all the same that treatment prevents.
    antiviral_transmission_efficacy : float
        Share of infections passed on after its start that treatment prevents.
    """

    symptomatic: Float64Array
    severe: Float64Array
    critical: Float64Array
    death_in_ward: Float64Array
    death_without_ward: Float64Array
    death_in_intensive_care: Float64Array
    death_without_intensive_care: Float64Array
    severe_by_disease: tuple[float, float, float] = (1.0, 1.0, 1.0)
    infectious_to_onset: Delay = NO_DELAY
    onset_to_severe: Delay = field(default_factory=lambda: Delay("gamma", 5.0, 3.0))
    severe_to_critical: Delay = field(default_factory=lambda: Delay("gamma", 2.0, 1.5))
    ward_stay: Delay = field(default_factory=lambda: Delay("gamma", 8.0, 4.0))
    intensive_care_stay: Delay = field(default_factory=lambda: Delay("gamma", 10.0, 6.0))
    untreated_to_death: Delay = field(default_factory=lambda: Delay("gamma", 4.0, 3.0))
    antiviral_efficacy: float = 0.0
    antiviral_death_efficacy: float = 0.0
    antiviral_transmission_efficacy: float = 0.0

    def __post_init__(self) -> None:
        ages = len(self.symptomatic)
        for name in SEVERITY_BY_AGE:
            array = getattr(self, name)
            require_shape("Severity", name, array, (ages,))
            require_probability("Severity", name, array)
        for effect in ("", "_death", "_transmission"):
            require_probability(
                "Severity", f"antiviral{effect}_efficacy", getattr(self, f"antiviral{effect}_efficacy")
            )
        for care in ("ward", "intensive_care"):
            given, without = getattr(self, f"death_in_{care}"), getattr(self, f"death_without_{care}")
            if np.any(without < given):
                raise ValueError(
                    f"Severity: death_without_{care} must not be below death_in_{care} "
                    f"(got {without.tolist()} against {given.tolist()}); care never costs lives here"
                )


SEVERITY_BY_AGE = (
    "symptomatic",
    "severe",
    "critical",
    "death_in_ward",
    "death_without_ward",
    "death_in_intensive_care",
    "death_without_intensive_care",
)


@dataclass(frozen=True, eq=False)
class Protection:
    """Protection by vaccine and earlier infection: K classes, each person in one, and how each wanes.

    Class 0 is without protection. A person starts in ``class_of_status[vaccination status]``, or in
    ``class_of_earlier_infection`` with the probability of its age. A dose given on day d moves a person to
    ``class_of_dose_day[d]``.

    Parameters
    ----------
    infection, severe, death : float arrays [D, K]
        Share by which the class is protected on each day of the run: against infection at each contact
        (leaky), against a severe course once infected with symptoms, and against death once severe.
        Days after the last row are as the last row.
    class_of_status : tuple of 4 int
        Class of each ``population.records.VaccinationStatus`` at the start.
    class_of_dose_day : int32 array [D]
        Class of those who receive a dose on each day; -1 leaves the class as it is.
    earlier_infection : float array [A]
        Share infected before the start.
    class_of_earlier_infection : int
        Their class.
    """

    infection: Float64Array
    severe: Float64Array
    death: Float64Array
    class_of_status: tuple[int, int, int, int] = (0, 0, 0, 0)
    class_of_dose_day: Int32Array = field(default_factory=lambda: np.full(1, -1, dtype=np.int32))
    earlier_infection: Float64Array = field(default_factory=lambda: np.zeros(1))
    class_of_earlier_infection: int = 0

    def __post_init__(self) -> None:
        days, classes = self.infection.shape
        if classes > PROTECTION_CLASSES:
            raise ValueError(
                f"Protection: at most {PROTECTION_CLASSES} classes (got {classes}); "
                "join dose days into fortnights"
            )
        for name in ("infection", "severe", "death"):
            require_shape("Protection", name, getattr(self, name), (days, classes))
            require_probability("Protection", name, getattr(self, name))
        require_probability("Protection", "earlier_infection", self.earlier_infection)
        used = [*self.class_of_status, self.class_of_earlier_infection, *self.class_of_dose_day.tolist()]
        if max(used) >= classes or min(used[:5]) < 0 or min(used) < -1:
            raise ValueError(
                f"Protection: classes must be 0 to {classes - 1} (got {sorted(set(used))}); "
                "give every class a column"
            )


def no_protection() -> Protection:
    """Return the protection of a population that has never met the disease or a vaccine."""
    nothing = np.zeros((1, 1))
    return Protection(infection=nothing, severe=nothing, death=nothing)


@dataclass(frozen=True, eq=False)
class DiseaseCourse:
    """One disease and variant, in the numbers that the kernel needs.

    Parameters
    ----------
    infectiousness : Infectiousness
        When and how much a person passes on.
    transmissibility : float
        Probability that a contact of weight 1 infects, at mean infectiousness; see :class:`Contacts`.
    susceptibility : float array [A]
        Relative susceptibility by age, at most 1.
    severity : Severity or None
        None: infections only, no clinical course.
    pcr_sensitivity, antigen_sensitivity : float arrays
        Probability that a test is positive by whole days since infection; 0 after the last entry.
    """

    infectiousness: Infectiousness = field(default_factory=Infectiousness)
    transmissibility: float = 0.05
    susceptibility: Float64Array = field(default_factory=lambda: np.ones(1))
    severity: Severity | None = None
    pcr_sensitivity: Float64Array = field(default_factory=lambda: np.zeros(1))
    antigen_sensitivity: Float64Array = field(default_factory=lambda: np.zeros(1))

    def __post_init__(self) -> None:
        if not 0.0 <= self.transmissibility < float("inf"):
            raise ValueError(
                f"DiseaseCourse: transmissibility must be 0 or more and finite (got {self.transmissibility})"
            )
        for name in ("susceptibility", "pcr_sensitivity", "antigen_sensitivity"):
            require_probability("DiseaseCourse", name, getattr(self, name))


@dataclass(frozen=True, eq=False)
class Contacts:
    """Who meets whom on an ordinary day: contacts a day, weighted by closeness.

    A contact of weight w infects with probability ``transmissibility * w``; the kernel treats contacts as a
    Poisson process, so that only the product contacts x weight x transmissibility matters.

    Parameters
    ----------
    household_per_member : float
        Contacts a day with each other member of the household, for a household of two.
    household_exponent : float
        0: contacts with each member do not depend on household size; 1: their sum does not. In between: each
        pair has ``household_per_member * (size - 1) ** -household_exponent``.
    group : float array [4, A]
        Contacts a day inside the daytime group, by kind of group and age of the person; a group of one
        has none.
    community : float array [A, A]
        Contacts a day of a person of group a (row) with people of group b (column), with anybody.
    place_mixing : float array [P, P] or None
        Share of the community contacts of a resident of place p (row) that are with residents of place q;
        rows sum to 1. None: all with residents of the own place.
    weight : float array [6]
        Weight of a contact by :class:`Setting`.
    ceiling : float array [6]
        Largest product of contact factor and mask factor that a measure may ask for, by setting; 1 or more.
        Plans that are compared must be given the same ceiling, since it is part of the luck.
    """

    household_per_member: float
    group: Float64Array
    community: Float64Array
    household_exponent: float = 0.0
    place_mixing: Float64Array | None = None
    weight: Float64Array = field(default_factory=lambda: np.ones(SETTINGS))
    ceiling: Float64Array = field(default_factory=lambda: np.ones(SETTINGS))

    def __post_init__(self) -> None:
        ages = len(self.community)
        require_shape("Contacts", "group", self.group, (4, ages))
        require_shape("Contacts", "community", self.community, (ages, ages))
        require_shape("Contacts", "weight", self.weight, (SETTINGS,))
        require_shape("Contacts", "ceiling", self.ceiling, (SETTINGS,))
        require_within("Contacts", "household_exponent", self.household_exponent, 0.0, 1.0)
        for name in ("group", "community", "weight"):
            require_within("Contacts", name, getattr(self, name), 0.0, 1e6)
        require_within("Contacts", "household_per_member", self.household_per_member, 0.0, 1e6)
        require_within("Contacts", "ceiling", self.ceiling, 1.0, 10.0)
        if self.place_mixing is not None:
            places = len(self.place_mixing)
            require_shape("Contacts", "place_mixing", self.place_mixing, (places, places))
            require_probability("Contacts", "place_mixing", self.place_mixing)
            sums = self.place_mixing.sum(axis=1)
            if np.any(np.abs(sums - 1.0) > 1e-6):
                row = int(np.argmax(np.abs(sums - 1.0)))
                raise ValueError(
                    f"Contacts: rows of place_mixing must sum to 1 (row {row} sums to {sums[row]:.6g}); "
                    "divide each row by its sum"
                )
