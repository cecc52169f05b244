"""The language of a page: the member's own once signed in, else the cookie's or the browser's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from funnel.models import Member


class MemberLanguageMiddleware:
    """Speaks to a signed-in member in his language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without a session there is nobody to ask for; an API call by token chooses by Accept-Language.
        if request.session.session_key and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language of this browser and, when signed in, of the member; go back to where the form says."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        Member.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)


def page(request: HttpRequest) -> dict[str, object]:
    """Give every template the nonce of its scripts and styles, under the name django-htmx also reads."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
