"""The benchmark of the trainers: what it prints, and that a goal missed is said so."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from course_lib.bench import cluster, lessons, page, trainers, whole_class
from course_lib.commands.cli import main
from course_lib.trouble import CourseError


def figures(**changes: float) -> dict:
    row = {"multiple": 1.0, "low": 0.9, "high": 1.1, "us_per_step": 100.0}
    stock = {**row, "us_per_step": changes.get("stock", 400.0)}
    rows = {name: dict(row) for name in (trainers.BARE, trainers.OURS, trainers.OURS_KERAS)} | {trainers.STOCK: stock}
    result = {
        "tables": {"digits": rows},
        "bare": changes.get("bare", 1.05),
        "bare_by_name": 0.8,
        "same_work": 0.9,
        "same_work_keras": 0.3,
        "loader": 1.0,
        "history": {"us": 0.3, "bytes": 40.0},
        "import_ms": 1.0,
        "versions": {"python": "3"},
    }
    result["goals"] = trainers._goals(result)
    return result


def test_a_goal_that_is_missed_is_said_so():
    assert all(goal["met"] for goal in figures()["goals"])
    missed = figures(bare=1.2, stock=200.0)
    assert [goal["met"] for goal in missed["goals"]].count(False) == 2
    text = trainers.table(missed)
    assert "| PyTorch fit with the bare loop's Adam, as a multiple of the bare loop | 1.2 | 1.1 | no |" in text
    assert "times faster than model.fit(x, y), at least | 2 | 3 | no |" in text


def test_the_table_takes_its_place_in_the_page_and_leaves_the_rest(tmp_path):
    benchmarks = tmp_path / "benchmarks.md"
    benchmarks.write_text("# Benchmarks\n\nMine.\n")
    for text in ("one", "two"):
        page.write("trainers", text, benchmarks)
    written = benchmarks.read_text()
    assert written.count("trainers: begin") == 1
    assert "two" in written
    assert "one" not in written
    assert "Mine." in written


def test_lessons_are_held_against_their_limits():
    rows = [
        {"lesson": "03", "track": "pytorch", "seconds": 80.0, "slowest_cell": 3.0},
        {"lesson": "03", "track": "keras", "seconds": 95.0, "slowest_cell": 21.0},
    ]
    assert [goal["met"] for goal in lessons._goals(rows)] == [False, False, True, True]
    text = lessons.table({"notebooks": rows, "versions": {"python": "3"}, "goals": lessons._goals(rows)})
    assert "| slowest notebook, seconds | 95 | 90 | no |" in text


def test_a_class_and_its_hub_are_added_up():
    result = {
        "classes": [
            {"lesson": "02", "track": "pytorch", "submissions": 500, "s": 600.0, "peak_mb": 2000.0},
            {"lesson": "03", "track": "keras", "submissions": 500, "s": 1200.0, "peak_mb": 3000.0},
        ],
        "workers": 2,
        "server_mb": 150.0,
        "learners": [
            {"lesson": "02", "track": "pytorch", "mb": 450.0, "cpu_s": 20.0},
            {"lesson": "03", "track": "keras", "mb": 850.0, "cpu_s": 60.0},
        ],
        "versions": {"python": "3"},
    }
    result["goals"] = whole_class._goals(result)
    assert result["goals"][0] | {"name": ""} == {"name": "", "value": 30.0, "limit": 24, "met": False}
    text = whole_class.table(result)
    assert "1,000 whole notebooks graded with 2 workers in 30.0 minutes" in text
    assert "| 03, keras | 500 | 25.0 | 3000 |" in text
    assert "| 02, pytorch | 450 | 20.0 | 40 |" in text


def test_too_few_submissions_for_the_classes_are_refused():
    with pytest.raises(CourseError, match="--submissions 3: there are 4 classes; give 4 or more"):
        whole_class.measure(submissions=3)


def test_a_score_that_differs_on_a_cluster_misses_the_goal():
    killed = {"workers": 20, "schedulers": 1, "commands again": 1}
    result = {"submissions": 300, "quiet_s": 600.0, "cluster_s": 1200.0, "every": 20.0, "killed": killed}
    result |= {"scores": 1600, "differing": 1, "versions": {"python": "3"}}
    result["goals"] = cluster._goals(result)
    assert [goal["met"] for goal in result["goals"]] == [False, True]
    text = cluster.table(result)
    assert "300 mixed notebooks of 3 lessons in both tracks. A worker was killed every 20 s." in text
    assert "| on a cluster of two workers | 20.0 | 20 | 1 | 1 | 1600 | 1 |" in text


def test_a_cluster_has_submissions_for_each_class_and_time_between_kills(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(CourseError, match="--submissions 5: there are 6 classes; give 6 or more"):
        cluster.measure(5, 20.0, print)
    assert main(["bench", "cluster", "--every", "0"]) == 1
    assert "--every is a number of seconds above 0, not 0" in capsys.readouterr().err


@pytest.mark.slow
def test_a_server_and_its_memory():
    assert 40 < whole_class._server_mb() < 600


@pytest.mark.slow
def test_quick_json_is_json_and_nothing_else():
    pytest.importorskip("torch")
    pytest.importorskip("tensorflow")
    command = [sys.executable, "-m", "course_lib", "bench", "trainers", "--quick", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    goals = json.loads(result.stdout)["goals"]
    assert len(goals) == 10
    for goal in goals:
        assert set(goal) == {"name", "value", "limit", "met"}
        assert isinstance(goal["met"], bool)


def test_one_lessons_class_is_measured_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "grading", "--lesson", "12", "--write"]) == 1
    assert "leave --quick, --light, --growth and --write out" in capsys.readouterr().err
    assert main(["bench", "grading", "--lesson", "77"]) == 1
    assert "no lesson '77'" in capsys.readouterr().err
