"""The pages beside the lessons: the start page, and every text in ``docs/``."""

from __future__ import annotations

import html
import re
from pathlib import Path

from course_lib.instructor.site.markup import Places, raw
from course_lib.instructor.site.playground import State
from course_lib.instructor.text.course_map import START, Stop, course_map
from course_lib.tracks import TRACKS

__all__ = ["PLAYGROUND", "PLAYING", "guide", "invitation", "map_of", "page_names", "playground_page", "start_page"]

#: Which texts stand together in the list of pages, and in what order; any other in docs/ is for instructors.
LOOK_UP = ("docs/glossary.md", "docs/misconceptions.md", "docs/published-claims.md")
FOR_CONTRIBUTORS = ("CONTRIBUTING.md", "docs/graders.md", "docs/live-plots.md", "docs/benchmarks.md", "CHANGELOG.md")
#: The page of the playground, and the page that leads there.
PLAYGROUND, PLAYING = "playground.html", "playing"
_COMMENT = re.compile(r"\A<!--.*?-->\s*", re.DOTALL)


def page_names(root: Path, lessons: list[str]) -> dict[str, str]:
    """Say which files are pages, and what each page is called.

    Parameters
    ----------
    root : Path
        The course's folder.
    lessons : list of str
        The lessons that have a page.

    Returns
    -------
    dict
        The page's name by the file's path, relative to `root`; both notebooks of a lesson are one page.
    """
    texts = [*sorted(p.relative_to(root).as_posix() for p in root.glob("docs/*.md")), "CONTRIBUTING.md", "CHANGELOG.md"]
    pages = {text: Path(text).stem.lower() for text in texts if (root / text).is_file()}
    pages |= {"README.md": "index", PLAYGROUND: PLAYING}
    for lesson in lessons:
        pages |= {f"lessons/{lesson}/{track}.ipynb": lesson for track in TRACKS}
    return pages


def guide(root: Path, text: str, places: Places) -> str:
    """Return a text of the course as a page: links lead to pages, and a remark on how it was built goes."""
    source = (root / text).read_text(encoding="utf-8")
    return places.markdown(_COMMENT.sub("", source), str(Path(text).parent))


def map_of(course: list[Stop], places: Places, here: bool = False) -> str:
    """Return the picture and the table of all lessons, with links to their pages.

    Parameters
    ----------
    course : list of Stop
        All lessons.
    places : Places
    here : bool
        For the page of lesson 00, which the table then doesn't link to.
    """
    table = course_map(course, TRACKS[0])
    if not here:
        (first,) = (stop for stop in course if stop.name == START)
        table = table.replace(f"{first.number} {first.title} (this page)", first.link(TRACKS[0]))
    return places.markdown(table, f"lessons/{START}")


def playground_page(course: list[Stop], places: Places, states: dict[str, State]) -> str:
    """Return the page that leads into the playground, with a state of it for each lesson."""
    rows = []
    for stop in course:
        if stop.number in states:
            state = states[stop.number]
            lesson = (
                f"[{stop.number} {stop.title}]({stop.name}.md)" if stop.name in places.pages.values() else stop.title
            )
            rows.append(f"| {lesson} | {_state_link(state)} | {state.question} |")
    table = "\n".join(["| lesson | in the playground | what to find out |", "|---|---|---|", *rows])
    begin = raw(f'<p class="lc-begin"><a class="lc-button" href="{PLAYGROUND}">Open the playground</a></p>')
    return f"{_PLAYING}\n\n{begin}\n\n## A state for each lesson\n\n{table}\n"


def _state_link(state: State) -> str:
    address = html.escape(f"{PLAYGROUND}#{state.fragment}")
    return f'<a href="{address}">{html.escape(state.title)}</a>'


def invitation(state: State) -> str:
    """Return the box that leads from a lesson to the state of the playground that shows its point."""
    return raw(
        f'<div class="lc-do lc-play"><p><strong>Play with it: {html.escape(state.title)}.</strong> '
        f'{html.escape(state.question)}</p><p><a href="{PLAYGROUND}#{html.escape(state.fragment)}">'
        "Open it in the playground</a>, where a small network trains in the page.</p></div>"
    )


def _listing(caption: str, names: list[str]) -> str:
    entries = "\n".join(names)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n:maxdepth: 1\n\n{entries}\n```" if names else ""


def start_page(course: list[Stop], places: Places) -> str:
    """Return the start page: what the course is, the map of all lessons, and the list of all pages."""
    pages = places.pages
    lessons = list(dict.fromkeys(name for file, name in pages.items() if file.startswith("lessons/")))
    look_up = [pages[text] for text in LOOK_UP if text in pages]
    contributors = [pages[text] for text in FOR_CONTRIBUTORS if text in pages]
    told = {"index", PLAYING, *lessons, *look_up, *contributors}
    instructors = [name for name in pages.values() if name not in told]
    titles = {stop.name: f"{stop.number} {stop.title} <{stop.name}>" for stop in course}
    lines = [_listing("Lessons", [titles[name] for name in lessons])]
    lines += [
        _listing("To play with", [PLAYING]),
        _listing("To look up", look_up),
        _listing("For instructors", sorted(instructors, key=lambda name: (name != "instructors", name))),
        _listing("For contributors", contributors),
    ]
    first = lessons[0] if lessons else ""
    begin = (
        f'<p class="lc-begin"><a class="lc-button" href="{first}.html">Begin</a> '
        f'<a class="lc-button lc-second" href="{PLAYGROUND}">Play first</a></p>'
    )
    return "\n\n".join([_INTRODUCTION, raw(begin), "## The lessons", map_of(course, places), _WAYS, *lines])


_PLAYING = """# The loss playground

A page on which a small network trains live in your browser: two moons, a noisy sine or digits, both losses as in the
live plot of the lessons, and a picture of what the network has learned. Change the rows, the noise, the width, the
learning rate, or stop early, and watch what the two curves do. Each lesson has a question for it: answer it first,
then run. Nothing is installed, and nothing leaves your browser."""

_INTRODUCTION = """# Reading loss curves

A course on **training and validation loss**, in **PyTorch** and in **Keras**. You learn to read any pair of loss
curves, to write the loop that made them, to say what each number means, and to stop at the right epoch.

Read it here, with everything that the code prints and draws. Predictions and quizzes work on these pages, and nothing
that you answer leaves your browser. The exercises are in the notebooks, where a check tells you what went wrong and
why."""

_WAYS = """## Three ways to take the course

**On these pages.** Choose PyTorch or Keras once, at the top of a lesson; every page remembers it. Commit to a
prediction, and the page shows what happens and why.

**In notebooks.** Download <a href="_downloads/loss-curves-course.zip" download>the course</a>, unpack it, and run
`make lab` in its folder. It sets everything up and opens the lessons in JupyterLab; a small laptop without a GPU is
enough. The notebooks add live plots, the checks of the exercises, and the record of your points.

**In a class.** The [guide for instructors](instructors.md) leads from releasing a lesson to returning feedback, with
nbgrader."""
