from __future__ import annotations

from django.apps import AppConfig


class EmergencyPlansConfig(AppConfig):
    name = "fangxian.ground.emergency_plans"
    label = "emergency_plans"
    verbose_name = "预案 Emergency plans"
