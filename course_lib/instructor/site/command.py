"""Build the web edition: a page for each lesson, with what the code prints and draws, for both tracks.

Notebooks are executed with their solutions, and what they show is kept in .site-cache/, so that the next build is
quick and one that was interrupted goes on. Code on the pages is that of the released notebooks, and nothing of a
solution is on the site.

For example:
  course site                                   into dist/site; open dist/site/index.html
  course site --lesson 03 --serve               one lesson, and a server on this machine to look at it
  course site --check                           also look for solutions, hidden cases, links that lead nowhere
  course site --check --json                    the figures, for a script
  course site --base-url https://example.org/course/ --repository https://example.org/code
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tqdm import tqdm

from course_lib.instructor.text.render import course_root
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "build", "main"]

#: A file by which a folder is known to be a site that may be replaced.
MARK = ".nojekyll"
_NEEDED = (
    "bs4",
    "sphinx",
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "furo",
    "nbformat",
    "jupytext",
    "tinycss2",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course site``."""
    parser.add_argument("--output", metavar="DIR", type=Path, help="the folder to write; by default dist/site")
    parser.add_argument("--lesson", action="append", metavar="LESSON", help="only this one; may be given again")
    parser.add_argument(
        "--check", action="store_true", help="look for leaks and dead links; exit with 1 if any is found"
    )
    parser.add_argument("--serve", action="store_true", help="serve the site on this machine until Ctrl-C")
    parser.add_argument("--base-url", default="", metavar="URL", help="where it will be: for the sitemap and previews")
    parser.add_argument("--repository", default="", metavar="URL", help="where the course's files are, to link to them")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, and nothing else")


def _address(option: str, url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise CourseError(f"{option} is an address that begins with https:// or http://, not {url!r}")
    return url


def _hold_installed() -> None:
    """Stop before anything is executed if a package that makes the pages is not installed.

    Raises
    ------
    CourseError
        With the package, and how to install it.
    """
    for package in _NEEDED:
        if importlib.util.find_spec(package) is None:
            raise CourseError(f"the package {package!r} is missing; install it with `pip install -e '.[site]'`")


def _replaceable(output: Path) -> None:
    """Stop where the output would replace something that is no site.

    Raises
    ------
    CourseError
        If it is a file, or a folder with other things in it.
    """
    if output.is_file() or (output.is_dir() and any(output.iterdir()) and not (output / MARK).is_file()):
        raise CourseError(f"{output} is there and is no site; name a folder that is empty or not there yet")


def build(
    root: Path,
    output: Path,
    lessons: list[str] | None = None,
    *,
    base: str = "",
    repository: str = "",
    quiet: bool = False,
) -> dict[str, Any]:
    """Build the site; what was in `output` before is replaced when the new one is whole.

    Parameters
    ----------
    root : Path
        The course's folder.
    output : Path
    lessons : list of str, optional
        All by default.
    base, repository : str
        See ``course site --help``.
    quiet : bool
        No progress bar.

    Returns
    -------
    dict
        ``output``, ``lessons``, ``executed`` (notebooks), ``files`` and ``bytes``.

    Raises
    ------
    CourseError
        If `output` is no site, a notebook differs from its text, a cell fails, or a link leads nowhere.
    """
    _hold_installed()
    from course_lib.instructor.site.sources import write_sources
    from course_lib.instructor.site.sphinx_pages import make_html

    _replaceable(output)
    output = output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    base = f"{base.rstrip('/')}/" if base else ""
    with (
        tempfile.TemporaryDirectory(prefix=".site-", dir=output.parent) as folder,
        tqdm(total=1, disable=quiet, unit="step", file=sys.stderr, leave=False) as bar,
    ):

        def plan(steps: int) -> None:
            bar.reset(total=steps + 1)

        def progress(done: str) -> None:
            bar.set_postfix_str(done)
            bar.update()

        sources = write_sources(
            root, lessons, Path(folder), repository=repository.rstrip("/"), progress=progress, plan=plan
        )
        made = Path(folder, "site")
        made.mkdir()
        make_html(sources, made, base=base, repository=repository.rstrip("/"))
        (made / MARK).touch()
        if output.is_dir():
            shutil.rmtree(output)
        made.rename(output)
        bar.update()
    files = [path for path in output.rglob("*") if path.is_file()]
    return {
        "output": str(output),
        "lessons": sources.lessons,
        "executed": sources.executed,
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
    }


def main(args: argparse.Namespace) -> int:
    """Run ``course site``."""
    root = course_root()
    output = args.output or root / "dist" / "site"
    base, repository = _address("--base-url", args.base_url), _address("--repository", args.repository)
    if args.json and args.serve:
        raise CourseError("--json prints figures and ends, --serve goes on until Ctrl-C; give one of them")
    result = build(root, output, args.lesson, base=base, repository=repository, quiet=args.json)
    found: list[str] = []
    if args.check:
        from course_lib.instructor.site.leaks import find_leaks
        from course_lib.instructor.site.links import find_dead_links

        leaks, dead = find_leaks(root, output), find_dead_links(output)
        result |= {"leaks": leaks, "dead_links": dead}
        found = [*leaks, *dead]
    if args.json:
        print(json.dumps(result, indent=2))
        return bool(found)
    print(
        f"wrote {output}: {len(result['lessons'])} lessons, {result['files']} files, {result['bytes'] / 1e6:.1f} MB; "
        f"{result['executed']} notebooks were executed"
    )
    for problem in found:
        print(problem)
    if args.check and not found:
        print("no leak, and every link leads somewhere")
    if args.serve:
        _serve(output)
    return bool(found)


def _serve(folder: Path) -> None:
    """Serve a folder on this machine only, until Ctrl-C."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        print(f"http://127.0.0.1:{server.server_port}/ shows it; stop with Ctrl-C", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
