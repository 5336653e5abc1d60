"""The command line, ``course``: one entry for all that people and CI run.

A command's module is imported only when that command is called, so that ``course --help`` is quick
and a learner never needs an instructor's packages. Such a module offers two functions:
``add_arguments(parser)`` and ``main(args) -> int``, the exit status.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from typing import NamedTuple

from course_lib import __version__
from course_lib.printable import say
from course_lib.trouble import CourseError, trouble

__all__ = ["COMMANDS", "Command", "main"]


class Command(NamedTuple):
    """Where a command lives, who it is for, and its one line in ``course --help``."""

    module: str
    audience: str
    summary: str


COMMANDS: dict[str, Command] = {
    "doctor": Command("course_lib.commands.doctor", "everyone", "what is installed, what is missing, how to mend it"),
    "lab": Command("course_lib.commands.lab", "everyone", "open JupyterLab on the lessons"),
    "progress": Command("course_lib.commands.progress", "everyone", "points so far, and what is left to do"),
    "tensorboard": Command("course_lib.commands.tensorboard", "everyone", "TensorBoard on a folder of runs, offline"),
    "build": Command("course_lib.instructor.text.build", "instructors", "lesson texts -> notebooks"),
    "explorers": Command(
        "course_lib.instructor.site.explorers.command", "instructors", "record explorers for notebooks and pages"
    ),
    "claims": Command("course_lib.instructor.text.claims", "instructors", "the outputs that lessons claim, for nbval"),
    "release": Command("course_lib.instructor.text.release", "instructors", "make one lesson an assignment"),
    "bundle": Command("course_lib.instructor.text.bundle", "instructors", "a zip with all that a learner needs"),
    "site": Command("course_lib.instructor.site.command", "instructors", "the web edition: lessons as pages"),
    "verify-graders": Command(
        "course_lib.instructor.proof.verify", "instructors", "prove every check on right and wrong answers"
    ),
    "collect": Command(
        "course_lib.instructor.desk.collect",
        "instructors",
        "submissions from a Canvas, Moodle or Brightspace zip, or from folders",
    ),
    "grade": Command("course_lib.instructor.desk.grade", "instructors", "grade a class, in a sandbox, in parallel"),
    "regrade": Command(
        "course_lib.instructor.desk.regrade", "instructors", "after a test was mended: whose score changes"
    ),
    "feedback": Command("course_lib.instructor.desk.feedback", "instructors", "a feedback page for each student"),
    "export": Command(
        "course_lib.instructor.desk.export", "instructors", "scores as CSV, or for Canvas, Moodle or Brightspace"
    ),
    "report": Command(
        "course_lib.instructor.desk.report",
        "instructors",
        "statistics of an assignment, or of a class over all of them",
    ),
    "hub-check": Command(
        "course_lib.instructor.desk.hub_check", "instructors", "what is missing for a class on a JupyterHub"
    ),
    "demo-class": Command("course_lib.instructor.desk.demo_class", "instructors", "a made-up class to try grading on"),
    "bench": Command("course_lib.bench", "developers", "measure speed side by side with other libraries"),
}


def _available(command: Command) -> bool:
    try:
        return importlib.util.find_spec(command.module) is not None
    except ModuleNotFoundError:
        return False


def _overview() -> str:
    lines = ["usage: course COMMAND [options]", "", __doc__.splitlines()[0], ""]
    for audience in ("everyone", "instructors", "developers"):
        rows = [(n, c) for n, c in COMMANDS.items() if c.audience == audience and _available(c)]
        if rows:
            lines.append(f"for {audience}:")
            lines += [f"  {name:<16} {command.summary}" for name, command in rows]
            lines.append("")
    lines += [
        "examples:",
        "  course doctor",
        "  course COMMAND --help",
        "",
        f"version {__version__}",
    ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; those of the process by default.

    Returns
    -------
    int
        Exit status: 0 done, 1 something is wrong that the output names, 2 the command line was not
        understood, 130 interrupted.

    Examples
    --------
    >>> status = main(["doctor", "--for", "learner"])
    """
    args = list(sys.argv[1:] if argv is None else argv)
    if not args or args[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0 if args else 2
    if args[0] in ("-V", "--version"):
        print(__version__)
        return 0
    name = args[0]
    command = COMMANDS.get(name)
    if command is None or not _available(command):
        known = ", ".join(n for n, c in COMMANDS.items() if _available(c))
        if command is not None:
            print(
                f"course: '{name}' is not part of this copy of the course; it is for {command.audience}",
                file=sys.stderr,
            )
        else:
            print(f"course: no command '{name}'; expected one of: {known}", file=sys.stderr)
        return 2
    try:
        module = importlib.import_module(command.module)
    except ModuleNotFoundError as error:
        print(
            f"course {name}: the package '{error.name}' is missing; install it with "
            f"`pip install -e '.[{'dev' if command.audience == 'developers' else 'instructor'}]'`",
            file=sys.stderr,
        )
        return 1
    parser = argparse.ArgumentParser(
        prog=f"course {name}",
        description=(module.__doc__ or command.summary).strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    parsed = parser.parse_args(args[1:])
    try:
        return int(module.main(parsed))
    except CourseError as error:
        say(f"course {name}: {error}", sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"course {name}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        told = trouble(error)
        if told is None:
            raise
        say(f"course {name}: {told}", sys.stderr)
        return 1
