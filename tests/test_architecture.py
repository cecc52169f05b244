"""The rules of the house that no linter can say."""

import ast
import re
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import signals as model_signals  # noqa: TID251  To see that nobody listens.

from funnel.models import Customer, Deal, Lead
from funnel.signals import event_recorded
from funnel.stages import STAGES
from handoffs.models import Handoff
from handoffs.signals import promise_changed

ROOT = Path(__file__).resolve().parent.parent
APPS = ("funnel", "handoffs", "dashboards", "revops")
LONGEST_MODULE = 300

LEDGER = ("funnel/transitions",)
# (what, columns that are its state, rooms that may write them, tables of its raw SQL)
STATES = [
    pytest.param(
        {"stage", "outcome", *(f"{stage}_at" for stage in STAGES)}, LEDGER, "funnel_lead", id="lead"
    ),
    pytest.param({"state", "step"}, LEDGER, "funnel_deal", id="deal"),
    pytest.param({"phase"}, LEDGER, "funnel_customer", id="customer"),
    pytest.param(
        {"due_at", "kept_at", "kept_recorded_at", "missed_at", "cancelled_at", "completed_at", "decision"},
        ("handoffs/promises",),
        "handoffs_handoff",
        id="handoff",
    ),
]
# Rows that only one room may make.
MADE = {
    "Event": LEDGER,
    "Handoff": ("handoffs/promises",),
    "Notice": ("handoffs/notices", "handoffs/promises"),
    "Delivery": ("handoffs/notices",),
    "Outlet": ("handoffs/notices",),
    "CountDelta": ("dashboards/counts",),
    "Target": ("dashboards/targets",),
    "SheetRow": ("dashboards/sheets",),
}


# What is no stored row: an object's own attributes, and a row of a page.
OTHERS = {"self", "row"}


def modules() -> Iterator[tuple[str, ast.Module, str]]:
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in file.parts:
                text = file.read_text()
                yield str(file.relative_to(ROOT)), ast.parse(text), text


MODULES = list(modules())


def outside(rooms: tuple[str, ...]) -> Iterator[tuple[str, ast.Module, str]]:
    return ((name, tree, text) for name, tree, text in MODULES if not name.startswith(rooms))


def assigned(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, attribute) of every `stored.attribute = …` and every `.update(attribute=…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for part in ast.walk(target):
                    if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") not in OTHERS:
                        yield node.lineno, part.attr
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update"
        ):
            # Only a queryset's update takes keywords here; a dictionary's is given a dictionary.
            yield from ((node.lineno, word.arg) for word in node.keywords if word.arg)


@pytest.mark.parametrize(("columns", "rooms", "table"), STATES)
def test_a_state_has_one_writer(columns, rooms, table):
    written = [
        f"{name}:{line} {column}"
        for name, tree, _ in outside(rooms)
        for line, column in assigned(tree)
        if column in columns
    ]
    assert written == []
    raw = re.compile(rf"\b(UPDATE|INSERT INTO|DELETE FROM|COPY)\s+{table}\b", re.I)
    assert [name for name, _, text in outside(rooms) if raw.search(text)] == []


@pytest.mark.parametrize("columns", [p.values[0] for p in STATES])
def test_the_states_named_here_are_columns(columns):
    fields = {field.name for model in (Lead, Deal, Customer, Handoff) for field in model._meta.get_fields()}
    assert columns <= fields


@pytest.mark.parametrize("model", MADE)
def test_a_row_has_one_maker(model):
    verbs = {"create", "bulk_create", "get_or_create", "update_or_create"}
    made = []
    for name, tree, _ in outside(MADE[model]):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            direct = isinstance(node.func, ast.Name) and node.func.id == model
            words = ast.unparse(node.func).split(".")
            if direct or (words[0] == model and words[-1] in verbs):
                made.append(f"{name}:{node.lineno}")
    assert made == []


def test_the_two_signals_have_exactly_these_receivers():
    assert receivers(event_recorded) == ["dashboards.receivers", "handoffs.receivers"]
    assert receivers(promise_changed) == ["dashboards.receivers"]


def receivers(signal) -> list[str]:
    listening = [entry[1] for entry in signal.receivers]
    alive = [one() if isinstance(one, weakref.ReferenceType) else one for one in listening]
    return sorted(one.__module__ for one in alive if one is not None)


def test_nothing_of_ours_listens_to_models():
    for name in (
        "pre_save",
        "post_save",
        "pre_delete",
        "post_delete",
        "m2m_changed",
        "pre_init",
        "post_init",
    ):
        ours = [one for one in receivers(getattr(model_signals, name)) if one.split(".")[0] in APPS]
        assert ours == [], name


def test_modules_stay_readable():
    long = {name: lines for name, _, text in MODULES if (lines := text.count("\n")) > LONGEST_MODULE}
    assert long == {}


def test_every_module_says_what_lives_in_it():
    silent = [name for name, tree, text in MODULES if text.strip() and not ast.get_docstring(tree)]
    assert silent == []


def test_no_module_is_a_drawer():
    drawers = {"utils", "helpers", "common", "misc", "base", "manager", "managers", "helper", "util"}
    assert [name for name, _, _ in MODULES if Path(name).stem in drawers] == []


def test_nothing_is_left_unfinished():
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX)\b|raise NotImplementedError")
    assert [name for name, _, text in MODULES if marks.search(text)] == []


def test_tasks_are_sent_after_commit_or_by_beat():
    """A bare `.delay(` inside a transaction may run before there is anything to see; tasks open none around it."""
    bare = re.compile(r"\.(delay|apply_async)\(")
    doors = [(name, text) for name, _, text in MODULES if not name.endswith("/tasks.py")]
    assert [name for name, text in doors if bare.search(text) and "on_commit" not in text] == []


def test_no_task_waits_longer_than_a_minute_in_the_broker():
    waits = re.compile(r"\b(eta|countdown)\s*=")
    assert [name for name, _, text in MODULES if waits.search(text)] == []


def test_beat_names_tasks_that_exist():
    from revops.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()
