"""A timeline entry is never changed: the database refuses it, whoever asks."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = """
    CREATE FUNCTION emergency_timeline_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a timeline entry is never changed' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER emergency_timeline_append_only BEFORE UPDATE ON emergency_timelineentry
        FOR EACH ROW EXECUTE FUNCTION emergency_timeline_refuse();
"""
SQLITE = """
    CREATE TRIGGER emergency_timeline_append_only BEFORE UPDATE ON emergency_timelineentry
    BEGIN SELECT RAISE(ABORT, 'a timeline entry is never changed'); END
"""


def add_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def drop_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER emergency_timeline_append_only ON emergency_timelineentry")
        schema_editor.execute("DROP FUNCTION emergency_timeline_refuse()")
    else:
        schema_editor.execute("DROP TRIGGER emergency_timeline_append_only")


class Migration(migrations.Migration):
    dependencies = [("emergency", "0001_initial")]

    operations = [migrations.RunPython(add_trigger, drop_trigger)]
