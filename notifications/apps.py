from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications import one_time_codes, one_time_mails  # noqa: F401 - they register themselves
