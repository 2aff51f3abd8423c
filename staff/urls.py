from django.urls import path

from staff.api import DutyEndpoint

urlpatterns = [path("estates/<uuid:estate_id>/duty/", DutyEndpoint.as_view(), name="duty")]
