import core.clock
import core.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("estates", "0004_household"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                (
                    "prefix",
                    models.CharField(
                        help_text="How the key begins, so that it can be told from others", max_length=20
                    ),
                ),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("permissions", models.JSONField(default=list, help_text="Permission values")),
                ("created_at", models.DateTimeField(default=core.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, help_text="To within some minutes", null=True),
                ),
                (
                    "addresses",
                    models.JSONField(default=list, help_text="From where it was used, the newest one last"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to="estates.membership",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="estates.estate"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["estate", "created_at"], name="key_list")],
            },
        ),
    ]
