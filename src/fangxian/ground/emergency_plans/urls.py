from __future__ import annotations

from django.urls import path

from fangxian.ground.emergency_plans import views

app_name = "emergency_plans"
urlpatterns = [
    path("plan/<str:code>/", views.show_plan, name="plan"),
    path("plan/<str:code>/change/", views.change_plan, name="change"),
]
