from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "fangxian.console"
    label = "console"
    verbose_name = "控制台 Console"
