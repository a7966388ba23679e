"""Loading the places that travel with the package."""

from __future__ import annotations

import tomllib
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from fangxian.base.errors import NotFound
from fangxian.ground.places.rules.outcome import Outcome
from fangxian.ground.places.services.divisions import division_files, import_divisions, set_level_names

PACKAGED = Path(__file__).resolve().parents[1] / "packaged"
DIVISIONS_SOURCE = "china-division 2.7.0 (国家统计局 2023-06-30)"


def load_level_names(*, actor: AbstractBaseUser | None) -> None:
    """State the level names of the countries that the package knows."""
    countries = tomllib.loads((PACKAGED / "levels.toml").read_text(encoding="utf-8"))
    for country, levels in countries.items():
        names = {int(level): (both["zh"], both["en"]) for level, both in levels.items()}
        set_level_names(actor=actor, country=country, names=names)


def load_packaged(*, actor: AbstractBaseUser | None, city: str = "1304") -> Outcome:
    """Load a packaged city down to its villages, with level names, outlines and population."""
    folder = PACKAGED / city
    if not city.isalnum() or not folder.is_dir():
        raise NotFound(
            {"zh": f"没有随附代码为 {city} 的城市。", "en": f"No city {city} is packaged."},
            {
                "zh": "随附:1304;其他城市请用 fangxian places import。",
                "en": "Packaged: 1304; load any other with fangxian places import.",
            },
        )
    with transaction.atomic():
        load_level_names(actor=actor)
        return import_divisions(actor=actor, files=division_files(folder), source=DIVISIONS_SOURCE)
