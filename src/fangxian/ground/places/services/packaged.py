"""Loading the places that travel with the package."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from fangxian.base.errors import NotFound
from fangxian.ground.places.models import Place
from fangxian.ground.places.rules.outcome import Outcome
from fangxian.ground.places.rules.tables import read_csv
from fangxian.ground.places.services.boundaries import BoundaryOrigin, import_boundaries, register_codes
from fangxian.ground.places.services.divisions import (
    Progress,
    division_files,
    import_divisions,
    set_level_names,
)
from fangxian.ground.places.services.populations import import_populations

PACKAGED = Path(__file__).resolve().parents[1] / "packaged"


def load_level_names(*, actor: AbstractBaseUser | None) -> None:
    """State the level names of the countries that the package knows."""
    countries = tomllib.loads((PACKAGED / "levels.toml").read_text(encoding="utf-8"))
    for country, levels in countries.items():
        names = {int(level): (both["zh"], both["en"]) for level, both in levels.items()}
        set_level_names(actor=actor, country=country, names=names)


def load_packaged(
    *, actor: AbstractBaseUser | None, city: str = "1304", progress: Progress | None = None
) -> Outcome:
    """Load a packaged city down to its villages, with level names, outlines and population."""
    folder = PACKAGED / city
    if not city.isalnum() or not folder.is_dir():
        raise NotFound(
            {"zh": f"没有随附代码为 {city} 的城市。", "en": f"No city {city} is packaged."},
            {
                "zh": "随附：1304；其他城市请用 fangxian places import。",
                "en": "Packaged: 1304; load any other with fangxian places import.",
            },
        )
    city_record = tomllib.loads((folder / "city.toml").read_text(encoding="utf-8"))
    source = city_record["divisions"]["source"]
    with transaction.atomic():
        load_level_names(actor=actor)
        outcome = import_divisions(
            actor=actor, files=division_files(folder), source=source, progress=progress
        )
        _name_in_english(city_record["names_en"])
        _load_boundaries(actor, folder, city_record["boundaries"])
        populations = folder / "populations.csv"
        import_populations(actor=actor, table=read_csv(populations.name, populations.read_bytes()))
    return outcome


def _name_in_english(names: dict[str, str]) -> None:
    places = list(Place.objects.filter(code__in=names, name_en=""))
    for place in places:
        place.name_en = names[place.code]
    Place.objects.bulk_update(places, ["name_en"])


def _load_boundaries(actor: AbstractBaseUser | None, folder: Path, said: dict[str, Any]) -> None:
    system = said["code_system"]
    register_codes(actor=actor, system=system, codes=said["codes"])
    path = folder / said["file"]
    import_boundaries(
        actor=actor,
        file=(path.name, path.read_bytes()),
        origin=BoundaryOrigin(system, said["source"], said["licence"]),
    )
