"""A verdict is taken from the cache only where all that it hangs on is as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from course_lib.commands import cli
from course_lib.instructor.hidden import graded_exercises
from course_lib.instructor.proof import verify
from course_lib.instructor.proof.bank import Entry
from course_lib.instructor.proof.kept import Kept, versions
from course_lib.instructor.proof.made_of import MadeOf
from course_lib.instructor.proof.sources import Name, Sources

LESSON = "03_tracking_loops"
FOUND = {"scores": [2.0], "diagnoses": [None], "statuses": ["done"], "messages": [""], "rejudged": 2.0, "seconds": 0.1}
WRONG = FOUND | {"scores": [0.0]}

PACKAGE = {
    "__init__": "",
    "checks.__init__": "from course_lib.checks.signs import mean_of_means\n",
    "checks.signs": (
        "import math\nfrom pathlib import Path\n"
        "WORDS = Path(__file__).with_name('numbers.toml')\n"
        "def mean_of_means(e):\n    return _half(e)\n"
        "def _half(e):\n    return math.floor(e)\n"
        "def wrong_count(e):\n    return 2\n"
        "def said(e):\n    return WORDS.read_text()\n"
    ),
    "checks.table": "KNOWN = {}\n"
    "\ndef known(f):\n    KNOWN[f.__name__] = f\n    return f\n@known\ndef first(e):\n    return 1\n",
    "first": "from course_lib.checks import mean_of_means\ndef case(e):\n    return mean_of_means(e)\n",
    "second": "import course_lib.checks.signs as s\ndef case(e):\n    return s.wrong_count(e)\n",
    "table": "TABLE = [lambda e: e + 1]\nOTHER = 1\n",
    "lazy": "def case(e):\n    from .checks.signs import said\n    return said(e)\n",
    "listed": "from course_lib.checks.table import KNOWN\ndef case(e):\n    return KNOWN\n",
}
CHANGES = [
    ("checks.signs", "math.floor(e)", "math.ceil(e)", {"first"}),
    ("checks.signs", "return 2", "return 3", {"second"}),
    ("checks.signs", "import math", "import cmath as math", {"first"}),
    ("checks.signs", "return 2", "return 2  # two", set()),
    ("checks.table", "return 1", "return 2", {"listed"}),
    ("first", "return mean_of_means(e)", "return mean_of_means(e) + 1", {"first"}),
]


def made_package(folder: Path) -> None:
    for name, text in PACKAGE.items():
        path = folder / "course_lib" / f"{name.replace('.', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "course_lib" / "checks" / "numbers.toml").write_text("a = 1\n")


def digests(folder: Path) -> dict[str, str]:
    sources = Sources(root=folder)
    return {name: sources.digest([(f"course_lib.{name}", "case")]) for name in ("first", "second", "lazy", "listed")}


@pytest.mark.parametrize(("module", "before", "after", "touched"), CHANGES)
def test_a_change_touches_what_can_reach_it_and_nothing_else(
    tmp_path: Path, module: str, before: str, after: str, touched: set[str]
) -> None:
    made_package(tmp_path)
    old = digests(tmp_path)
    path = tmp_path / "course_lib" / f"{module.replace('.', '/')}.py"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    new = digests(tmp_path)
    assert {name for name in old if old[name] != new[name]} == touched


def test_a_function_without_a_name_is_found(tmp_path: Path) -> None:
    made_package(tmp_path)
    reached = Sources(root=tmp_path).reach([("course_lib.table", "<lambda>")])
    assert reached == {("course_lib.table", 0)}


def test_a_data_file_touches_what_reads_it(tmp_path: Path) -> None:
    made_package(tmp_path)
    old = digests(tmp_path)
    (tmp_path / "course_lib" / "checks" / "numbers.toml").write_text("a = 2\n")
    new = digests(tmp_path)
    assert {name for name in old if old[name] != new[name]} == {"lazy"}


def made_of_all() -> dict[tuple[str, str], MadeOf]:
    return {
        (lesson, name): MadeOf(exercise)
        for lesson in verify.lessons()
        for name, exercise in graded_exercises(lesson, "pytorch").items()
    }


@pytest.mark.slow
def test_a_change_of_a_shared_module_touches_every_exercise_that_binds_it() -> None:
    """A function that exercises share is changed, for each of some shared functions, in what is read of its module."""
    made = made_of_all()
    binds: dict[Name, set[tuple[str, str]]] = {}
    for where, of in made.items():
        for name in of.names:
            binds.setdefault(name, set()).add(where)
    shared = [
        name for name, who in binds.items() if name[1] and name[1].isidentifier() and 1 < len(who) < len(made) / 2
    ]
    shared.sort()
    assert len(shared) >= 3
    usual = Sources()
    old = {where: usual.digest(of.names) for where, of in made.items()}
    spared = 0
    for module, function in shared[:: max(1, len(shared) // 3)]:
        sources = Sources(lambda path, m=module, f=function: _renamed(path, m, f))
        touched = {where for where, of in made.items() if sources.digest(of.names) != old[where]}
        assert binds[module, function] <= touched
        spared += len(made) - len(touched)
    assert spared, "each of these changes touched every exercise"


def _renamed(path: Path, module: str, function: str) -> bytes:
    """Read a file, with a first statement more in one function of one module."""
    text = path.read_bytes()
    if ".".join(path.with_suffix("").parts).removesuffix(".__init__").endswith(module):
        for word in (b"def", b"class"):
            start = text.find(b"\n%s %s" % (word, function.encode()))
            if start >= 0:
                return text[:start] + b"\n@staticmethod" + text[start:]
        start = text.find(b"\n%s = " % function.encode())
        if start >= 0:  # a constant
            return text[:start] + b"\n%s = 1 and " % function.encode() + text[start + len(function) + 4 :]
    return text


@pytest.mark.slow
def test_a_word_touches_the_exercises_that_say_it() -> None:
    """Words are taken when an exercise is made, so they count by what its diagnoses hold, not by their file."""
    exercise = graded_exercises(LESSON, "pytorch")["epoch_loss"]
    plain = next(one for one in exercise.diagnoses if isinstance(one.says, str))
    others = tuple(replace(one, says="Other words.") if one is plain else one for one in exercise.diagnoses)
    assert MadeOf(exercise).digest != MadeOf(replace(exercise, diagnoses=others)).digest
    read: list[Path] = []
    Sources(lambda path: (read.append(path), path.read_bytes())[1]).digest(MadeOf(exercise).names)
    assert not any(path.name == "words.toml" for path in read)


def test_what_is_made_of_the_same_has_the_same_number() -> None:
    first, second = (MadeOf(graded_exercises(LESSON, "pytorch")["epoch_loss"]) for _ in range(2))
    assert first.digest == second.digest
    assert first.names == second.names
    (x,), (y,) = ([lambda n=n: n] for n in (1, 2))
    assert MadeOf(x).digest == MadeOf(x).digest
    assert MadeOf([1.0, {"a": (2,)}]).digest != MadeOf([1.0, {"a": [2]}]).digest
    held = graded_exercises.__wrapped__
    assert (held.__module__, held.__name__) in MadeOf({"f": held}).names
    assert y() == 2


def entry(source: str, kind: str = "accepted", **more: Any) -> Entry:
    return Entry(LESSON, "pytorch", "epoch_loss", kind, "made up", source, **more)  # type: ignore[arg-type]


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources of the answers that were judged, in order, without any being run."""
    found: list[str] = []

    def judged(work: Sequence[Entry], *_: Any) -> Iterator[tuple[Entry, dict[str, Any]]]:
        for one in work:
            found.append(one.source)
            yield one, WRONG if one.kind == "mutant" else FOUND

    monkeypatch.setattr(verify, "judged", judged)
    return found


ANSWERS = [entry("x = 1\n"), entry("x = 2\n"), entry("x = 3\n", "mutant")]


def run(folder: Path, work: Sequence[Entry] = ANSWERS, *, fresh: bool = False, **how: Any) -> list[verify.Verdict]:
    return list(verify.verify(work, (0,), kept=Kept(folder, (0,), **how), fresh=fresh))


@pytest.mark.slow
def test_a_second_run_says_the_same_and_proves_nothing(tmp_path: Path, proven: list[str]) -> None:
    first, second = run(tmp_path), run(tmp_path)
    assert proven == [one.source for one in ANSWERS]
    assert [v.kept for v in (*first, *second)] == [False] * 3 + [True] * 3
    rows = [verify.Row(LESSON, "pytorch", "epoch_loss") for _ in range(2)]
    for row, verdicts in zip(rows, (first, second), strict=True):
        for verdict in verdicts:
            row.add(verdict)
    rows[1].kept = 0
    assert rows[0] == rows[1]
    assert all(v.kept is False for v in run(tmp_path, fresh=True))


@pytest.mark.slow
def test_a_changed_answer_and_its_kind_are_proven_anew(tmp_path: Path, proven: list[str]) -> None:
    run(tmp_path)
    proven.clear()
    run(tmp_path, [entry("x = 1  # one\n"), *ANSWERS[1:]])
    run(tmp_path, [entry("x = 2\n", "mutant")])
    assert proven == ["x = 1  # one\n", "x = 2\n"]


@pytest.mark.slow
def test_a_miss_is_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "judged", lambda work, *_: ((one, WRONG) for one in work))
    for _ in range(2):
        (verdict,) = run(tmp_path, ANSWERS[:1])
        assert verdict.miss
        assert not verdict.kept


@pytest.mark.slow
@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"number": 1}', None, b"\xff\xfe"])
def test_a_damaged_verdict_is_found_again_and_mended(tmp_path: Path, proven: list[str], damage: bytes | None) -> None:
    run(tmp_path)
    paths = sorted(path for path in tmp_path.glob("??/*") if path.is_file())
    assert len(paths) == 3
    proven.clear()
    forged = json.loads(paths[0].read_text())
    forged["found"]["scores"] = [1.0]
    paths[0].write_bytes(json.dumps(forged).encode() if damage is None else damage)
    run(tmp_path)
    assert len(proven) == 1
    run(tmp_path)
    assert len(proven) == 1
    assert {path for path in tmp_path.glob("??/*") if path.is_file()} == set(paths)


@pytest.mark.slow
def test_other_versions_other_seeds_other_sources(tmp_path: Path, proven: list[str]) -> None:
    run(tmp_path)
    proven.clear()
    run(tmp_path, ANSWERS[:1], about=lambda track: versions(track) | {"numpy": "0"})
    assert len(proven) == 1
    assert len(versions("keras")) > 5
    numbers = {Kept(tmp_path, seeds).number(ANSWERS[0]) for seeds in ((0,), (0, 1), (1, 0))}
    assert len(numbers) == 3
    run(tmp_path, ANSWERS[:1], sources=Sources(lambda path: _renamed(path, "course_lib.checks.judging", "judge_case")))
    assert len(proven) == 2


@pytest.mark.slow
def test_an_answer_hangs_on_what_it_imports(tmp_path: Path) -> None:
    place = "course_lib.training.early_stopping"
    uses = entry(f"from {place} import EarlyStopping\n")
    sources = Sources(lambda path: _renamed(path, place, "EarlyStopping"))
    usual, other = (Kept(tmp_path, (0,), sources=one) for one in (Sources(), sources))
    assert usual.number(uses) != other.number(uses)
    assert usual.number(ANSWERS[0]) == other.number(ANSWERS[0])


@pytest.mark.slow
def test_what_was_proven_before_an_interruption_is_kept(tmp_path: Path, proven: list[str]) -> None:
    runs = verify.verify(ANSWERS, (0,), kept=Kept(tmp_path, (0,)))
    next(runs)
    next(runs)
    runs.close()
    proven.clear()
    run(tmp_path)
    assert proven == [ANSWERS[2].source]


def test_a_source_that_changes_during_the_run_keeps_nothing(tmp_path: Path, proven: list[str]) -> None:
    kept = Kept(tmp_path, (0,))
    kept.number(ANSWERS[0])
    kept.sources._stamps[Path("gone")] = (1, 1)
    list(verify.verify(ANSWERS[:1], (0,), kept=kept))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_old_verdicts_are_deleted(tmp_path: Path, proven: list[str]) -> None:
    run(tmp_path)
    old, new, *_ = sorted(path for path in tmp_path.glob("??/*"))
    os.utime(old, (0, 0))
    Kept(tmp_path, (0,)).tidy()
    assert not old.exists()
    assert new.exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the proof forks")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_stays_behind(sign: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "course_lib", "verify-graders", "--lesson", "03", "--track", "pytorch", "--fresh"]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    family: set[psutil.Process] = set()
    deadline = time.monotonic() + 120
    while len(family) < 4 and time.monotonic() < deadline:
        family |= set(psutil.Process(started.pid).children(recursive=True))
        time.sleep(0.1)
    assert len(family) >= 4
    started.send_signal(sign)
    started.wait(timeout=60)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []


@pytest.mark.slow
def test_the_command_says_how_many_came_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], proven: list[str]
) -> None:
    monkeypatch.setattr(verify, "plan", lambda *_: ANSWERS)
    monkeypatch.setattr(verify, "bank_root", lambda: tmp_path / "tests" / "lessons")
    for kept in (0, 3):
        assert cli.main(["verify-graders", "--json", "--seeds", "2"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["total"]["kept"] == kept
        assert [row["kept"] for row in told["exercises"]] == [kept]
    assert cli.main(["verify-graders", "--seeds", "2"]) == 0
    assert "3 verdicts from the cache" in " ".join(capsys.readouterr().out.split())
    assert cli.main(["verify-graders", "--seeds", "2", "--fresh"]) == 0
    assert "cache" not in capsys.readouterr().out
    assert cli.main(["verify-graders", "--seeds", "1"]) != 0
    assert "at least 2 are needed" in capsys.readouterr().err
