import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reporting", "0002_reports_by_day_and_moment"),
    ]

    operations = [
        migrations.AddField(
            model_name='importbatch',
            name='faults',
            field=models.BinaryField(help_text='What is wrong with each refused row of the content', null=True),
        ),
        migrations.AddField(
            model_name='importbatch',
            name='footing',
            field=models.JSONField(help_text='What the preview rests on: register, plans and reports as it found them', null=True),
        ),
        migrations.AlterField(
            model_name='importbatch',
            name='content',
            field=models.BinaryField(help_text='The file as it came, kept until abandoned, or until committed with no row refused', null=True),
        ),
        migrations.CreateModel(
            name='StagedRows',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=64)),
                ('edition', models.CharField(help_text='SHA-256 of the edition of the plan that holds', max_length=64)),
                ('rows', models.BinaryField(help_text='Parquet')),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staged', to='reporting.importbatch')),
            ],
            options={
                'verbose_name_plural': 'staged rows',
            },
        ),
    ]
