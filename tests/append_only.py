"""Lets a test that really commits empty its database afterwards: the guard of the audit trail steps aside
for that one flush and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db.backends.base.operations import BaseDatabaseOperations


@pytest.fixture(scope="session", autouse=True)
def flush_past_the_audit_guard() -> Iterator[None]:
    """Take the triggers down around Django's own flush between transactional tests."""
    guard = import_module("fangxian.ground.audit.migrations.0002_append_only")
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_unguarded(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        vendor = operations.connection.vendor
        _execute(operations, guard.unguard_statements(vendor))
        flush(operations, statements)
        _execute(operations, guard.guard_statements(vendor))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_unguarded)
        yield


def _execute(operations: BaseDatabaseOperations, statements: list[str]) -> None:
    with operations.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
