from __future__ import annotations

from django.urls import URLPattern

app_name = "emergency_plans"
urlpatterns: list[URLPattern] = []
