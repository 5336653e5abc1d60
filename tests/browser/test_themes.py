"""Pictures on light, dark and high-contrast pages: contrasts are computed from what the screen shows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from live_support import OUTPUT, Bench
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook
from numpy.typing import NDArray
from PIL import Image

PICTURES = """
import numpy as np
from course_lib.plots import curves, show
from course_lib.training.history import History
both, batches = History(), History()
rng = np.random.default_rng(0)
for epoch in range(12):
    for _ in range(10):
        both.batch(float(np.exp(-epoch / 4) + 0.1 * rng.random()), 8)
        batches.batch(float(1 + rng.random()), 8)
    both.epoch(val_loss=0.4 + 0.01 * (epoch - 5) ** 2)
show(curves(both))
show(curves(batches))
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(2, 2))
ax.imshow(np.eye(8), cmap="gray_r")
show(fig, alt="A digit, black on white: a diagonal line.")
"""


@pytest.fixture
def bench(page: Any, lab: Any, open_notebook: Any, artefacts: Path) -> Bench:
    return Bench(page, lab, open_notebook, artefacts)


def shown(picture: Any) -> NDArray[np.uint8]:
    """What the screen shows of an image, with all that style sheets do to it."""
    return np.asarray(Image.open(io.BytesIO(picture.screenshot())).convert("RGB"))


def luminance(pixels: Any) -> NDArray[np.float64]:
    share = np.asarray(pixels, dtype=float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


def ground(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colors, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    return np.asarray(colors[counts.argmax()])


def contrasts(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The contrast of each pixel with the picture's ground."""
    here, behind = luminance(pixels), luminance(ground(pixels))
    return np.asarray((np.maximum(here, behind) + 0.05) / (np.minimum(here, behind) + 0.05))


def is_readable(pictures: Any) -> None:
    """Text and curves of the first picture, and the thin line of batches in the second one."""
    both = shown(pictures.nth(0))
    contrast, red, blue = contrasts(both), both[..., 0].astype(int), both[..., 2].astype(int)
    assert (contrast > 7).mean() > 0.003, "text and axes"
    assert ((contrast > 4.5) & (red - blue > 80)).sum() > 200, "the validation loss is orange"
    assert ((contrast > 4.5) & (blue - red > 80)).sum() > 200, "the training loss is blue"
    batches = shown(pictures.nth(1))
    height, width, _ = batches.shape
    inside = contrasts(batches)[height // 6 : height * 3 // 4, width // 5 : width * 3 // 5]
    assert np.median(inside.max(axis=0)) >= 3, f"the line of batches has {np.median(inside.max(axis=0)):.2f}"


def change_theme(page: Any, theme: str) -> None:
    """Change JupyterLab's theme, and wait until its splash no longer lies over the page."""
    page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    dark = "Dark" in theme
    page.wait_for_function("(dark) => document.body.dataset.jpThemeLight === String(!dark)", arg=dark)
    page.locator("#jupyterlab-splash").wait_for(state="detached")


def is_dark(picture: Any) -> bool:
    return bool(ground(shown(picture)).max() < 60)


@pytest.mark.parametrize(
    ("theme", "dark"),
    [("JupyterLab Light", False), ("JupyterLab Dark", True), ("JupyterLab Dark High Contrast", True)],
)
def test_pictures_are_readable_in_jupyterlab(bench: Bench, theme: str, dark: bool) -> None:
    bench.open("themes.ipynb", PICTURES)
    bench.start()
    pictures = bench.page.locator(f"{OUTPUT} img")
    pictures.nth(2).wait_for()
    bench.finished()
    change_theme(bench.page, theme)
    is_readable(pictures)
    assert is_dark(pictures.nth(0)) is dark
    assert not is_dark(pictures.nth(2)), "a digit must stay as it is"
    bench.screenshot(f"theme-{theme.split()[-1].lower()}")
    bench.save()
    change_theme(bench.page, "JupyterLab Light")


def executed() -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = new_notebook(cells=[new_code_cell(PICTURES)])
    # Where there are several kernels, JupyterLab asks for one that a notebook does not name.
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook


def test_a_notebook_that_is_not_trusted_shows_the_white_picture_on_a_dark_page(bench: Bench) -> None:
    nbformat.write(executed(), bench.lab.folder / "stranger.ipynb")
    bench.open("stranger.ipynb")
    change_theme(bench.page, "JupyterLab Dark")
    pictures = bench.page.locator(f"{OUTPUT} img")
    pictures.nth(1).wait_for()
    is_readable(pictures)
    assert not is_dark(pictures.nth(0))
    change_theme(bench.page, "JupyterLab Light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_exported_page_shows_the_picture_in_its_theme(page: Any, tmp_path: Path, theme: str) -> None:
    exporter = HTMLExporter(template_name="lab", theme=theme)
    file = tmp_path / "page.html"
    file.write_text(exporter.from_notebook_node(executed())[0], encoding="utf-8")
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    page.goto(file.as_uri())
    pictures = page.locator(".jp-OutputArea-output img")
    is_readable(pictures)
    assert is_dark(pictures.nth(0)) is (theme == "dark")
