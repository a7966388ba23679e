"""Words that places and facilities are described with."""

from __future__ import annotations

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Level(IntegerChoices):
    """Depth in the tree; each country names its own levels (``LevelName``)."""

    NATION = 0, _("Nation")
    PROVINCE = 1, _("Province")
    CITY = 2, _("City")
    COUNTY = 3, _("County")
    TOWNSHIP = 4, _("Township")
    VILLAGE = 5, _("Village")


class FacilityKind(TextChoices):
    """What a facility is; plan files name these codes under ``reporters.facility_kinds``."""

    HEALTH_AUTHORITY = "health_authority", _("Health authority")
    CDC = "cdc", _("Centre for disease control")
    HOSPITAL = "hospital", _("Hospital")
    TOWNSHIP_CLINIC = "township_clinic", _("Township health centre")
    VILLAGE_CLINIC = "village_clinic", _("Village clinic")
    PHARMACY = "pharmacy", _("Pharmacy")
    LABORATORY = "laboratory", _("Laboratory")
    ISOLATION_SITE = "isolation_site", _("Isolation site")
    INSTITUTION = "institution", _("Care home, school or other institution")
    WAREHOUSE = "warehouse", _("Warehouse")


class Grade(TextChoices):
    """Hospital grade."""

    TERTIARY = "tertiary", _("Tertiary hospital")
    SECONDARY = "secondary", _("Secondary hospital")
    PRIMARY = "primary", _("Primary care")
    NONE = "", _("Not graded")


class CapacityKind(TextChoices):
    """What a facility can hold or do; every amount is dated."""

    ORDINARY_BED = "ordinary_bed", _("Ordinary bed")
    INTENSIVE_CARE_BED = "intensive_care_bed", _("Intensive-care bed")
    CONVERTIBLE_INTENSIVE_CARE_BED = "convertible_intensive_care_bed", _("Convertible intensive-care bed")
    INFECTIOUS_DISEASE_BED = "infectious_disease_bed", _("Infectious-disease bed")
    ISOLATION_ROOM = "isolation_room", _("Isolation room")
    TUBES_PER_DAY = "tubes_per_day", _("Laboratory tubes a day")
    FEVER_CLINIC_ROOM = "fever_clinic_room", _("Fever-clinic room")
