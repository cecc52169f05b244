"""A real browser, where one is found. BROWSER_TESTS=auto|require|off."""

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

MODE = os.environ.get("BROWSER_TESTS", "auto")
HOW = "No Chromium: `apt-get install chromium fonts-noto-cjk`, or set CHROMIUM to one. BROWSER_TESTS=require fails without."
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]


@functools.cache
def chromium() -> str | None:
    """A Chromium that really launches, or None. An installed one may still crash, so its name proves nothing."""
    names = [
        os.environ.get("CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    for path in filter(None, (shutil.which(name) for name in names if name)):
        probe = [path, "--headless=new", *FLAGS, "--dump-dom", "about:blank"]
        try:
            done = subprocess.run(probe, capture_output=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return path
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanting = [item for item in items if item.get_closest_marker("browser")]
    if not wanting or (MODE != "off" and chromium()):
        if "CI" in os.environ:
            # On a starved machine a browser may come too late once. It is tried again, and named at the end.
            for item in wanting:
                item.add_marker(pytest.mark.flaky(reruns=1))
        return
    if MODE == "require":
        raise pytest.UsageError(HOW)
    for item in wanting:
        item.add_marker(pytest.mark.skip(reason="BROWSER_TESTS=off" if MODE == "off" else HOW))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = [r for r in terminalreporter.stats.get("skipped", []) if "browser" in r.keywords]
    if left_out:
        terminalreporter.write_line(f"{len(left_out)} browser tests did not run. {HOW}", red=True, bold=True)
    for again in terminalreporter.stats.get("rerun", []):
        words = (
            f"needed a second try, which is a defect to mend: {again.nodeid}\n{again.longreprtext[-1500:]}"
        )
        terminalreporter.write_line(words, red=True, bold=True)


def arrived(page: Any, selector: str, **kwargs: Any) -> None:
    """Wait until `selector` is seen on a page that has loaded whole: keys are heard once the scripts have run."""
    page.wait_for_selector(selector, **kwargs)
    page.wait_for_load_state("load")


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[object]:
    """A browser for one module: Playwright keeps an event loop, which must not outlive the tests that want it."""
    from playwright.sync_api import sync_playwright

    # The loop in this thread makes Django refuse the ORM, though no coroutine ever calls it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser) -> Iterator[object]:
    """A Japanese page of 1920 × 1080. The test fails on console errors, policy violations and requests elsewhere."""
    context = browser.new_context(
        locale="ja-JP", timezone_id="Asia/Tokyo", viewport={"width": 1920, "height": 1080}
    )
    context.set_default_timeout(15_000)
    faults: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda sent: None if _ours(sent.url) else faults.append(f"request to {sent.url}"))
    yield opened
    context.close()
    assert faults == []


def _ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:", "about:"))
