from django.db import migrations

KEPT = [("importbatch", "content"), ("importbatch", "faults"), ("stagedrows", "rows")]


def store_as(storage):
    def change(apps, schema_editor):
        """What a preview keeps goes again at its commit: PostgreSQL would spend longer on compressing it."""
        if schema_editor.connection.vendor != "postgresql":
            return
        for table, column in KEPT:
            schema_editor.execute(f"ALTER TABLE reporting_{table} ALTER COLUMN {column} SET STORAGE {storage}")

    return change


class Migration(migrations.Migration):
    dependencies = [("reporting", "0004_abandon_open_previews")]

    operations = [migrations.RunPython(store_as("EXTERNAL"), store_as("EXTENDED"))]
