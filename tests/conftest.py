"""What every test stands on."""

from __future__ import annotations

from hypothesis import settings

from append_only import flush_past_the_audit_guard  # noqa: F401 -- a fixture is known by being here

# No test asserts a duration, so hypothesis may not either: a busy machine is not a defect.
settings.register_profile("fangxian", deadline=None, print_blob=True)
settings.load_profile("fangxian")
