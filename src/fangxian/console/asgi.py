"""The server's entry."""

from __future__ import annotations

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangxian.console.settings.production")
application = get_asgi_application()

# Every page is loaded now, and what was loaded never dies: a collection that looks through all of it again
# would hold up one page in twenty by 70 ms (bench/read_pages.py).
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
