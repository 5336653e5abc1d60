"""A cell's outputs as HTML of a page: pictures become files, tables get headers, this machine's places go."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag
from PIL import Image

from course_lib.atomic import write_atomically
from course_lib.instructor.site.markup import Places

__all__ = ["FIGURES", "Shower", "without_places"]

#: What stands for the folder that the course lies in.
HERE = "loss-curves-course"
#: Where the pictures of outputs are on the site.
FIGURES = "_figures"
#: Curves of single batches are most of what a lesson weighs. Of a figure of lines with more bytes than this, so few
#: colors are kept: only the shades of lines' edges need more. It is a quarter smaller and looks the same.
LARGE, FEW_COLORS = 12_000, 24
#: Outputs that a page says in its own way, or that belong to a running notebook.
_APART = ".course-prediction, .course-explorer, .course-check"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_ANSWER = "<p><strong>The answer:</strong>"
_TENSORBOARD = (
    '<p class="lc-yours">In the notebook, TensorBoard is here, with these runs. It is a server on your own machine, '
    "so this page has none.</p>"
)


def without_places(text: str, root: Path) -> str:
    """Return a text without the folders of this machine: the course's own, Python's and the home folder.

    Examples
    --------
    >>> without_places("in /tmp/course/.venv/bin", Path("/tmp/course"))
    'in loss-curves-course/.venv/bin'
    """
    named = {str(root): HERE, sys.prefix: f"{HERE}/.venv", sys.base_prefix: "python", str(Path.home()): "~"}
    for place, name in sorted(named.items(), key=lambda pair: -len(pair[0])):
        if len(Path(place).parts) > 2:  # "/usr" or "/root" alone would also be found in other words
            text = text.replace(place, name)
    return text


class Shower:
    """Makes HTML of outputs, and keeps the pictures.

    Parameters
    ----------
    root : Path
        The course's folder.
    kept : Path
        Where pictures are kept between builds, by their content.
    places : Places
        Where links lead.

    Attributes
    ----------
    pictures : dict
        The pictures' bytes by their names on the site.
    """

    def __init__(self, root: Path, kept: Path, places: Places):
        self.root, self.kept, self.places = root, kept, places
        self.pictures: dict[str, bytes] = {}

    def html(self, outputs: Sequence[dict[str, Any]], folder: str) -> str:
        """Return the outputs of a cell as HTML; nothing where there is nothing to show.

        Parameters
        ----------
        outputs : sequence of outputs
            As a notebook holds them.
        folder : str
            The folder of the notebook, from which its links lead.
        """
        parts = [part for output in _joined(outputs) if (part := self._one(output, folder))]
        return f'<div class="lc-out">{"".join(parts)}</div>' if parts else ""

    def _one(self, output: dict[str, Any], folder: str) -> str:
        if output["output_type"] == "stream":
            return self._text("".join(output["text"]))
        data = output.get("data", {})
        if _WIDGET in data:  # a progress bar, which is over
            return ""
        if "text/html" in data:
            return self._markup("".join(data["text/html"]), folder)
        if "text/plain" in data and "text/markdown" not in data:
            return self._text("".join(data["text/plain"]))
        return ""

    def _text(self, text: str) -> str:
        told = html.escape(without_places(text.strip("\n"), self.root))
        return f'<pre class="lc-text">{told}</pre>' if told.strip() else ""

    def _markup(self, markup: str, folder: str) -> str:
        if markup.startswith(_ANSWER):  # the page says it where the explanation stands
            return ""
        soup = BeautifulSoup(without_places(markup, self.root), "html.parser")
        if soup.select_one(_APART):
            return ""
        if soup.select_one('[id^="course-tensorboard-"]'):
            return _TENSORBOARD
        for apart in soup.select("style, script"):
            apart.decompose()
        for image in soup.select("img"):
            self.picture(image)
        for table in soup.select("table"):
            _plain_table(table, soup)
        for pre in soup.select("pre"):
            pre.attrs = {"class": "lc-text"}
        for words in soup.select("pre span"):  # colors of a terminal, which are chosen for no page
            words.name = "strong" if "bold" in str(words.get("style", "")) else "span"
            words.attrs = {}
        for figure in soup.select("figure"):
            figure.attrs = {}
        for link in soup.select("a[href]"):
            address = self.places.address(str(link["href"]), folder, ".html")
            if address is None:
                link.unwrap()
            else:
                link["href"] = address
        for text in soup.find_all(string=True):
            if not text.strip() and "\n" in text:
                text.replace_with(" ")
        return str(soup).strip()

    def picture(self, tag: Tag) -> None:
        """Take the picture out of an ``<img>`` with a data URL: a file named by its content, and the size it takes."""
        if not str(tag.get("src", "")).startswith("data:"):
            return
        data = base64.b64decode(str(tag["src"]).split(",", 1)[1])
        turns = "course-figure" in tag.get_attribute_list("class")  # it turns dark with the page: lines, and no images
        name, content = self._smallest(data, FEW_COLORS if turns and len(data) > LARGE else None)
        self.pictures[name] = content
        image = Image.open(io.BytesIO(content))
        width = int(str(tag.get("width") or image.width))
        attributes = {"src": f"{FIGURES}/{name}", "alt": str(tag["alt"]), "width": str(width)}
        attributes |= {"height": str(round(width * image.height / image.width)), "loading": "lazy", "decoding": "async"}
        tag.attrs = {**attributes, "class": "lc-figure lc-turns" if turns else "lc-figure"}

    def _smallest(self, png: bytes, colors: int | None) -> tuple[str, bytes]:
        """Return the picture in whichever form is smaller, and its name; with ``colors``, in no more of them."""
        digest = hashlib.sha256(png + str(colors).encode()).hexdigest()[:16]
        for suffix in ("webp", "png"):
            path = self.kept / f"{digest}.{suffix}"
            if path.is_file():
                return path.name, path.read_bytes()
        target = io.BytesIO()
        image = Image.open(io.BytesIO(png)).convert("RGB")
        if colors is not None:
            image = image.quantize(colors, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
        image.save(target, "WEBP", lossless=True, method=4)
        best, suffix = (target.getvalue(), "webp") if target.tell() < len(png) else (png, "png")
        write_atomically(self.kept / f"{digest}.{suffix}", best)
        return f"{digest}.{suffix}", best


def _joined(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join what a cell prints in one go: a kernel may send a line in parts, with other streams between them."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        stream = output["output_type"] == "stream"
        if stream and output["name"] != "stdout":
            continue
        if stream and joined and joined[-1]["output_type"] == "stream":
            joined[-1] = {**joined[-1], "text": "".join(joined[-1]["text"]) + "".join(output["text"])}
        else:
            joined.append(output)
    return joined


def _plain_table(table: Tag, soup: BeautifulSoup) -> None:
    """Give a table of pandas its headers in one row, and every table a place of its own to scroll in."""
    head = table.select("thead tr")
    if len(head) == 2 and table.has_attr("border"):  # the names of the columns, then that of the index
        pairs = zip(head[0].select("th"), head[1].select("th"), strict=False)
        for above, below in pairs:
            if not above.get_text(strip=True):
                above.string = below.get_text(strip=True)
        head[1].decompose()
    for cell in table.select("thead th"):
        cell.attrs = {"scope": "col"}
        if not cell.get_text(strip=True):
            cell.name, cell.attrs = "td", {}
    for cell in table.select("tbody th"):
        span = {"colspan": str(cell["colspan"])} if cell.has_attr("colspan") else {}
        cell.attrs = {"scope": str(cell.get("scope") or "row"), **span}
    for row in table.select("tr, td, thead, tbody"):
        row.attrs = {}
    kind = ""
    if table.has_attr("class") and "dataframe" in table.get_attribute_list("class"):
        kind = " lc-numbers"
    elif "fixed" in str(table.get("style", "")):  # columns of prose, which wrap
        kind = " lc-words"
    table.attrs = {"class": f"lc-table{kind}"}
    table.wrap(soup.new_tag("div", attrs={"class": "lc-scroll"}))
