from __future__ import annotations

from django.urls import path

from fangxian.ground.places import views

app_name = "places"
urlpatterns = [
    path("places/", views.place_index, name="index"),
    path("places/<str:code>/", views.place_page, name="place"),
    path("places/<str:code>/facilities/new/", views.new_facility, name="new_facility"),
    path("places/<str:code>/facilities/import/", views.import_facilities, name="import_facilities"),
    path("facilities/<str:unit>/", views.facility_page, name="facility"),
    path("facilities/<str:unit>/change/", views.change_facility, name="change_facility"),
    path("facilities/<str:unit>/capacities/", views.state_capacity, name="state_capacity"),
]
