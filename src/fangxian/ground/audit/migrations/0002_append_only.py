"""The database itself refuses to change or remove what is in the trail, and to wind its head back."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WHY = "the audit trail is append-only"

SQLITE = {
    "audit_event_no_update": (
        "BEFORE UPDATE ON audit_auditevent BEGIN SELECT RAISE(ABORT, '{why}'); END"
    ),
    "audit_event_no_delete": (
        "BEFORE DELETE ON audit_auditevent BEGIN SELECT RAISE(ABORT, '{why}'); END"
    ),
    "audit_head_forward_only": (
        "BEFORE UPDATE ON audit_chainhead WHEN NEW.sequence <= OLD.sequence "
        "BEGIN SELECT RAISE(ABORT, '{why}'); END"
    ),
    "audit_head_no_delete": (
        "BEFORE DELETE ON audit_chainhead BEGIN SELECT RAISE(ABORT, '{why}'); END"
    ),
}

POSTGRESQL = {
    "audit_event_no_update": ("audit_auditevent", "BEFORE UPDATE OR DELETE", "FOR EACH ROW"),
    "audit_event_no_truncate": ("audit_auditevent", "BEFORE TRUNCATE", "FOR EACH STATEMENT"),
    "audit_head_forward_only": (
        "audit_chainhead",
        "BEFORE UPDATE",
        "FOR EACH ROW WHEN (NEW.sequence <= OLD.sequence)",
    ),
    "audit_head_no_delete": ("audit_chainhead", "BEFORE DELETE", "FOR EACH ROW"),
    "audit_head_no_truncate": ("audit_chainhead", "BEFORE TRUNCATE", "FOR EACH STATEMENT"),
}


def guard_statements(vendor: str) -> list[str]:
    """Return the statements that put the guard up."""
    if vendor == "sqlite":
        return [f"CREATE TRIGGER {name} {body.format(why=WHY)}" for name, body in SQLITE.items()]
    function = (
        "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WHY}'; END $$"
    )
    triggers = [
        f"CREATE TRIGGER {name} {event} ON {table} {each} EXECUTE FUNCTION audit_refuse()"
        for name, (table, event, each) in POSTGRESQL.items()
    ]
    return [function, *triggers]


def unguard_statements(vendor: str) -> list[str]:
    """Return the statements that take the guard down: for going back, and for emptying a test database."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE]
    triggers = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, (table, _, _) in POSTGRESQL.items()]
    return [*triggers, "DROP FUNCTION IF EXISTS audit_refuse()"]


def _guard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in guard_statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def _unguard(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in unguard_statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(_guard, _unguard)]
