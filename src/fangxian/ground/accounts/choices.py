"""Roles and the things a role may do."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person is here; always together with a scope."""

    REPORTER = "reporter", _("Reporter")
    COUNTY_OFFICER = "county_officer", _("County officer")
    CITY_DUTY_OFFICER = "city_duty_officer", _("City duty officer")
    LEADER = "leader", _("Leader")
    SUPERVISOR = "supervisor", _("Supervisor")
    EPIDEMIOLOGIST = "epidemiologist", _("Epidemiologist")
    ADMINISTRATOR = "administrator", _("Administrator")


class Action(TextChoices):
    """What can be done; each view and API operation declares one of these."""

    USE_OWN_ACCOUNT = "use_own_account", _("Use one's own account")
    VIEW_FIGURES = "view_figures", _("See totals and the brief")
    VIEW_REPORTS = "view_reports", _("See single reports, their revisions and who entered them")
    ENTER_REPORTS = "enter_reports", _("Enter and correct reports")
    IMPORT_REPORTS = "import_reports", _("Import reports from a file")
    EXPORT_REMINDERS = "export_reminders", _("Export the reminder list")
    VIEW_PLACES = "view_places", _("See places and facilities")
    CHANGE_PLACES = "change_places", _("Change places and facilities")
    VIEW_PLAN = "view_plan", _("See the emergency plan")
    CHANGE_PLAN = "change_plan", _("Put an emergency plan in force")
    VIEW_AUDIT = "view_audit", _("See the audit trail")
    CHANGE_ACCOUNTS = "change_accounts", _("Change accounts, roles and duty posts")
