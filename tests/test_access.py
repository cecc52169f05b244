"""Who may open what: every address declares it, and every role meets what is declared, with every method.

A page declares it with its decorator (`funnel/views/access.py`), an API view with `permission_classes` and `writes`.
What declares nothing itself has a row in `ELSEWHERE`; where the row asked for decides, in `BY_ROW`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import AllowAny, IsAuthenticated

from funnel import moment
from funnel.api import permissions
from funnel.stages import ACTS, Department
from handoffs.models import Handoff
from revops.asgi import application
from tests import builders
from tests.dashboards.watching import sessions
from tests.doors import a_token

MEMBERS = {**{d.value: {d.value} for d in Department}, "lead": {"field_sales"}}
"""Roles that write, and for which departments."""
BROWSERS = {*MEMBERS, "viewer", "administrator"}
TOKENS = {"token read", "token write"}
ROLES = ("anonymous", *sorted(BROWSERS), *sorted(TOKENS))
RECEIVERS = {"field_sales", "lead", "token write"}
NUMBER = 999_999

MAY = {
    "public": set(ROLES),
    "reads": BROWSERS | TOKENS,
    "keeps_own": BROWSERS | TOKENS,
    "leads_only": {"lead", "administrator"},
    "administers": {"administrator"},
    "nobody": set(),
}
"""Permission → roles. Acts of `writes` are their departments' (`ACTS`); tokens open the API only."""

ELSEWHERE = {
    "healthz": ("GET", "public"),
    "readyz": ("GET", "public"),
    "sign-out/": ("POST", "public"),
    "i18n/setlang/": ("POST", "public"),
    "^api/": ("GET", "public"),
    "admin/logout/": ("POST", "administers"),
    # Whoever gets here is asked to sign in, or is not an administrator.
    "admin/login/": ("GET", "nobody"),
    # Searches for fields of forms; none of ours offers one.
    "admin/autocomplete/": ("GET", "nobody"),
}
"""Addresses whose view declares nothing itself: path → its method, and who may. The first that fits counts."""

BY_ROW: dict[str, tuple[set[str], dict[str, Any]]] = {
    "handoff-accept": (RECEIVERS, {}),
    "handoff-return": (RECEIVERS, {"reason": "incomplete"}),
    "handoffs-accept": ({*MEMBERS, "token write"}, {}),
    "handoffs-accept-undo": ({*MEMBERS, "token write"}, {}),
    "sla-causes": ({*MEMBERS, "token write"}, {}),
    "sla-causes-undo": ({*MEMBERS, "token write"}, {}),
    "meeting-start": ({*MEMBERS, "token write"}, {}),
    "meeting-show": ({*MEMBERS, "token write"}, {}),
    "meeting-live": ({*MEMBERS, "token write"}, {}),
    "meeting-timer": ({*MEMBERS, "token write"}, {}),
    "meeting-title": ({*MEMBERS, "token write"}, {}),
    "meeting-decide": ({*MEMBERS, "token write"}, {}),
    "meeting-answer": ({*MEMBERS, "token write"}, {}),
    "meeting-close": ({*MEMBERS, "token write"}, {}),
    "meeting-reopen": ({*MEMBERS, "token write"}, {}),
    "improvement-new": ({*MEMBERS, "token write"}, {}),
    "improvement-edit": ({*MEMBERS, "token write"}, {}),
    "improvement-finish": ({*MEMBERS, "token write"}, {}),
    "improvement-drop": ({*MEMBERS, "token write"}, {}),
    "improvement-reopen": ({*MEMBERS, "token write"}, {}),
    "week-say": ({*MEMBERS, "token write"}, {}),
    "week-help": ({*MEMBERS, "token write"}, {}),
    "week-help-withdraw": ({*MEMBERS, "token write"}, {}),
    "case-new": ({*MEMBERS, "token write"}, {}),
    "case-edit": ({*MEMBERS, "token write"}, {}),
    "api-cases": ({*MEMBERS, "token write"}, {}),
    "api-week-words": ({*MEMBERS, "token write"}, {}),
    "api-helps": ({*MEMBERS, "token write"}, {}),
    "handoff-take": (RECEIVERS, {}),
    "api-improvements": ({*MEMBERS, "token write"}, {}),
    "api-improvement-done": ({*MEMBERS, "token write"}, {}),
    "api-improvement-drop": ({*MEMBERS, "token write"}, {"why": "x"}),
    "api-breach-cause": ({"inside_sales", *RECEIVERS}, {"cause": "overlooked"}),
    "handoff-assign": ({"lead", "token write"}, {"owner": ""}),
    "api-accept": (RECEIVERS, {}),
    "api-return": (RECEIVERS, {"reason": "incomplete"}),
    "api-excuse": ({"lead", "token write"}, {"reason": "not_ready"}),
    "api-assign": ({"lead", "token write"}, {"owner": None}),
}
"""Where the row decides: the name of the address → who may with an SQL handed to Field Sales, and what they send."""


class Ask(NamedTuple):
    """One address with one method, and who may."""

    path: str
    method: str
    may: set[str]
    body: dict[str, Any]
    is_api: bool = False
    pk: int | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def addresses(patterns: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the product and its pattern."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(one.pattern).removeprefix("^")
        path = "^api/" if str(one.pattern) == "^api/" else path
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, path)
        else:
            yield path, one


def pages() -> list[tuple[str, URLPattern]]:
    """Addresses that declare with a decorator."""
    return [
        (path, one)
        for path, one in addresses()
        if not path.startswith(("admin/", "api/")) and path not in ELSEWHERE
    ]


def doors() -> list[tuple[str, URLPattern]]:
    """Addresses of the API."""
    return [(path, one) for path, one in addresses() if path.startswith("api/")]


def methods(view: Any) -> list[str]:
    known = ("get", "post", "put", "patch", "delete")
    return [m.upper() for m in known if hasattr(view, m) and m in view.http_method_names]


def writers(act: str) -> set[str]:
    """Who may carry out an act of `ACTS`."""
    if ACTS[act].led:
        return {"lead", "administrator", "token write"}
    named = {role for role, theirs in MEMBERS.items() if theirs & ACTS[act].departments}
    return named | {"token write"}


def asked_of_pages(pk: int) -> Iterator[Ask]:
    for path, one in pages():
        kind, act, form_too = one.callback.permission
        if kind not in ("writes", "receives"):
            may, body, row = MAY[kind], {}, None
            if kind == "reads":
                yield Ask(path, "POST", set(), {})
        elif kind == "writes":
            may, body, row = writers(act), {}, None
        else:
            may, body, row = *BY_ROW[one.name], pk
        if kind in ("writes", "receives"):
            yield Ask(path, "GET", may - TOKENS if form_too else BROWSERS, {}, pk=row)
            yield Ask(path, "POST", may - TOKENS, body, pk=row)
        else:
            yield Ask(path, "GET", may if kind == "public" else may - TOKENS, body)
            if kind not in ("reads", "public"):
                yield Ask(path, "POST", may - TOKENS, body)


def asked_of_doors(pk: int) -> Iterator[Ask]:
    for path, one in doors():
        view = one.callback.cls
        (asks,) = view.permission_classes
        for method in methods(view):
            if asks is not permissions.ReadsOrWrites:
                may = MAY["public"] if asks is AllowAny else MAY["reads"]
                yield Ask(path, method, may, {}, is_api=True)
            elif method == "GET":
                yield Ask(path, method, MAY["reads"], {}, is_api=True)
            elif view.writes == permissions.BY_ROW:
                may, body = BY_ROW[one.name]
                yield Ask(path, method, may, body, is_api=True, pk=pk)
            else:
                yield Ask(path, method, writers(view.writes), {}, is_api=True)


def asked_elsewhere() -> Iterator[Ask]:
    for path, (method, kind) in ELSEWHERE.items():
        yield Ask(path.replace("^api/", "api/nowhere/"), method, MAY[kind], {})
    for path, _one in addresses():
        if path.startswith("admin/") and path not in ELSEWHERE:
            closed = path.strip("/").rsplit("/", 1)[-1] in ("add", "delete")
            # What is asked of a form by GET, its POST is asked by the same method of the same class.
            yield Ask(path, "GET", MAY["nobody" if closed else "administers"], {})


def concrete(ask: Ask) -> str:
    number = NUMBER if ask.pk is None else ask.pk
    path = re.sub(r"<slug:\w+>", "steps" if ask.path.startswith("cohorts/") else "mql", ask.path)
    path = re.sub(r"<(\w+:)?\w+>", str(number), path)
    path = re.sub(r"\^?\(\?P<app_label>(\w+)[^)]*\)/\$", r"\1/", path)
    return "/" + re.sub(r"\(\?P<url>[^)]*\)\$", "nowhere", path)


@pytest.fixture
def callers(db: None) -> dict[str, dict[str, str]]:
    """The headers each role sends."""
    people = {
        "viewer": builders.a_member(is_viewer=True),
        "administrator": builders.a_member(is_administrator=True),
        "lead": builders.a_member("field_sales", role="lead"),
        **{d.value: builders.a_member(d.value) for d in Department},
    }
    found: dict[str, dict[str, str]] = {"anonymous": {}}
    for role, member in people.items():
        browser = Client()
        browser.force_login(member)
        found[role] = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    for role in TOKENS:
        found[role] = {"Authorization": f"Bearer {a_token(role.split()[1])}"}
    return found


def send(ask: Ask, headers: dict[str, str]) -> HttpResponse:
    """Ask, and undo whatever came of it."""
    body = {**ask.body, "once": str(uuid.uuid4())} if not ask.is_api else ask.body
    with transaction.atomic():
        browser = Client(raise_request_exception=False)
        if ask.method == "GET":
            answer = browser.get(concrete(ask), headers=headers)
        elif ask.is_api:
            raw = json.dumps(body)
            answer = browser.generic(ask.method, concrete(ask), raw, "application/json", headers=headers)
        else:
            answer = browser.post(concrete(ask), body, headers=headers)
        if answer.status_code == 302 and answer["Location"] == "/admin/":
            answer = browser.get("/admin/", headers=headers)
        transaction.set_rollback(True)
    return answer


def is_refused(answer: HttpResponse) -> bool:
    doors = ("/sign-in/?next=", "/admin/login/?next=")
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith(doors)
    return answer.status_code in (401, 403, 405) or to_sign_in


def missing_of_page(one: URLPattern) -> str:
    permission = getattr(one.callback, "permission", None)
    if permission is None:
        return "a decorator of funnel/views/access.py"
    if permission.kind not in {*MAY, "writes", "receives"}:
        return f"a row of MAY for {permission.kind!r}"
    return (
        f"a row of BY_ROW for {one.name!r}"
        if permission.kind == "receives" and one.name not in BY_ROW
        else ""
    )


def missing_of_door(one: URLPattern) -> str:
    view = getattr(one.callback, "cls", None)
    asks = list(getattr(view, "permission_classes", ()))
    if asks not in ([permissions.ReadsOrWrites], [AllowAny], [IsAuthenticated]):
        return "one permission class that this module knows"
    if asks != [permissions.ReadsOrWrites] or methods(view) == ["GET"]:
        return ""
    if view.writes not in (*ACTS, permissions.BY_ROW):
        return f"`writes = …`, the act of ACTS or BY_ROW, in {view.__name__}"
    return f"a row of BY_ROW for {one.name!r}" if view.writes not in ACTS and one.name not in BY_ROW else ""


def test_every_address_declares_who_may_open_it():
    undeclared = [(path, missing_of_page(one)) for path, one in pages()]
    undeclared += [(path, missing_of_door(one)) for path, one in doors()]
    assert [f"{path} wants {what}" for path, what in undeclared if what] == []
    gone = {*ELSEWHERE} - {path for path, _one in addresses()}
    gone |= {*BY_ROW} - {one.name for _path, one in addresses()}
    assert gone == set(), "these rows have no address"


@pytest.mark.parametrize("role", ROLES)
def test_every_address_is_as_open_as_it_declares(role: str, callers: dict[str, dict[str, str]]):
    builders.a_deal(moment.now())
    handed = Handoff.objects.get(boundary="sql", decision="pending").pk
    wrong, asked, answered = [], set(), set()
    for ask in itertools.chain(asked_of_pages(handed), asked_of_doors(handed), asked_elsewhere()):
        asked.add(ask.path)
        answer = send(ask, callers[role])
        # A page with one method says so to everybody, before it asks who comes.
        if answer.status_code == 405 and not ask.is_api and ask.may:
            continue
        answered.add(ask.path)
        if is_refused(answer) == (role in ask.may) or answer.status_code >= 500 and ask.path != "readyz":
            wrong.append(f"{ask}: {answer.status_code}, declared open to {sorted(ask.may) or 'nobody'}")
    assert not wrong, "\n".join(wrong)
    assert asked == answered


@pytest.mark.django_db(transaction=True)
def test_the_live_stream_is_for_members_with_a_session(db: None):
    token = a_token()
    (session,) = sessions(1)

    async def status(headers: list[tuple[bytes, bytes]]) -> int:
        answers: list[Any] = []
        gone = asyncio.Event()

        async def receive() -> dict[str, str]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def answer(message: Any) -> None:
            answers.append(message)
            gone.set()

        scope = {"type": "http", "method": "GET", "path": "/live/", "query_string": b"", "headers": headers}
        await asyncio.wait_for(application(scope, receive, answer), 20)
        return answers[0]["status"]

    async def look() -> list[int]:
        asked = (
            [],
            [(b"authorization", f"Bearer {token}".encode())],
            [(b"cookie", f"sessionid={session}".encode())],
        )
        return [await status(list(headers)) for headers in asked]

    assert asyncio.run(look()) == [403, 403, 200]


def test_who_may_not_write_is_told_who_does(client: Client, db: None):
    client.force_login(builders.a_member("marketing"))
    page = client.post(f"/deals/{NUMBER}/win/")
    assert page.status_code == 403
    assert "フィールドセールス" in page.content.decode()
    row = client.post(f"/deals/{NUMBER}/win/", headers={"HX-Request": "true"})
    assert (row.status_code, row["HX-Reswap"]) == (403, "afterbegin")
    assert "フィールドセールス" in row.content.decode()
    assert "<html" not in row.content.decode()
