"""A page to print: what a learner has done, lesson by lesson, and which mistakes were overcome on the way.

It is made from the saved notebooks alone, by their owner, so it says of itself that nobody has verified it.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from datetime import date

from course_lib.notebook.progress import Progress, title_of

__all__ = ["MARK", "certificate"]

#: What such a page begins with: no file that begins otherwise is replaced by one.
MARK = "<!DOCTYPE html>\n<!-- certificate of the course on loss curves -->\n"

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin-bottom: 0.2rem; }
.name { font-size: 1.3rem; margin: 0.2rem 0 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid #8888; }
td.points { white-space: nowrap; }
li { margin-bottom: 0.35rem; break-inside: avoid; }
.small { font-size: 0.875rem; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } a { color: inherit; } tr { break-inside: avoid; } }
"""


def _rows(done: Sequence[Progress]) -> Iterator[str]:
    for one in done:
        written = sum(question.state == "written" for question in one.questions if question.text)
        texts = sum(question.text for question in one.questions)
        yield (
            f'<tr><th scope="row">{html.escape(title_of(one.lesson))}</th><td>{html.escape(one.track)}</td>'
            f'<td class="points">{one.score:g} of {one.points:g}</td><td class="points">{written} of {texts}</td></tr>'
        )


def _overcome(done: Sequence[Progress]) -> Iterator[str]:
    for one in done:
        for question in one.questions:
            if question.state != "right":
                continue
            for key, told in question.met.items():
                name = key.replace("/", ": ").replace("_", " ")
                said = f": {html.escape(told)}" if told else ""
                where = f"{title_of(one.lesson)}, {question.name}"
                yield f"<li><strong>{html.escape(name)}</strong> ({html.escape(where)}){said}</li>"


def certificate(found: Sequence[Progress], name: str, day: date) -> str:
    """Return the page, as HTML that needs no other file.

    Parameters
    ----------
    found : sequence of Progress
        What `course_lib.notebook.progress.read_progress` read; notebooks that were not begun are left out.
    name : str
        Whose it is; may be empty.
    day : date
        When it was made.

    Raises
    ------
    ValueError
        If nothing was begun.

    Examples
    --------
    >>> from course_lib.notebook.progress import Question
    >>> done = Progress("01_loss_basics", "keras", [Question("mse", 2.0, False, 2.0, "right")])
    >>> "2 of 2" in certificate([done], "Ada", date(2026, 1, 31))
    True
    """
    done = [one for one in found if one.begun and not one.trouble]
    if not done:
        raise ValueError("no lesson was begun, so there is nothing to certify; run some checks, and save the notebooks")
    score, points = sum(one.score for one in done), sum(one.points for one in done)
    overcome = list(_overcome(done))
    mistakes = (
        f"<p>Each was named by a check, and the answer was right in the end.</p><ul>{''.join(overcome)}</ul>"
        if overcome
        else "<p>None was named on the way to a right answer, or the notebooks do not say.</p>"
    )
    owner = f'<p class="name">{html.escape(name)}</p>' if name else ""
    whole = sum(one.score >= one.points for one in done)
    return (
        f'{MARK}<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Reading loss curves: what was done</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Reading training and validation loss curves</h1>{owner}"
        f"<p>{score:g} of {points:g} points by checks in {len(done)} notebook{'s' if len(done) > 1 else ''}, "
        f"{whole} of them with all points. Made on {day.isoformat()}.</p>"
        '<table><thead><tr><th scope="col">Lesson</th><th scope="col">Track</th><th scope="col">Points by checks</th>'
        f'<th scope="col">Texts written</th></tr></thead><tbody>{"".join(_rows(done))}</tbody></table>'
        f"<h2>Mistakes overcome</h2>{mistakes}"
        '<p class="small">This page was made from saved notebooks on their owner\'s machine; nobody has verified it. '
        "Hidden cases, which a learner does not see, can still take points off, and texts are graded by a person.</p>"
        "</main></body></html>\n"
    )
