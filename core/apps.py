from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import lookups  # noqa: F401 - registers them
        from core.personal_data import unknown_periods
        from core.registry import discover

        discover()
        if unknown := unknown_periods():
            raise ImproperlyConfigured(
                f"CLUSTR_RETENTION: nothing is kept for a time under {', '.join(unknown)}"
            )
