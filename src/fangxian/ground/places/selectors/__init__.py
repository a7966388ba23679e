"""Reading places and facilities. Places are not personal: what a viewer may open is decided at the view."""

from fangxian.ground.places.selectors.boundaries import boundaries_below
from fangxian.ground.places.selectors.facilities import (
    CapacityTotal,
    capacities_of,
    capacity_totals,
    facilities_at,
    facility_by_code,
    units_under,
)
from fangxian.ground.places.selectors.places import (
    ancestors,
    children,
    find_places,
    former_names,
    level_label,
    level_labels,
    place_by_code,
    populations_of,
    predecessors,
    subtree,
)

__all__ = [
    "CapacityTotal",
    "ancestors",
    "boundaries_below",
    "capacities_of",
    "capacity_totals",
    "children",
    "facilities_at",
    "facility_by_code",
    "find_places",
    "former_names",
    "level_label",
    "level_labels",
    "place_by_code",
    "populations_of",
    "predecessors",
    "subtree",
    "units_under",
]
