"""Addresses of the brief."""

from __future__ import annotations

from django.urls import path

from fangxian.assessment import views

app_name = "assessment"
urlpatterns = [
    path("brief/<str:code>/", views.brief, name="brief"),
    path("brief/<str:code>/print/", views.brief_print, name="brief_print"),
    path("brief/<str:code>/brief.docx", views.brief_document, name="brief_document"),
]
