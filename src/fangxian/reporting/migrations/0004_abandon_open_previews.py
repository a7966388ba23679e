from django.db import migrations


def abandon_open_previews(apps, schema_editor):
    """A preview from before has no staged rows: its file must be previewed again."""
    batches = apps.get_model("reporting", "ImportBatch").objects.filter(status="previewed")
    batches.update(status="abandoned", content=None)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0003_staged_imports")]

    operations = [migrations.RunPython(abandon_open_previews, migrations.RunPython.noop)]
