"""Every change to places and facilities."""

from fangxian.ground.places.services.boundaries import BoundaryOrigin, import_boundaries, register_codes
from fangxian.ground.places.services.divisions import (
    Origin,
    division_files,
    import_divisions,
    import_places,
    set_level_names,
)
from fangxian.ground.places.services.facilities import import_facilities, save_facility, set_capacity
from fangxian.ground.places.services.followers import follow_register, register_changes
from fangxian.ground.places.services.mergers import end_place, merge_place, rename_place
from fangxian.ground.places.services.packaged import load_level_names, load_packaged
from fangxian.ground.places.services.populations import import_populations
from fangxian.ground.places.services.tree import rebuild_tree

__all__ = [
    "BoundaryOrigin",
    "Origin",
    "division_files",
    "end_place",
    "follow_register",
    "import_boundaries",
    "import_divisions",
    "import_facilities",
    "import_places",
    "import_populations",
    "load_level_names",
    "load_packaged",
    "merge_place",
    "rebuild_tree",
    "register_changes",
    "register_codes",
    "rename_place",
    "save_facility",
    "set_capacity",
    "set_level_names",
]
