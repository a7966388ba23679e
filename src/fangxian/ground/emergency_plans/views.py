from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from fangxian.base.errors import NotFound
from fangxian.ground.accounts.choices import Action
from fangxian.ground.accounts.selectors import policy, requires
from fangxian.ground.emergency_plans import selectors, services
from fangxian.ground.emergency_plans.forms import PutInForceForm


@requires(Action.VIEW_PLAN, place="code")
@require_safe
def show_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show the plan that holds at a place, each value with its source and status."""
    context = {
        "place": request.place,
        "may_change": policy.may(request.user, Action.CHANGE_PLAN, place=request.place).allowed,
        "history": selectors.plan_history(request.place),
    }
    try:
        in_force = selectors.edition_in_force(request.place, timezone.localdate())
    except NotFound as error:
        return render(request, "emergency_plans/none.html", {**context, "error": error})
    plan = selectors.plan_of_edition(in_force.edition.sha256)
    page = selectors.plan_page(plan, get_language() or "zh")
    return render(
        request, "emergency_plans/plan.html", {**context, "in_force": in_force, "plan": plan, "page": page}
    )


@requires(Action.CHANGE_PLAN, place="code")
@require_http_methods(["GET", "HEAD", "POST"])
def change_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Preview a plan file, then put it in force."""
    form = PutInForceForm(request.POST or None, request.FILES or None)
    preview = None
    if request.method == "POST" and form.is_valid():
        text, valid_from = form.cleaned_data["text"], form.cleaned_data["valid_from"]
        preview = selectors.preview_plan(request.place, text, valid_from=valid_from)
        if preview.acceptable and "confirm" in request.POST:
            services.put_in_force(actor=request.user, place=request.place, text=text, valid_from=valid_from)
            messages.success(request, _("The plan is in force from %(day)s.") % {"day": valid_from})
            return redirect("emergency_plans:plan", code=code)
    return render(
        request,
        "emergency_plans/change.html",
        {"place": request.place, "form": form, "preview": preview},
        status=422 if preview is not None and not preview.acceptable else 200,
    )
