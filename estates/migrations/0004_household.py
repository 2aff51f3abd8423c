import django.db.models.deletion
from django.db import migrations, models

import core.clock

BEGUN_AT = dict(
    blank=True, editable=False, help_text="When its first day was acted upon; null while to come", null=True
)


class Migration(migrations.Migration):
    dependencies = [("estates", "0003_invited")]

    operations = [
        # Homes that are there already gave their roles in another way: they count as begun.
        migrations.AddField(
            model_name="occupancy",
            name="begun_at",
            field=models.DateTimeField(default=core.clock.now, **BEGUN_AT),
        ),
        migrations.AlterField(
            model_name="occupancy",
            name="begun_at",
            field=models.DateTimeField(**BEGUN_AT),
        ),
        migrations.AddField(
            model_name="occupancy",
            name="host",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="household",
                to="estates.occupancy",
            ),
        ),
        migrations.AddIndex(
            model_name="occupancy",
            index=models.Index(
                condition=models.Q(("begun_at__isnull", True)), fields=["starts_on"], name="occupancy_to_come"
            ),
        ),
    ]
