"""No page invents its layout or its parts: pages stand on one of the four layouts and draw with components/."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STYLES = ROOT / "revops" / "static" / "revops"
LAYOUTS = {"layouts/queue.html", "layouts/record.html", "layouts/board.html", "layouts/stage.html"}
#: Not pages of ours: the frame, pieces, letters, Django's and another library's pages, and the page of a failure
#: that may not touch template tags.
APART = ("layouts/", "components/", "admin/", "drf_spectacular/", "base.html", "500.html")
#: What lays a page out. A page's own stylesheet may not say a word about it.
FRAME = re.compile(
    r"(?:^|[\s>~+,(])(?:html|body|main|aside)\b|\.(?:main|page|page-head|columns|column|tiles|ways|\w+-layout)(?![\w-])"
)


def pages() -> list[str]:
    names = (path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
    return sorted(
        name for name in names if not name.startswith(APART) and "/_" not in name and "/email/" not in name
    )


def page_styles() -> list[str]:
    return sorted(
        path.name
        for path in STYLES.glob("*.css")
        if path.name not in ("layouts.css", "app.css", "tokens.css")
    )


def selectors(css: str) -> list[str]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    return [found.strip() for found in re.findall(r"([^{}]+)\{", css) if not found.strip().startswith("@")]


def parent(name: str) -> str | None:
    found = re.search(r'\{% extends "([^"]+)" %\}', (TEMPLATES / name).read_text())
    return found and found[1]


def test_the_four_layouts_stand_on_the_frame():
    assert {f"layouts/{path.name}" for path in (TEMPLATES / "layouts").iterdir()} == LAYOUTS
    assert {parent(name) for name in LAYOUTS} == {"base.html"}


@pytest.mark.parametrize("page", pages())
def test_every_page_stands_on_a_layout_and_brings_none_of_its_own(page):
    chain = [page]
    while above := parent(chain[-1]):
        chain.append(above)
    assert LAYOUTS & set(chain), f"{page} stands on {chain[1:]}"
    text = (TEMPLATES / page).read_text()
    for word in (
        "{% block content %}",
        "{% block main_class %}",
        'class="page-head',
        'class="columns',
        "style=",
    ):
        assert word not in text, f"{page} lays itself out: {word}"


@pytest.mark.parametrize("style", page_styles())
def test_a_page_stylesheet_has_no_rule_for_the_frame_of_a_page(style):
    wrong = [rule for rule in selectors((STYLES / style).read_text()) if FRAME.search(rule)]
    assert not wrong, f"{style} lays pages out: {wrong}; say it in layouts.css"


def test_the_check_sees_a_rule_that_lays_a_page_out():
    for rule in (".main{width:1px}", ".desk .columns{x:y}", "body:has(.tv) .top{x:y}", ".a>aside{x:y}"):
        assert any(FRAME.search(one) for one in selectors(rule)), rule
    for rule in (".columns-table td{x:y}", ".bodyless{x:y}", ".mainly{x:y}", ".row .column-name{x:y}"):
        assert not any(FRAME.search(one) for one in selectors(rule)), rule


#: What only a component writes, and what draws it on a page.
PARTS = {
    re.compile(r'<(?:a|button)\s[^<>]*?class="btn[\s"{]'): "{% button %} of `parts`",
    re.compile(r'class="pills[\s"{]'): "{% pill_tabs %} of `parts`",
    re.compile(r'class="clk[\s"{]'): "components/sla_clock.html",
    re.compile(r'class="(?:[^"]*[\s}])?badge[\s"{]'): "{% badge %} of `parts`",
    re.compile(r'class="dept[\s"{]'): "components/dept_tag.html",
    re.compile(r'class="(?:row|phone-tabs|timeline|handoff|toast)[\s"{]'): "the component of that name",
    re.compile(r'class="(?:bullet|bottleneck|agenda|gate|empty)[\s"{]'): "the component of that name",
}
#: The buttons of a queue row: hundreds on a page, so they are drawn without a tag each.
ROWS = {"handoffs/_row_buttons.html", "handoffs/_strip_sql.html"}


def by_hand(text: str) -> list[str]:
    return [remedy for markup, remedy in PARTS.items() if markup.search(text)]


@pytest.mark.parametrize(
    "name",
    sorted(
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if not path.relative_to(TEMPLATES).as_posix().startswith(("components/", "admin/", "drf_", "500"))
    ),
)
def test_no_page_writes_a_component_by_hand(name):
    found = by_hand((TEMPLATES / name).read_text())
    assert not found or name in ROWS, f"{name} draws a part by hand; use {found}"


def test_the_check_sees_a_part_drawn_by_hand():
    for text in (
        '<button class="btn small" type="submit">',
        '<a href="{% url "x" y %}" class="btn">',
        '<nav class="pills wrap">',
        '<div class="clk bad">',
        '<div class="empty"><b>',
        '<span class="badge warn">',
        '<p class="small{% if tone %} badge {{ tone }}{% endif %}">',
        '<a class="{% if late %}badge bad{% endif %}">',
        '<abbr class="dept {{ department }}">',
        '<ol class="timeline">',
    ):
        assert by_hand(text), text
    for text in (
        '<summary class="btn">',
        '<a class="btn-like">',
        '{% button "btn" %}',
        '<span class="badge-like">',
        '<div class="rows">',
        '<div class="card empty"><h1>',
    ):
        assert not by_hand(text), text
