"""A real JupyterLab and a real Chromium, and the few gestures that tests of notebooks share."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lab_server import PATIENCE, Lab, serving
from live_support import KERNEL_IS_READY
from support import ROOT

CHROMIUM = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    # Every cell stays in the page, so that tests can find it; no questions about news.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A failed test says what the page showed: its dialogs, and the last lines of the server's log."""
    report = yield
    arguments = getattr(item, "funcargs", {})
    if report.failed and call.when == "call":
        if page := arguments.get("page"):
            with contextlib.suppress(Exception):
                dialogs = page.locator(".jp-Dialog").all_inner_texts()
                report.sections.append(("dialogs in the browser", "\n".join(dialogs) or "none"))
                page.screenshot(path=arguments["artefacts"] / f"failed-{item.name.replace('/', '_')}.png")
        if lab := arguments.get("lab"):
            log = (lab.folder / "server.log").read_text(errors="replace").splitlines()
            report.sections.append(("JupyterLab's log", "\n".join(log[-40:])))
    return report


class Notebook:
    """One notebook open in the browser."""

    def __init__(self, page: Any, path: Path):
        self.page = page
        self.path = path

    def menu(self, *names: str) -> None:
        """Choose from the menu bar, such as ``menu("Run", "Run All Cells")``."""
        self.page.locator(".lm-MenuBar-item", has_text=names[0]).first.click()
        for name in names[1:]:
            self.page.locator(".lm-Menu-itemLabel", has_text=name).first.click()

    def run_all(self) -> None:
        """Run all cells and wait until the kernel is idle again."""
        self.menu("Run", "Run All Cells")
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait until no cell is waiting or running."""
        self.page.wait_for_function(
            "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.textContent.includes('*'))",
            timeout=PATIENCE,
        )

    def cell(self, text: str) -> Any:
        """The first code cell whose source contains `text`."""
        return self.page.locator(".jp-CodeCell").filter(has=self.page.locator(".cm-content", has_text=text)).first

    def write(self, cell: Any, source: str) -> None:
        """Replace a cell's source the way a person does: select all, type."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)

    def run(self, cell: Any) -> Any:
        """Run one cell with Shift+Enter, wait, and return its output area."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        self.wait_until_idle()
        return cell.locator(".jp-OutputArea")

    def save(self) -> None:
        """Save with the keyboard and wait until the whole notebook is on disk: it is emptied before it is written."""
        before = self.path.stat().st_mtime_ns
        self.page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
        self.page.keyboard.press("ControlOrMeta+s")
        deadline = time.monotonic() + PATIENCE / 1000
        while self.path.stat().st_mtime_ns == before or not self._is_whole():
            assert time.monotonic() < deadline, "the notebook was not saved"
            self.page.wait_for_timeout(50)

    def _is_whole(self) -> bool:
        try:
            return "cells" in json.loads(self.path.read_bytes())
        except ValueError:
            return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A Chromium. Not for the session: Playwright keeps an event loop running, which other tests cannot have."""
    if CHROMIUM is None:
        if os.environ.get("COURSE_REQUIRE_BROWSER"):
            pytest.fail("no Chromium found, and this run must have one")
        pytest.skip("no Chromium; `course doctor --for developer` says how to get one")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab that serves a copy of the lessons, with the settings of nobody."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "lessons", folder / "lessons", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    settings = tmp_path_factory.mktemp("settings")
    for name, values in SETTINGS.items():
        file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path_factory.mktemp("workspaces")),
        "JUPYTER_CONFIG_DIR": str(tmp_path_factory.mktemp("config")),
    }
    words = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={folder}"]
    with serving(folder, words, environment) as lab:
        yield lab


def opened(lab: Lab, page: Any, path: str) -> Notebook:
    page.goto(lab.address(path))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.wait_for_function(KERNEL_IS_READY)
    return Notebook(page, lab.folder / path)


@pytest.fixture(scope="session")
def open_on(lab: Lab) -> Any:
    """Open a notebook, by its path under the served folder, on a page, and wait for its kernel."""
    return partial(opened, lab)


@pytest.fixture
def open_notebook(lab: Lab, page: Any) -> Any:
    """Open a notebook, and wait for its kernel, in whatever `lab` a file has of its own."""
    return partial(opened, lab, page)
