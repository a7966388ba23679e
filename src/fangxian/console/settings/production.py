"""The default: everything from the environment, safe without it on one machine."""

from __future__ import annotations

import os
import secrets

from fangxian.console.settings.base import *  # noqa: F403 -- settings are one namespace by Django's design
from fangxian.console.settings.base import HOME
from fangxian.console.settings.database import database_from
from fangxian.console.settings.security import *  # noqa: F403 -- the same

HOME.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    given = os.environ.get("FANGXIAN_SECRET_KEY")
    if given:
        return given
    kept = HOME / "secret_key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("FANGXIAN_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("FANGXIAN_ORIGINS", "").split(",") if origin]
DATABASES = {"default": database_from(os.environ.get("DATABASE_URL"), HOME)}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(CSRF_TRUSTED_ORIGINS)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
