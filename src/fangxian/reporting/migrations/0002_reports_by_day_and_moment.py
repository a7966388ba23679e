from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="report", name="report_reported_at"),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["form", "day", "reported_at"], name="report_day_reported_at"),
        ),
    ]
