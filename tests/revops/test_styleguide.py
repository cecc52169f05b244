"""The style guide draws the components with the templates of the pages."""

import pytest

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
        "deadline",
        "clk bad",
        "badge warn",
        "chips",
        "error-summary",
        "timeline",
        "life",
        "gate",
        "pills",
        "toast",
        "choices",
    ):
        assert name in page, name
