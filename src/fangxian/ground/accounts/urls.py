"""Sign-in as allauth does it, and our own pages of people, duty and one's own account."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import URLPattern, path

from fangxian.ground.accounts import views
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import requires

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("accounts/", views.people, name="people"),
    path("accounts/new/", views.new_person, name="new-person"),
    path("accounts/people/<int:person>/", views.person, name="person"),
    path("accounts/people/<int:person>/roles/", views.grant, name="grant"),
    path("accounts/people/<int:person>/roles/<int:grant>/end/", views.revoke, name="revoke"),
    path("accounts/people/<int:person>/password/", views.new_password, name="new-password"),
    path("accounts/people/<int:person>/<slug:verb>/", views.act, name="act"),
    path("accounts/duty/", views.duty, name="duty"),
    path("accounts/duty/posts/", views.new_post, name="new-post"),
    path("accounts/duty/<int:post>/assign/", views.assign, name="assign"),
    path("accounts/me/", views.me, name="me"),
    path("accounts/me/tokens/", views.new_token, name="new-token"),
    path("accounts/me/tokens/<int:token>/revoke/", views.end_token, name="revoke-token"),
    path("accounts/me/sessions/end/", views.sign_out_everywhere, name="sign-out-everywhere"),
]

own = requires(Action.USE_OWN_ACCOUNT)

# Only what is used here: no open sign-up, no e-mail, no social sign-in, no password by mail.
sign_in_urlpatterns: list[URLPattern] = [
    path("login/", account.login, name="account_login"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("2fa/authenticate/", factor.authenticate, name="mfa_authenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("reauthenticate/", own(account.reauthenticate), name="account_reauthenticate"),
    path("password/change/", own(account.password_change), name="account_change_password"),
    path("2fa/", own(factor.index), name="mfa_index"),
    path("2fa/reauthenticate/", own(factor.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        own(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
]
