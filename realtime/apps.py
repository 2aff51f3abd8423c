from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "realtime"
    verbose_name = "Realtime"

    def ready(self) -> None:
        # Registers the writer of events with the unit of work.
        from realtime import publishing  # noqa: F401
