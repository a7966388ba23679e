from __future__ import annotations

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "fangxian.reporting"
    label = "reporting"
    verbose_name = "信息报送 Reporting"

    def ready(self) -> None:
        """Have the totals follow every move of units and places."""
        from fangxian.ground.places.services import follow_register
        from fangxian.reporting.services.moves import carry_totals

        follow_register(carry_totals)
