"""Graders are proven on the bank, and the proof notices a grader that is not good."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from course_lib.checks.case import Case
from course_lib.checks.run import observe_case
from course_lib.commands import cli
from course_lib.instructor.hidden import graded_exercises, is_personal, run_graded
from course_lib.instructor.proof import verify, workers
from course_lib.instructor.proof.bank import Entry, bank_root, entries, header, load_answer, stub_of
from course_lib.instructor.proof.trial import Repeats, try_answer
from course_lib.instructor.proof.verdict import verdict_on
from course_lib.lessons import lessons, load
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

pytestmark = pytest.mark.slow

LESSON = "03_tracking_loops"
RIGHT = "def epoch_loss(l, n):\n    return sum(a * b for a, b in zip(l, n)) / sum(n)\n"
WRONG = "def epoch_loss(l, n):\n    return sum(l) / len(l)\n"
TELLS = f"""from course_lib.instructor.grading.gate import hidden_numbers


def epoch_loss(l, n):
    raise ValueError(str(hidden_numbers("{LESSON}", "pytorch")[:9]))
"""


def entry(kind: str, source: str, **more: object) -> Entry:
    return Entry(LESSON, "pytorch", "epoch_loss", kind, "made up", source, **more)  # type: ignore[arg-type]


MADE = [
    (entry("accepted", RIGHT), ""),
    (entry("accepted", WRONG), "is right, and got"),
    (entry("misconception", WRONG, diagnosis="mean_of_means"), ""),
    (entry("misconception", WRONG, diagnosis="last_batch"), "should be named last_batch, is named mean_of_means"),
    (entry("misconception", RIGHT, diagnosis="mean_of_means"), "is wrong, and got all points"),
    (entry("misconception", TELLS, diagnosis="raised_ValueError"), "its messages repeated inputs of a hidden case"),
    (entry("stub", "def epoch_loss(l, n):\n    raise NotImplementedError()\n"), ""),
    (entry("stub", "raise NotImplementedError()\n"), ""),
    (entry("stub", "def epoch_loss(l, n):\n    return 0.0\n"), "is the untouched stub"),
    (entry("mutant", WRONG), ""),
    (entry("mutant", RIGHT), "survived"),
    (entry("mutant", RIGHT, equivalent="the same"), ""),
    (entry("mutant", WRONG, equivalent="the same"), "is listed as equivalent, and loses points"),
    (entry("accepted", "import os\n\n\ndef epoch_loss(l, n):\n    os._exit(0)\n"), "ended without a verdict"),
    (entry("accepted", "1 / 0\n"), "is right, and got 0 points"),
    (entry("accepted", "raise SystemExit(3)\n"), "the check crashed: SystemExit"),
]


@pytest.fixture(scope="module")
def verdicts() -> list[verify.Verdict]:
    found = {id(verdict.entry): verdict for verdict in verify.verify([m for m, _ in MADE], seeds=(0, 1), jobs=2)}
    return [found[id(made)] for made, _ in MADE]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(MADE)))
def test_each_kind_of_miss_is_told(verdicts: list[verify.Verdict], number: int) -> None:
    verdict, miss = verdicts[number], MADE[number][1]
    assert miss in verdict.miss
    assert bool(verdict.miss) == bool(miss)


@pytest.mark.slow
def test_an_endless_mutant_is_killed_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SECONDS_PER_ANSWER", 1)
    monkeypatch.setattr(workers, "SECONDS_PER_MUTANT", 1)
    loop = "def epoch_loss(l, n):\n    while True:\n        pass\n"
    verdicts = verify.verify([entry("mutant", loop), entry("accepted", loop)], seeds=(0,), jobs=2)
    assert {verdict.entry.kind: verdict.miss for verdict in verdicts} == {"mutant": "", "accepted": "timed out"}


@pytest.mark.slow
def test_a_mutant_that_may_not_end_runs_alone_and_not_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SECONDS_PER_MUTANT", 1)
    loop = entry("mutant", "def epoch_loss(l, n):\n    while True:\n        pass\n")
    work = [loop, entry("mutant", WRONG), entry("accepted", RIGHT), entry("accepted", RIGHT)]
    # In company, it would take the verdicts of the others along, and all would be tried again.
    assert sorted(workers._companies(work)) == [[0], [1, 2, 3]]
    found = {id(verdict.entry): verdict for verdict in verify.verify(work, seeds=(0,), jobs=2)}
    assert (found[id(loop)].miss, found[id(loop)].note, found[id(loop)].seconds) == ("", "timed out", 1.0)
    assert not any(verdict.miss for verdict in found.values())


SPOILS = "import builtins\n\n\ndef epoch_loss(l, n):\n    builtins.sum = max\n    return 0.0\n"


@pytest.mark.slow
def test_what_an_answer_leaves_behind_changes_no_other_verdict() -> None:
    """An answer that breaks `sum` for those after it in the same process: they are judged again, alone."""
    spoils, survives, right = entry("mutant", SPOILS), entry("mutant", RIGHT), entry("accepted", RIGHT)
    verdicts = {id(v.entry): v for v in verify.verify([spoils, survives, right], seeds=(0,), jobs=1)}
    assert [verdicts[id(one)].miss for one in (spoils, survives, right)] == ["", "survived", ""]


def test_a_case_is_run_for_every_seed_unless_it_was_twice_the_same() -> None:
    inputs = {"fixed": (3.0,), "drawn": lambda rng: (float(rng.random()),)}
    for name, calls in (("fixed", 2), ("drawn", 5)):
        seen: list[float] = []
        observe = Repeats()
        found = [observe(Case(name, inputs[name]), lambda x, seen=seen: seen.append(x), seed) for seed in range(5)]
        assert len(seen) == calls
        assert len(found) == 5
    same_then_other = Case("drawn from few", lambda rng: (float(rng.integers(2)),))
    observe = Repeats()
    for seed in range(20):
        told = observe(same_then_other, lambda x: x, seed)
        assert told["result"] == observe_case(same_then_other, lambda x: x, seed)["result"]
    drifts = iter(range(20))
    observe = Repeats()
    results = [observe(Case("fixed", (3.0,)), lambda x: next(drifts), seed)["result"] for seed in range(5)]
    assert len({json.dumps(result) for result in results}) == 5


def test_a_seed_is_left_out_only_where_nothing_else_can_be_seen() -> None:
    fixed = Case("fixed", (3.0,))
    for inputs, decided in (((3.0,), True), (lambda rng: (float(rng.random()),), False)):
        observe = Repeats()
        for seed in (0, 1):
            observe.begin()
            for case in (fixed, Case("other", inputs)):
                observe(case, lambda x: x, seed)
            assert observe.decided(2) is (decided and seed == 1)
    drifts, observe = iter(range(9)), Repeats()
    for seed in (0, 1, 2):
        observe.begin()
        observe(fixed, lambda x: next(drifts), seed)
        assert not observe.decided(seed + 1)


def wrong_on_some(condition: str) -> str:
    """Return an answer that is wrong on inputs which a condition picks: of drawn ones under some seeds alone."""
    return f"{RIGHT}\nright = epoch_loss\n\n\ndef epoch_loss(l, n):\n    return 1e9 if {condition} else right(l, n)\n"


@pytest.mark.parametrize("part", [1, 2, 3, 7, 40])
def test_a_mutant_is_judged_as_if_all_of_its_cases_were_run(part: int) -> None:
    seeds = range(12)
    mutant = entry("mutant", wrong_on_some(f"len(l) > 3 and int(sum(l) * 1e6) % {part} == 0"))
    found = verdict_on(mutant, try_answer(mutant, seeds), len(seeds))
    whole = [run_graded(LESSON, "pytorch", "epoch_loss", load_answer(mutant), seed=seed) for seed in seeds]
    assert found.full == [result.passed for result in whole]
    assert part != 7 or found.flipped


def test_a_flip_is_told() -> None:
    base = {"statuses": ["done"] * 2, "messages": [""] * 2, "diagnoses": [None, None]}
    flipped = verdict_on(entry("mutant", WRONG), base | {"scores": [2.0, 1.0]}, 2)
    assert flipped.flipped
    named = base | {"scores": [1.0, 1.0], "diagnoses": ["mean_of_means", "last_batch"]}
    assert verdict_on(entry("misconception", WRONG, diagnosis="last_batch"), named, 2).flipped


@pytest.mark.slow
def test_the_command_proves_one_exercise_and_leaves_nothing_behind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    command = [
        "verify-graders",
        "--lesson",
        "03",
        "--exercise",
        "epoch_loss",
        "--track",
        "pytorch",
        "--json",
        "--fresh",
    ]
    assert cli.main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["passed"]
    assert found["misses"] == []
    (row,) = found["exercises"]
    assert row["accepted"][0] == row["accepted"][1] >= 5
    assert row["caught"][0] == row["named"][0] == row["named"][1] >= 6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_command_fails_on_a_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "tests" / "lessons" / LESSON / "graders" / "epoch_loss"
    (folder / "accepted").mkdir(parents=True)
    (folder / "misconceptions").mkdir()
    (folder / "accepted" / "reference.py").write_text(RIGHT)
    (folder / "misconceptions" / "right.py").write_text("# diagnosis: mean_of_means\n" + RIGHT)
    for exercise in load(LESSON, "pytorch"):
        (folder.parent / exercise).mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["verify-graders", "--lesson", "03", "--exercise", "epoch_loss", "--track", "pytorch"]) == 1
    out = capsys.readouterr().out
    assert "misconception 'right' is wrong, and got all points" in out
    assert "not proven" in out
    assert cli.main(["verify-graders", "--exercise", "nothing"]) == 1
    (folder / "misconceptions" / "right.py").write_text(RIGHT)
    with pytest.raises(CourseError, match="names no diagnosis"):
        entries(tmp_path / "tests" / "lessons", LESSON, "pytorch", "epoch_loss")


def test_headers_and_stubs() -> None:
    assert header("# seen: here\n# track: keras\n\nx = 1\n# track: pytorch") == {"seen": "here", "track": "keras"}
    stub = stub_of("def f():\n    a = 1\n    ### BEGIN SOLUTION\n    return a\n    ### END SOLUTION\n")
    assert stub == "def f():\n    a = 1\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"
    assert load_answer(entry("stub", stub.replace("def f()", "def epoch_loss(l, n)"))) is not None


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("lesson", lessons())
def test_every_exercise_has_its_bank_and_its_hidden_cases(lesson: str, track: str) -> None:
    for name, exercise in graded_exercises(lesson, track).items():
        found = entries(bank_root(), lesson, track, name)
        kinds = [e.kind for e in found]
        assert kinds.count("accepted") >= 5, f"{lesson} {name} {track}: fewer than 5 accepted answers"
        assert kinds.count("misconception") >= 6, f"{lesson} {name} {track}: fewer than 6 misconceptions"
        assert kinds.count("stub") == 1, f"{lesson} {name} {track}: no stub"
        hidden = [case for case in exercise.cases if case.hidden]
        # What is right for one student only is as unknown to learners as a hidden case.
        assert hidden or is_personal(lesson, track, name), f"{lesson} {name} {track}: no hidden case"
        assert all(case.hint for case in hidden), f"{lesson} {name} {track}: a hidden case without a hint"
        mutants = {e.name for e in found if e.kind == "mutant"}
        listed = _listed(lesson, name)
        other = {e.name for t in TRACKS for e in entries(bank_root(), lesson, t, name) if e.kind == "mutant"}
        assert listed <= mutants | other, f"{lesson} {name}: equivalent.toml lists mutants that do not exist"


def _listed(lesson: str, exercise: str) -> set[str]:
    import tomllib

    path = bank_root() / lesson / "graders" / exercise / "equivalent.toml"
    return {m["name"] for m in tomllib.loads(path.read_text()).get("mutant", [])} if path.is_file() else set()


@pytest.mark.parametrize("lesson", lessons())
def test_both_tracks_have_the_same_exercises_and_points(lesson: str) -> None:
    first, second = ([(e.name, e.points) for e in load(lesson, track).values()] for track in TRACKS)
    assert first == second


def test_wrong_answers_to_the_very_same_exercise_are_tried_in_one_track() -> None:
    def kinds(track: str | None, exercise: str, seen_in: str) -> list[tuple[str, str]]:
        planned = verify.plan(bank_root(), None, track, exercise)
        return [(entry.kind, entry.name) for entry in planned if entry.track == seen_in]

    # The schedule of lesson 09 is one object; the loop of lesson 03 is another in each track.
    whole = kinds("keras", "cosine_with_warmup", "keras")
    assert kinds(None, "cosine_with_warmup", "pytorch") == whole
    right = [one for one in whole if one[0] in ("accepted", "stub")]
    assert kinds(None, "cosine_with_warmup", "keras") == right
    assert len(right) < len(whole)
    assert kinds(None, "fit_and_track", "keras") == kinds("keras", "fit_and_track", "keras")
    # One exercise, yet hidden cases that are made for each track: everything is tried in both.
    assert load("02_train_val_split", "pytorch")["group_split"] is load("02_train_val_split", "keras")["group_split"]
    assert kinds(None, "group_split", "keras") == kinds("keras", "group_split", "keras")
