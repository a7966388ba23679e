"""Places as a tree of codes, and the facilities that stand in them."""

from __future__ import annotations

from django.db import models

from fangxian.ground.places.choices import CapacityKind, FacilityKind, Grade, Level


class LevelName(models.Model):
    """What a country calls a level: 县 in China, provincia in Italy."""

    country = models.CharField(max_length=2)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    name_zh = models.CharField(max_length=32)
    name_en = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "level"], name="level_name_once")]

    def __str__(self) -> str:
        return f"{self.country} {self.level} {self.name_en}"


class Place(models.Model):
    """A place by its statistical code.

    The tree is kept as nested intervals: ``tree_left <= descendant.tree_left <= tree_right``, so that a
    subtree is one range on both databases. A place that was merged hangs under its ``successor`` with
    ``valid_to`` set: totals of the successor go on over the merger.
    """

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2, default="CN")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    former_parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="former_children",
        help_text="Where a merged place stood before",
    )
    tree_left = models.IntegerField(default=0)
    tree_right = models.IntegerField(default=0)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="First day on which the place is no more")
    population = models.PositiveIntegerField(
        null=True, blank=True, help_text="Latest total known; absent is not 0"
    )
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["tree_left"]
        indexes = [
            models.Index(fields=["tree_left", "tree_right"], name="place_tree"),
            models.Index(fields=["parent", "tree_left"], name="place_parent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(successor__isnull=True) | models.Q(valid_to__isnull=False),
                name="place_successor_needs_end",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FormerName(models.Model):
    """What a place was called before it was renamed."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    until = models.DateField(help_text="First day of the next name")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "until"], name="former_name_once_per_date")]

    def __str__(self) -> str:
        return f"{self.name} (-{self.until})"


class PlaceCode(models.Model):
    """Another code or name for a place: older editions, boundary files, foreign data sets."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="codes")
    system = models.CharField(max_length=64, help_text="Whose code, e.g. boundaries-2018, name-zh")
    code = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="place_code_once")]

    def __str__(self) -> str:
        return f"{self.system}:{self.code}"


class Boundary(models.Model):
    """Outline of a place for a span of time, as a GeoJSON geometry."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="boundaries")
    geometry = models.JSONField()
    label_longitude = models.FloatField(null=True)
    label_latitude = models.FloatField(null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "source"], name="boundary_once_per_source")]

    def __str__(self) -> str:
        return f"{self.place_id} ({self.source})"


class Population(models.Model):
    """People of an age band in a place in a year, with the source."""

    place = models.ForeignKey(Place, models.CASCADE, related_name="populations")
    year = models.PositiveSmallIntegerField()
    age_low = models.PositiveSmallIntegerField(default=0)
    age_high = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Inclusive; absent: and over"
    )
    people = models.PositiveIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "year", "age_low", "age_high"], name="population_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.year} {self.age_low}-{self.age_high}: {self.people}"


class Facility(models.Model):
    """A unit that stands in a place; the units that report are facilities."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=32, choices=FacilityKind.choices)
    grade = models.CharField(max_length=16, choices=Grade.choices, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, related_name="facilities")
    address = models.CharField(max_length=200, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    opened = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True, help_text="First day on which the facility is closed")
    population_served = models.PositiveIntegerField(null=True, blank=True)
    synthetic = models.BooleanField(default=False, help_text="模拟数据: made by a generator, not a real unit")
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "facilities"
        ordering = ["code"]
        indexes = [models.Index(fields=["place", "kind"], name="facility_place_kind")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Capacity(models.Model):
    """How much of one kind a facility has from a date on."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="capacities")
    kind = models.CharField(max_length=40, choices=CapacityKind.choices)
    amount = models.PositiveIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "capacities"
        constraints = [
            models.UniqueConstraint(fields=["facility", "kind", "valid_from"], name="capacity_once_per_date")
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.kind} {self.amount}"
