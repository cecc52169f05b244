"""The style guide draws the components with the templates of the pages."""

import pytest
from django.template import Template
from django.test.signals import template_rendered

from tests import builders


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_shows_every_component_in_both_languages_without_a_record(
    client, language, django_assert_max_num_queries
):
    client.force_login(builders.a_member(language=language))
    with django_assert_max_num_queries(8):
        page = client.get("/styleguide/", headers={"Accept-Language": language}).content.decode()
    for name in (
        "clk warn",
        "clk bad",
        "badge warn",
        "chips",
        "conflict",
        'class="bant"',
        "aria-busy",
        "error-summary",
        "timeline",
        "life",
        "gate",
        "pills",
        "toast",
        "choices",
    ):
        assert name in page, name


#: The eighteen of the design, each drawn by these templates and by no other.
EIGHTEEN = {
    "TopBar": ("top",), "TabBar": ("tab_bar",), "PillTabs": ("pill_tabs",), "QueueRow": ("queue_row",),
    "SlaClock": ("sla_clock",), "DeptTag": ("dept_tag",), "Status": ("badge",), "Button": ("button",),
    "Segmented": ("choices",), "ReasonChips": ("chips",), "Toast": ("toast", "toasts"),
    "Timeline + HandoffCard": ("timeline", "timeline_entry", "handoff_card"), "LifePath": ("life_path",),
    "PipeStage + RateGate": ("pipe_stage", "rate_gate"), "BottleneckBanner": ("bottleneck_now",),
    "BulletBar": ("bullet",), "AgendaRail + DecisionInput": ("agenda", "decision", "decisions"),
    "DataTable": ("data_table", "sort_head"),
}  # fmt: skip
COMPONENTS = (*(name for names in EIGHTEEN.values() for name in names), "empty", "icon", "field", "pager")


@pytest.mark.django_db
def test_each_component_is_drawn_by_its_own_template(client):
    drawn: set[str] = set()

    def note(template: Template, **_: object) -> None:
        drawn.add(template.name or "")

    template_rendered.connect(note)
    try:
        client.force_login(builders.a_member())
        assert client.get("/styleguide/").status_code == 200
    finally:
        template_rendered.disconnect(note)
    assert len(EIGHTEEN) == 18
    missing = {name for name in COMPONENTS if f"components/{name}.html" not in drawn}
    assert not missing, missing


@pytest.mark.django_db
def test_the_stage_stands_without_the_app_around_it(client):
    client.force_login(builders.a_member(language="ja"))
    page = client.get("/styleguide/stage/").content.decode()
    assert "stage-layout" in page
    assert "13.0" in page
    assert "いまのボトルネック" in page
    assert 'class="top"' not in page
    assert "phone-tabs" not in page


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["light", "dark", "", "neon"])
def test_it_is_seen_in_either_theme_whatever_the_viewer_chose(client, theme):
    client.force_login(builders.a_member())
    page = client.get("/styleguide/", {"theme": theme}).content.decode()
    assert (f'data-theme="{theme}"' in page) == (theme in ("light", "dark"))
