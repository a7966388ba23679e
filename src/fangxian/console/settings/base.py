"""Settings shared by every way of running: what the house is made of."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("FANGXIAN_HOME", "var")).resolve()

INSTALLED_APPS = [
    "fangxian.ground.accounts",  # first: its sign-in pages stand before those that allauth brings
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "ninja",  # serves the page of the API from our own files, not from a distant host
    "fangxian.ground.audit",
    "fangxian.ground.places",
    "fangxian.ground.emergency_plans",
    "fangxian.reporting",
    "fangxian.assessment",
    "fangxian.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "fangxian.console.middleware.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "fangxian.console.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "fangxian.console.gate.SignInRequired",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fangxian.console.middleware.ErrorsInWords",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fangxian.console.urls"
ASGI_APPLICATION = "fangxian.console.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fangxian.console.context.frame",
            ]
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [PACKAGE / "console" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATICFILES_DIRS = [PACKAGE / "console" / "static"]
STATIC_ROOT = HOME / "static"

FANGXIAN_SYNTHETIC = os.environ.get("FANGXIAN_SYNTHETIC") == "1"  # every page says 模拟数据
