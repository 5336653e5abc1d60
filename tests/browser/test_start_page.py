"""What ``course lab`` opens: a map from which every lesson is one click away, and nothing that asks or distracts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab_server import Lab, serving
from support import ROOT

from course_lib.commands.lab import command, environment


@pytest.fixture(scope="module")
def learner_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("learner")
    shutil.copytree(ROOT / "lessons", folder / "lessons", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "glossary.md", folder / "docs")
    own = {
        name: str(tmp_path_factory.mktemp("own"))
        for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_CONFIG_DIR")
    }
    words = [word for word in command(folder, [], "keras") if word != "--allow-root"]
    with serving(folder, words, environment() | own) as lab:
        yield lab


def test_the_start_page_is_a_map(learner_lab: Lab, page: Any, artefacts: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.goto(f"{learner_lab.url}/?token={learner_lab.token}")  # the address that a browser is opened with
    picture = page.locator("img[alt*='Two curves']")
    picture.wait_for()
    page.wait_for_function("image => image.naturalWidth > 300", arg=picture.element_handle())
    assert page.locator(".lm-MenuBar-item", has_text="File").count() == 1
    assert page.locator(".lm-MenuBar-item", has_text="Nbgrader").count() == 0
    assert page.get_by_text("Validate", exact=True).count() == 0
    picture.scroll_into_view_if_needed()
    page.screenshot(path=artefacts / "start_page.png")
    found = Axe().run(page, context={"include": [[".jp-MarkdownOutput"]]}).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []

    shown = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-MarkdownOutput")
    shown.locator("td a", has_text="03 Tracking loops").click()
    shown.locator("h1", has_text="Tracking loops").wait_for()
    shown.locator("a", has_text="04 Overfitting").first.click()
    shown.locator("h1", has_text="Overfitting").wait_for()
    assert page.locator(".lm-TabBar-tab.lm-mod-current", has_text="keras").count() > 0
    shown.locator("a", has_text="Glossary").first.click()
    page.locator(".jp-MarkdownViewer h1", has_text="Glossary").wait_for()
    assert page.locator(".jp-Notification-toast, .Toastify__toast").count() == 0
    page.screenshot(path=artefacts / "glossary.png")


def test_an_instructor_keeps_the_menus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/elsewhere")
    learner, instructor = (environment(who)["JUPYTER_CONFIG_PATH"] for who in (False, True))
    assert "learner" in learner
    assert "learner" not in instructor
    assert learner.endswith("/elsewhere")
