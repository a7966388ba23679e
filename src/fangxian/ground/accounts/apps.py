from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "fangxian.ground.accounts"
    label = "accounts"
    verbose_name = "账户 Accounts"
