from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "fangxian.ground.accounts"
    label = "accounts"
    verbose_name = "账号 Accounts"

    def ready(self) -> None:
        """Begin to listen at the door once all models are there."""
        from fangxian.ground.accounts.services.sign_in import connect

        connect()
