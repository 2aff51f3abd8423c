from django.db import migrations, models
from django.db.models.functions import Lower

import accounts.models


def write_small(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects
    users.exclude(email=None).update(email=Lower("email"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="user", name="email", field=accounts.models.AddressField(blank=True, max_length=254, null=True)
        ),
        migrations.AddField(
            model_name="user", name="is_email_verified", field=models.BooleanField(default=False)
        ),
        migrations.RunPython(write_small, migrations.RunPython.noop),
    ]
