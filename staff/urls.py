from django.urls import path

from staff.api import duty, posts

POSTS = "estates/<uuid:estate_id>/posts/"

urlpatterns = [
    path("estates/<uuid:estate_id>/duty/", duty.DutyEndpoint.as_view(), name="duty"),
    path(POSTS, posts.PostsEndpoint.as_view(), name="posts"),
    path(f"{POSTS}<uuid:post_id>/", posts.PostEndpoint.as_view(), name="post"),
    path(f"{POSTS}<uuid:post_id>/device/", posts.PostDeviceEndpoint.as_view(), name="post-device"),
]
