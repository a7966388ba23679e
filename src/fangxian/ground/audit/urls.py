"""The page of the trail."""

from __future__ import annotations

from django.urls import URLPattern, path

from fangxian.ground.audit import views

app_name = "audit"
urlpatterns: list[URLPattern] = [path("audit/", views.trail, name="trail")]
