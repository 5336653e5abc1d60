"""A site with made-up outputs: the same bytes twice, its pages in both tracks, what is refused, and exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from site_course import made_up
from support import TRACKS

from course_lib.commands.cli import main
from course_lib.instructor.site.command import build
from course_lib.instructor.site.lesson_page import YOURS
from course_lib.trouble import CourseError

LESSON = "05_no_grad_validation"
BASE = "https://example.org/course"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up(tmp_path_factory.mktemp("course"), ["05"])


@pytest.fixture(scope="module")
def site(course: Path) -> Path:
    build(course, course / "first", ["05"], base=BASE, repository="https://example.org/code", quiet=True)
    return course / "first"


@pytest.fixture(scope="module")
def page(site: Path) -> BeautifulSoup:
    return BeautifulSoup((site / f"{LESSON}.html").read_text(encoding="utf-8"), "html.parser")


pytestmark = pytest.mark.slow


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_two_builds_give_the_same_bytes(course: Path, site: Path) -> None:
    build(course, course / "second", ["05"], base=BASE, repository="https://example.org/code", quiet=True)
    first, second = contents(site), contents(course / "second")
    assert [name for name in first | second if first.get(name) != second.get(name)] == []
    assert len(first) > 50


def test_code_is_in_tabs_and_outputs_are_once_where_the_tracks_agree(page: BeautifulSoup) -> None:
    labels = {label["data-sync-id"] for label in page.select(".sd-tab-label")}
    assert labels == set(TRACKS)
    printed = [pre.get_text() for pre in page.select("pre.lc-text")]
    assert len(printed) > 10
    assert len(page.select(".lc-out img.lc-figure")) == 1


def test_cells_that_an_answer_feeds_show_no_output(page: BeautifulSoup) -> None:
    told = BeautifulSoup(YOURS, "html.parser").get_text()
    assert sum(p.get_text() == told for p in page.select(".lc-yours")) >= 3
    assert "printed in pytorch" not in page.get_text()


def test_stub_docstring_and_ways_in_stand_for_an_exercise(page: BeautifulSoup) -> None:
    code = [pre.get_text() for pre in page.select(".highlight pre")]
    (stub,) = (text for text in code if "def evaluate(" in text and "torch.nn.Module" in text)
    assert "raise NotImplementedError" in stub
    assert "Return the mean loss per sample" in stub
    assert len(page.select(".lc-do a[href='_downloads/loss-curves-course.zip']")) >= 4


def test_every_prediction_quiz_and_myth_of_the_lesson_is_on_its_page(course: Path, page: BeautifulSoup) -> None:
    text = (course / "solutions" / f"{LESSON}.md").read_text(encoding="utf-8")
    assert len(page.select(".lc-predict")) == text.count(" = predict(")
    assert len(page.select(".lc-answer")) == text.count('"reveal": ')
    assert len(page.select(".lc-quiz")) == 6
    assert len(page.select(".lc-myth")) == 5


def test_a_shared_link_a_sitemap_and_links_to_the_repository(site: Path, page: BeautifulSoup) -> None:
    told = {meta["property"]: meta["content"] for meta in page.select("meta[property]")}
    assert told["og:title"] == "Validation that only measures"
    assert told["og:image"] == f"{BASE}/_static/preview.png"
    assert told["og:url"] == f"{BASE}/{LESSON}.html"
    assert f"<loc>{BASE}/{LESSON}.html</loc>" in (site / "sitemap.xml").read_text()
    assert page.select_one("footer a[href='https://example.org/code']") is not None


def test_check_finds_what_was_planted_and_says_so_by_its_status(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from course_lib.instructor.site import leaks

    monkeypatch.chdir(course)
    words = ["site", "--lesson", "05", "--output", "third", "--check", "--json"]
    assert main(words) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["leaks"], result["dead_links"], result["executed"]) == ([], [], 0)
    assert result["lessons"] == [LESSON]
    honest = leaks.read_secrets
    planted = {"Validationthatonlymeasures": "a planted line"}
    monkeypatch.setattr(
        leaks, "read_secrets", lambda root: leaks.Secrets({**honest(root).lines, **planted}, {"x" * 40: "x"})
    )
    assert main(words) == 1
    assert any(
        f"{LESSON}.html: a line of a planted line" in leak for leak in json.loads(capsys.readouterr().out)["leaks"]
    )


def test_what_is_no_site_is_not_replaced(course: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CourseError, match="is there and is no site"):
        build(course, tmp_path, ["05"], quiet=True)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_package_that_is_missing_is_named_before_anything_runs(course: Path) -> None:
    code = (
        "import sys; from course_lib.instructor.text.alone import hide; from course_lib.commands.cli import main; "
        "hide(['furo']); sys.exit(main(['site', '--output', 'fifth']))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=course, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == "course site: the package 'furo' is missing; install it with `pip install -e '.[site]'`\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--base-url", "example.org"], "--base-url is an address that begins with https://"),
        (["--json", "--serve"], "give one of them"),
        (["--lesson", "99"], "no lesson '99'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    course: Path, words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course)
    assert main(["site", "--output", "fourth", *words]) == 1
    assert told in capsys.readouterr().err
    assert not (course / "fourth").exists()
