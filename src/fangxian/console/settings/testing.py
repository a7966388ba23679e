"""Tests: as production, with fast password hashing and no memory between runs."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "FANGXIAN_HOME" not in os.environ:
    os.environ["FANGXIAN_HOME"] = tempfile.mkdtemp(prefix="fangxian-test-")
    atexit.register(shutil.rmtree, os.environ["FANGXIAN_HOME"], ignore_errors=True)

from fangxian.console.settings.production import *  # noqa: F403 -- the home must be set first

SECRET_KEY = "testing only"  # noqa: S105 -- nothing is signed for the world here
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
STATIC_ROOT = Path(os.environ["FANGXIAN_HOME"]) / "static"
STATIC_ROOT.mkdir(exist_ok=True)
