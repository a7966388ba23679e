"""A plan holds for a place and all below it from a day on, and the trail says who decided."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.test import Client

from fangxian.base.errors import InvalidPlan, NotFound
from fangxian.ground.accounts.choices import Role
from fangxian.ground.audit.models import AuditEvent
from fangxian.ground.emergency_plans.models import PlanEdition, PlanInForce
from fangxian.ground.emergency_plans.selectors import plan_history, plan_in_force
from fangxian.ground.emergency_plans.services import put_in_force
from fangxian.ground.places.models import Place
from fangxian.plans.loader import packaged_plan_text
from worlds import PLAN, make_places, make_user

pytestmark = pytest.mark.django_db

SPRING = date(2023, 3, 1)
SUMMER = date(2023, 6, 1)
CLASS_B = packaged_plan_text("covid19-class-b-2023")
INFLUENZA = packaged_plan_text("influenza-season")


@pytest.fixture
def places() -> dict[str, Place]:
    """A nation down to four villages."""
    return make_places()


def test_the_nearest_plan_holds(places):
    """A county with a plan of its own goes by it; its neighbour goes by the city's."""
    put_in_force(actor=None, place=places["city"], text=CLASS_B, valid_from=SPRING)
    put_in_force(actor=None, place=places["county-1"], text=INFLUENZA, valid_from=SPRING)
    assert plan_in_force(places["village-111"], SPRING).identity.id == "influenza-season"
    assert plan_in_force(places["village-211"], SPRING).identity.id == "covid19-class-b-2023"


def test_a_new_plan_ends_the_one_before_on_its_day(places):
    """Between two plans there is neither gap nor overlap, and the past keeps its plan."""
    city = places["city"]
    put_in_force(actor=None, place=city, text=INFLUENZA, valid_from=SUMMER)
    put_in_force(actor=None, place=city, text=CLASS_B, valid_from=SPRING)
    spans = {one.edition.plan_id: (one.valid_from, one.valid_to) for one in plan_history(city)}
    assert spans == {"covid19-class-b-2023": (SPRING, SUMMER), "influenza-season": (SUMMER, None)}
    assert plan_in_force(city, date(2023, 5, 31)).identity.id == "covid19-class-b-2023"
    assert plan_in_force(city, SUMMER).identity.id == "influenza-season"


def test_a_place_without_plan_says_so(places):
    """Before the first day there is no plan, and the remedy names who can help."""
    put_in_force(actor=None, place=places["city"], text=CLASS_B, valid_from=SPRING)
    with pytest.raises(NotFound, match="No emergency plan is in force at T11 on 2023-02-28") as caught:
        plan_in_force(places["city"], date(2023, 2, 28))
    assert "administrator" in caught.value.remedy["en"]


def test_the_same_text_twice_changes_nothing(places):
    """A second click neither doubles the record nor the trail."""
    first = put_in_force(actor=None, place=places["city"], text=CLASS_B, valid_from=SPRING)
    events = AuditEvent.objects.count()
    assert put_in_force(actor=None, place=places["city"], text=CLASS_B, valid_from=SPRING) == first
    assert (PlanInForce.objects.count(), AuditEvent.objects.count()) == (1, events)


def test_a_mistaken_choice_is_undone_on_the_same_day(places):
    """Put A, then B, then A again for one day: A holds, and all three decisions are kept."""
    for text in (CLASS_B, INFLUENZA, CLASS_B):
        put_in_force(actor=None, place=places["city"], text=text, valid_from=SPRING)
    assert plan_in_force(places["city"], SPRING).identity.id == "covid19-class-b-2023"
    assert (PlanInForce.objects.count(), PlanEdition.objects.count()) == (3, 2)


def test_a_plan_with_mistakes_writes_nothing(places):
    """All mistakes come back with their lines; neither edition nor event is written."""
    text = PLAN.replace('kind = "stock"', 'kind = "heap"', 1).replace('version = "1"\n', "")
    lines = text.splitlines()
    with pytest.raises(InvalidPlan, match="has 2 mistakes") as caught:
        put_in_force(actor=None, place=places["city"], text=text, valid_from=SPRING)
    wrong = [lines.index("[plan]") + 1, lines.index('  kind = "heap"') + 1]
    assert [finding.line for finding in caught.value.findings] == wrong
    assert not PlanEdition.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_plan_past_its_own_validity_is_refused(places):
    """The containment plan ended by its own words in January 2023."""
    with pytest.raises(InvalidPlan, match="valid to 2023-01-08; it cannot be put in force from 2023-03-01"):
        put_in_force(
            actor=None,
            place=places["city"],
            text=packaged_plan_text("covid19-containment-2022"),
            valid_from=SPRING,
        )


def test_the_trail_names_the_actor_and_the_edition(places):
    """Who, where, which text, from when."""
    actor = make_user(Role.ADMINISTRATOR, places["city"])
    in_force = put_in_force(actor=actor, place=places["city"], text=CLASS_B, valid_from=SPRING)
    event = AuditEvent.objects.get(code="plans.put_in_force")
    assert (event.actor, event.place_code, event.object_id) == (actor, "T11", str(in_force.pk))
    assert event.detail["sha256"] == in_force.edition.sha256
    assert in_force.decided_by == actor


def signed_in(role: str, place: Place, language: str = "zh-hans") -> Client:
    """Return a browser in which somebody of that role is signed in."""
    client = Client()
    client.force_login(make_user(role, place))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def test_the_page_shows_forms_rules_and_sources_in_both_languages(places):
    """A health official reads fields, rules in words, and how far each value can be trusted."""
    put_in_force(actor=None, place=places["city"], text=CLASS_B, valid_from=SPRING)
    chinese = signed_in(Role.LEADER, places["city"]).get("/plan/T11/").content.decode()
    for said in (
        "医疗机构日报",
        "死亡 ≤ 前一日(24时在院) + 入院",
        "次日 17:00",
        "新冠重点人群健康服务工作方案",
        "转引",
    ):
        assert said in chinese
    english = signed_in(Role.LEADER, places["city"], "en").get("/plan/T11/").content.decode()
    for said in ("Hospital daily report", "17:00 the next day", "Tiers of key people", "≥ 4 %"):
        assert said in english


def test_a_place_without_plan_has_a_page(places):
    """The page says what is missing and is no error page."""
    answer = signed_in(Role.LEADER, places["city"]).get("/plan/T11/")
    assert answer.status_code == 200
    assert "没有生效的应急预案" in answer.content.decode()


def test_an_administrator_previews_then_confirms(places):
    """A preview writes nothing; the confirmation of that very text does."""
    client = signed_in(Role.ADMINISTRATOR, places["city"])
    broken = client.post("/plan/T11/change/", {"text": "schema = 2", "valid_from": "2023-03-01"})
    assert broken.status_code == 422
    assert "缺少" in broken.content.decode()
    past = {
        "text": packaged_plan_text("covid19-containment-2022"),
        "valid_from": "2023-03-01",
        "confirm": "1",
    }
    assert client.post("/plan/T11/change/", past).status_code == 422
    preview = client.post("/plan/T11/change/", {"text": CLASS_B, "valid_from": "2023-03-01"})
    assert preview.status_code == 200
    assert not PlanInForce.objects.exists()
    confirm = {"text": CLASS_B.replace("\n", "\r\n"), "valid_from": "2023-03-01", "confirm": "1"}
    assert client.post("/plan/T11/change/", confirm).status_code == 302
    assert PlanEdition.objects.get().text == CLASS_B


def test_only_an_administrator_changes_the_plan(places):
    """A leader reads it and is refused the change, on the page and in the API."""
    client = signed_in(Role.LEADER, places["city"])
    assert client.post("/plan/T11/change/", {"text": CLASS_B}).status_code == 403
    body = {"text": CLASS_B, "valid_from": "2023-03-01"}
    assert client.post("/api/v1/plans/T11", body, content_type="application/json").status_code == 403
    assert not PlanInForce.objects.exists()


def test_the_api_gives_the_plan_and_lists_mistakes(places):
    """What is put in force comes back with the keys of the file; a broken text comes back with its lines."""
    client = signed_in(Role.ADMINISTRATOR, places["city"])
    body = {"text": CLASS_B, "valid_from": "2023-03-01"}
    assert client.post("/api/v1/plans/T11", body, content_type="application/json").status_code == 200
    said = client.get("/api/v1/plans/T11").json()
    assert said["in_force"]["plan_id"] == said["plan"]["plan"]["id"] == "covid19-class-b-2023"
    assert said["plan"]["form"][0]["field"][0]["id"] == "new_cases"
    refused = client.post(
        "/api/v1/plans/T11", {**body, "text": "schema = 1\nschema = 1"}, content_type="application/json"
    )
    assert (refused.status_code, refused.json()["findings"][0]["line"]) == (422, 2)
    assert client.get("/api/v1/plan-schema").json()["required"] == ["schema", "plan", "form"]
