from __future__ import annotations

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "fangxian.reporting"
    label = "reporting"
    verbose_name = "信息报送 Reporting"
