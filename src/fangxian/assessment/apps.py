from __future__ import annotations

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "fangxian.assessment"
    label = "assessment"
    verbose_name = "研判 Assessment"
