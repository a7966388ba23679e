from __future__ import annotations

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "fangxian.ground.places"
    label = "places"
    verbose_name = "地区与机构 Places and facilities"
