"""Every change to places and facilities."""

from fangxian.ground.places.services.divisions import (
    Origin,
    division_files,
    import_divisions,
    import_places,
    set_level_names,
)
from fangxian.ground.places.services.packaged import load_level_names, load_packaged
from fangxian.ground.places.services.tree import rebuild_tree

__all__ = [
    "Origin",
    "division_files",
    "import_divisions",
    "import_places",
    "load_level_names",
    "load_packaged",
    "rebuild_tree",
    "set_level_names",
]
