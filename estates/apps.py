from django.apps import AppConfig


class EstatesConfig(AppConfig):
    name = "estates"
    verbose_name = "Estates"

    def ready(self) -> None:
        from estates import records  # noqa: F401 - registers itself
