from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        # allauth uses these modules as attributes of their package. Where several people sign in right after a start,
        # one request's import is another's "most likely due to a circular import".
        from cryptography.hazmat.primitives.ciphers import algorithms, modes  # noqa: F401
