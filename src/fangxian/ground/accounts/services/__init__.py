"""Writing accounts: each change by one verb, each with its row in the audit trail."""

from fangxian.ground.accounts.services.grants import (
    ALWAYS,
    Span,
    assign_duty,
    create_administrator,
    create_duty_post,
    grant_role,
    revoke_grant,
)
from fangxian.ground.accounts.services.people import (
    Names,
    create_account,
    deactivate_account,
    end_sessions,
    reactivate_account,
    reset_password,
    reset_second_factor,
)
from fangxian.ground.accounts.services.sign_in import SecondFactorAdapter, SignInAdapter
from fangxian.ground.accounts.services.tokens import issue_token, revoke_token, user_of_token

__all__ = [
    "ALWAYS",
    "Names",
    "SecondFactorAdapter",
    "SignInAdapter",
    "Span",
    "assign_duty",
    "create_account",
    "create_administrator",
    "create_duty_post",
    "deactivate_account",
    "end_sessions",
    "grant_role",
    "issue_token",
    "reactivate_account",
    "reset_password",
    "reset_second_factor",
    "revoke_grant",
    "revoke_token",
    "user_of_token",
]
