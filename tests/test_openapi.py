"""Every API operation against its own schema."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from dashboards import improving
from dashboards.improving import Plan
from dashboards.models import Improvement
from funnel.calendar import ONE_DAY
from funnel.models import Customer, Deal, Event, Lead
from funnel.transitions.acting import Actor
from handoffs.models import Handoff
from tests.builders import a_contract, a_deal, a_lead, a_member, an_mql
from tests.doors import a_token

READS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)
# A blank filter filters nothing, by contract; a body is taken by its letter.
WRITES = (*READS, negative_data_rejection)
schema = schemathesis.openapi.from_dict(
    yaml.safe_load(yaml.safe_dump(SchemaGenerator().get_schema(request=None, public=True)))
)
application = get_wsgi_application()
schema.app = application
IDS = {
    "lead_id": Lead, "deal_id": Deal, "customer_id": Customer, "event_id": Event, "handoff_id": Handoff,
    "improvement_id": Improvement,
}  # fmt: skip


@pytest.fixture
def caller(db: None, now: Any):
    """A token, and something of every kind to read and act on."""
    # The client runs inside this process and transaction; the connection is the test's to close.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    a_lead(now), an_mql(now), a_deal(now), a_contract(now)
    member = a_member("inside_sales")
    plan = Plan("Ask for the number", member.pk, (now + ONE_DAY).date(), kpi="sql-rate")
    improving.decide(plan, Actor.of(member, "api", now=now), now=now)
    yield {"Authorization": f"Bearer {a_token()}", "Accept-Encoding": "identity"}
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_an_operation_answers_what_its_schema_says(case: schemathesis.Case, caller: dict[str, str]):
    for name, model in IDS.items():
        if name in (case.path_parameters or {}) and isinstance(case.path_parameters[name], int):
            case.path_parameters[name] = model.objects.order_by("pk").values_list("pk", flat=True).last() or 1
    case.call_and_validate(headers=caller, checks=READS if case.method == "GET" else WRITES)


def test_the_schema_is_drawn_without_a_warning_and_is_valid():
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=io.StringIO())


def test_the_schema_is_served_and_names_every_operation_once(client: Any):
    served = yaml.safe_load(client.get("/api/schema/").content)
    names = [
        op["operationId"] for path in served["paths"].values() for op in path.values() if "operationId" in op
    ]
    assert len(names) == len(set(names))
    assert served["openapi"].startswith("3.")
    assert "/api/v1/leads/{lead_id}/qualify/" in served["paths"]


def test_the_documentation_page_carries_no_inline_script_or_style(client: Any):
    page = client.get("/api/docs/")
    assert page.status_code == 200
    body = page.content.decode()
    assert "<style" not in body
    assert body.count("<script src=") == body.count("<script")
    script = re.search(r'<script src="(/api/docs/\?script=)"', body)
    assert script is not None
    assert b"SwaggerUIBundle" in client.get(script[1]).content
