"""Reading places and facilities. Places are not personal: what a viewer may open is decided at the view."""

from fangxian.ground.places.selectors.boundaries import boundaries_below, boundaries_to_show
from fangxian.ground.places.selectors.facilities import (
    CapacityTotal,
    capacities_of,
    capacity_totals,
    facility_by_code,
    find_units,
    kinds_under,
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
    units_by_child,
)

__all__ = [
    "CapacityTotal",
    "ancestors",
    "boundaries_below",
    "boundaries_to_show",
    "capacities_of",
    "capacity_totals",
    "children",
    "facility_by_code",
    "find_places",
    "find_units",
    "former_names",
    "kinds_under",
    "level_label",
    "level_labels",
    "place_by_code",
    "populations_of",
    "predecessors",
    "subtree",
    "units_by_child",
    "units_under",
]
