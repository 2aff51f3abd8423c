"""The user: one person, one login, however many estates."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models.functions import Lower

from core.clock import now
from core.ids import new_id


class AddressField(models.EmailField):  # type: ignore[type-arg]  # it is no generic when it runs
    """Kept and looked up in small letters, as people type one address in several ways."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared.lower() if isinstance(prepared, str) else prepared


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. Signs in with email or phone; what he may do hangs on his memberships."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    email = AddressField(null=True, blank=True)
    is_email_verified = models.BooleanField(default=False)
    phone = models.CharField(max_length=20, null=True, blank=True, unique=True, help_text="E.164")
    is_phone_verified = models.BooleanField(default=False)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    is_platform_admin = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    objects = UserManager()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                # A child has neither, and signs in nowhere: Django marks a password that is none so.
                condition=models.Q(email__isnull=False)
                | models.Q(phone__isnull=False)
                | models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX),
                name="user_has_email_or_phone",
            ),
        ]

    @property
    def has_proved_an_address(self) -> bool:
        return self.is_email_verified or self.is_phone_verified

    def __str__(self) -> str:
        return self.name
