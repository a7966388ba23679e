"""Pages of people, duty and one's own account; every change goes through a service."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from fangxian.base.errors import Conflict, InvalidInput, NotFound
from fangxian.ground.accounts import services
from fangxian.ground.accounts.choices import Action, Role
from fangxian.ground.accounts.forms import DutyForm, GrantForm, PasswordForm, PersonForm, PostForm, TokenForm
from fangxian.ground.accounts.models import User
from fangxian.ground.accounts.selectors import people as selected
from fangxian.ground.accounts.selectors import requires
from fangxian.ground.accounts.selectors.lookup import (
    grant_of,
    place_by_code,
    post_within,
    scope_by_code,
    token_of,
    user_by_name,
)
from fangxian.ground.accounts.selectors.me import describe
from fangxian.ground.accounts.services.grants import Titles

VERBS: dict[str, Callable[..., None]] = {
    "close": services.deactivate_account,
    "reopen": services.reactivate_account,
    "sign-out": services.end_sessions,
    "remove-second-factor": services.reset_second_factor,
}


@require_GET
@requires(Action.CHANGE_ACCOUNTS)
def people(request: HttpRequest) -> HttpResponse:
    """List the people whose accounts or roles lie in the viewer's scope."""
    page = Paginator(selected.people_within(request.user), 50).get_page(request.GET.get("page"))
    held = selected.grants_by_person(page, ended=False)
    rows = [(person, held.get(person.pk, [])) for person in page]
    secured = selected.second_factor_people(page)
    return render(request, "accounts/people.html", {"page": page, "rows": rows, "secured": secured})


@sensitive_post_parameters("password")
@requires(Action.CHANGE_ACCOUNTS)
def new_person(request: HttpRequest) -> HttpResponse:
    """Open an account."""
    form = PersonForm(request.POST or None)

    def save(given: dict[str, str]) -> User:
        return services.create_account(
            actor=request.user,
            username=given["username"],
            password=given["password"],
            home=place_by_code(given["home"]),
            names=services.Names(given["last_name"], given["first_name"], given["telephone"]),
        )

    made = _saved(request, form, save)
    if isinstance(made, User):
        return redirect("accounts:person", person=made.pk)
    return render(request, "accounts/new_person.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@requires(Action.CHANGE_ACCOUNTS)
def person(request: HttpRequest, person: int) -> HttpResponse:
    """Show one person: roles past and present, and what may be done to the account."""
    return _person_page(request, selected.person_within(request.user, person))


@require_POST
@requires(Action.CHANGE_ACCOUNTS)
def grant(request: HttpRequest, person: int) -> HttpResponse:
    """Give a role."""
    whom = user_by_name(selected.person_within(request.user, person).username)
    form = GrantForm(request.POST)

    def save(given: dict[str, str]) -> bool:
        services.grant_role(
            actor=request.user,
            user=whom,
            role=Role(given["role"]),
            scope=scope_by_code(given["where"]),
            span=services.Span(given["valid_from"], given["valid_to"]),
        )
        return True

    if _saved(request, form, save):
        return redirect("accounts:person", person=person)
    return _person_page(request, whom, grant_form=form)


@require_POST
@requires(Action.CHANGE_ACCOUNTS)
def revoke(request: HttpRequest, person: int, grant: int) -> HttpResponse:
    """End a role."""
    whom = selected.person_within(request.user, person)
    services.revoke_grant(actor=request.user, grant=grant_of(whom, grant))
    messages.success(request, _("Done."))
    return redirect("accounts:person", person=person)


@require_POST
@sensitive_post_parameters("password")
@requires(Action.CHANGE_ACCOUNTS)
def new_password(request: HttpRequest, person: int) -> HttpResponse:
    """Set a password for somebody who lost hers."""
    whom = selected.person_within(request.user, person)
    form = PasswordForm(request.POST)

    def save(given: dict[str, str]) -> bool:
        services.reset_password(actor=request.user, user=whom, password=given["password"])
        return True

    if _saved(request, form, save):
        return redirect("accounts:person", person=person)
    return _person_page(request, whom, password_form=form)


@require_POST
@requires(Action.CHANGE_ACCOUNTS)
def act(request: HttpRequest, person: int, verb: str) -> HttpResponse:
    """Close, reopen, sign out, or remove the second factor."""
    whom = selected.person_within(request.user, person)
    if verb not in VERBS:
        raise NotFound(
            {"zh": f"没有“{verb}”这个操作。", "en": f"There is no such thing to do as {verb!r}."},
            {"zh": "请用页面上的按钮。", "en": "Use the buttons of the page."},
        )
    VERBS[verb](actor=request.user, user=whom)
    messages.success(request, _("Done."))
    return redirect("accounts:person", person=person)


@require_GET
@requires(Action.CHANGE_ACCOUNTS)
def duty(request: HttpRequest) -> HttpResponse:
    """Show the duty posts and who holds them."""
    return _duty_page(request)


@require_POST
@requires(Action.CHANGE_ACCOUNTS)
def new_post(request: HttpRequest) -> HttpResponse:
    """Set up a duty post."""
    form = PostForm(request.POST)

    def save(given: dict[str, str]) -> bool:
        services.create_duty_post(
            actor=request.user,
            place=place_by_code(given["place"]),
            role=Role(given["role"]),
            titles=Titles(given["title"], given["title_en"], given["telephone"]),
        )
        return True

    return redirect("accounts:duty") if _saved(request, form, save) else _duty_page(request, post_form=form)


@require_POST
@requires(Action.CHANGE_ACCOUNTS)
def assign(request: HttpRequest, post: int) -> HttpResponse:
    """Put somebody on a post for a span of time."""
    held = post_within(request.user, post)
    form = DutyForm(request.POST)

    def save(given: dict[str, str]) -> bool:
        services.assign_duty(
            actor=request.user,
            user=user_by_name(given["username"]),
            post=held,
            span=services.Span(*form.span()),
        )
        return True

    return redirect("accounts:duty") if _saved(request, form, save) else _duty_page(request, duty_form=form)


@require_GET
@requires(Action.USE_OWN_ACCOUNT)
def me(request: HttpRequest) -> HttpResponse:
    """Show one's own account."""
    return _own_page(request)


@require_POST
@never_cache
@requires(Action.USE_OWN_ACCOUNT)
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it this once."""
    form = TokenForm(request.POST)

    def save(given: dict[str, str]) -> str:
        return services.issue_token(actor=request.user, name=given["name"], days=int(given["days"]))[1]

    secret = _saved(request, form, save)
    return _own_page(request, secret=secret) if secret else _own_page(request, token_form=form)


@require_POST
@requires(Action.USE_OWN_ACCOUNT)
def end_token(request: HttpRequest, token: int) -> HttpResponse:
    """Revoke one's own token."""
    services.revoke_token(actor=request.user, token=token_of(request.user, token))
    messages.success(request, _("Done."))
    return redirect("accounts:me")


@require_POST
@requires(Action.USE_OWN_ACCOUNT)
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions, this one too."""
    services.end_sessions(actor=request.user, user=request.user)
    return redirect("account_login")


def _saved(request: HttpRequest, form: Form, save: Callable[[dict], object]) -> object:
    """Return what saving gave, or nothing with the reason beside the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return save(form.cleaned_data)
    except (InvalidInput, Conflict, NotFound) as error:
        form.add_error(None, error.sentence("zh" if (get_language() or "zh").startswith("zh") else "en"))
        return None


def _person_page(request: HttpRequest, whom: User, **forms: Form) -> HttpResponse:
    shown = {
        "person": whom,
        "grants": selected.grants_of(whom),
        "managed": selected.may_manage(request.user, whom),
        "secured": whom.pk in selected.second_factor_people([whom]),
        "grant_form": GrantForm(),
        "password_form": PasswordForm(),
        **forms,
    }
    return render(request, "accounts/person.html", shown, status=422 if forms else 200)


def _duty_page(request: HttpRequest, **forms: Form) -> HttpResponse:
    posts = [(post, selected.on_duty(post.place)) for post in selected.posts_within(request.user)]
    shown = {"posts": posts, "post_form": PostForm(), "duty_form": DutyForm(), **forms}
    return render(request, "accounts/duty.html", shown, status=422 if forms else 200)


def _own_page(request: HttpRequest, secret: str = "", **forms: Form) -> HttpResponse:
    shown = {
        "account": describe(request.user),
        "tokens": selected.tokens_of(request.user),
        "secret": secret,
        "token_form": TokenForm(),
        **forms,
    }
    return render(request, "accounts/me.html", shown, status=422 if forms else 200)
