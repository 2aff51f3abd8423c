"""The addresses of the pages."""

from django.urls import include, path

from console.views import (
    answer,
    audit,
    board,
    desk,
    desk_keys,
    desk_lists,
    desk_posts,
    entry,
    home,
    neighbours,
    people,
    reference,
    roles,
    settings,
    settings_notifications,
    settings_privacy,
    settings_profile,
    shell,
    sign_up,
)

pages = [
    path("", entry.start, name="start"),
    path("settings/", settings.settings, name="settings"),
    path("settings/profile/", settings_profile.profile, name="settings-profile"),
    path("settings/devices/", settings_profile.devices, name="settings-devices"),
    path("settings/notifications/", settings_notifications.notifications, name="settings-notifications"),
    path("settings/privacy/", settings_privacy.privacy, name="settings-privacy"),
    path("settings/authenticator.svg", settings.authenticator_code, name="authenticator-code"),
    path("estates/<uuid:estate_id>/board/", board.board, name="board"),
    path("estates/<uuid:estate_id>/home/", home.home, name="home"),
    path("estates/<uuid:estate_id>/neighbours/", neighbours.neighbours, name="neighbours"),
    path("estates/<uuid:estate_id>/desk/alerts/", desk.alerts, name="desk-alerts"),
    path("estates/<uuid:estate_id>/desk/alerts/<uuid:alert_id>/", desk.alert, name="desk-alert"),
    path("estates/<uuid:estate_id>/desk/posts/", desk_posts.posts, name="desk-posts"),
    path("estates/<uuid:estate_id>/desk/people/", people.people, name="desk-people"),
    path("estates/<uuid:estate_id>/desk/people/<uuid:member_id>/", people.person, name="desk-person"),
    path("estates/<uuid:estate_id>/desk/units/", people.units, name="desk-units"),
    path("estates/<uuid:estate_id>/desk/units/<uuid:unit_id>/", people.unit, name="desk-unit"),
    path("estates/<uuid:estate_id>/desk/lists/", desk_lists.lists, name="desk-lists"),
    path("estates/<uuid:estate_id>/desk/keys/", desk_keys.keys, name="desk-keys"),
    path("estates/<uuid:estate_id>/desk/record/", audit.audit, name="desk-audit"),
    path("estates/<uuid:estate_id>/desk/roles/", roles.roles, name="desk-roles"),
    # Short: it stands in a text message.
    path("a/<str:token>/", answer.answer, name="answer"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("service-worker.js", shell.service_worker, name="service-worker"),
    path("docs/problems/", reference.problems, name="problems"),
    path("api/docs/realtime/", reference.live_feed, name="live-feed"),
    path("offline/", shell.offline, name="offline"),
]

urlpatterns = [
    path("", include((pages, "console"))),
    # allauth looks its own pages up by these names.
    path("sign-in/", entry.SignIn.as_view(), name="account_login"),
    path("sign-in/code/", entry.RequestCode.as_view(), name="account_request_login_code"),
    path("sign-in/code/confirm/", entry.ConfirmCode.as_view(), name="account_confirm_login_code"),
    path("sign-up/", sign_up.SignUp.as_view(), name="account_signup"),
    path("sign-up/code/", sign_up.sign_up_code, name="account_sign_up_code"),
    path("password/", sign_up.ForgottenPassword.as_view(), name="account_reset_password"),
    path("password/new/", sign_up.new_password, name="account_new_password"),
    path("sign-in/second-step/", entry.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-out/", entry.SignOut.as_view(), name="account_logout"),
    path("switched-off/", entry.inactive, name="account_inactive"),
]
