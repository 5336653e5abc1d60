"""Lesson 11, `log_hunt`: six ways to log a run that is killed and started again, and what their logs then hold.

No list of right letters is kept. Each way was run, which a test repeats, and the steps of the epochs in its log stand
beside those that the run had: a way goes wrong if they differ.
"""

from __future__ import annotations

from course_lib.checks.letters import Hunt

__all__ = ["LOG_HUNT", "READ", "STEPS", "TRACES", "WAYS", "goes_wrong", "hunt", "measured"]

#: The code of each way, as the lesson shows it. ``run_epoch`` trains an epoch of 5 batches and returns the validation
#: loss; ``done`` is 0 in the first process and 4 in the second, and ``history`` holds the ``done`` losses before.
WAYS: dict[str, str] = {
    "A": """\
with open("log.jsonl", "a") as file:
    for epoch in range(done + 1, 7):
        row = {"step": 5 * epoch, "val_loss": run_epoch(epoch)}
        print(json.dumps(row), file=file, flush=True)
""",
    "B": """\
lines = Path("log.jsonl").read_text().splitlines() if done else []
lines = [line for line in lines if json.loads(line)["step"] <= 5 * done]
for epoch in range(done + 1, 7):
    lines.append(json.dumps({"step": 5 * epoch, "val_loss": run_epoch(epoch)}))
    Path("new.jsonl").write_text("\\n".join(lines))
    os.replace("new.jsonl", "log.jsonl")
""",
    "C": """\
for epoch in range(done + 1, 7):
    history.append(run_epoch(epoch))
    rows = [{"step": 5 * k, "val_loss": loss} for k, loss in enumerate(history, start=1)]
    Path("new.json").write_text(json.dumps(rows))
    os.replace("new.json", "log.json")
""",
    "D": """\
kept = list(csv.reader(open("log.csv"))) if done else []
with open("log.csv", "w") as file:
    file.writelines(f"{step},{loss}\\n" for step, loss in kept if int(step) <= 5 * done)
    for epoch in range(done + 1, 7):
        file.write(f"{5 * epoch},{run_epoch(epoch)}\\n")
""",
    "E": """\
rows = Path("log.csv").read_text().splitlines() if done else []
rows = [row for row in rows if int(row.split(",")[0]) < 5 * done]
Path("log.csv").write_text("".join(f"{row}\\n" for row in rows))
for epoch in range(done + 1, 7):
    with open("log.csv", "a") as file:
        file.write(f"{5 * epoch},{run_epoch(epoch)}\\n")
""",
    "F": """\
log = sqlite3.connect("log.db")
log.execute("CREATE TABLE IF NOT EXISTS log (step INTEGER PRIMARY KEY, val_loss REAL)")
for epoch in range(done + 1, 7):
    log.execute("INSERT OR REPLACE INTO log VALUES (?, ?)", (5 * epoch, run_epoch(epoch)))
    log.commit()
""",
}

#: How each log is read at the end, into a list of steps.
READ: dict[str, str] = {
    "A": '[json.loads(line)["step"] for line in open("log.jsonl")]',
    "B": '[json.loads(line)["step"] for line in open("log.jsonl")]',
    "C": '[row["step"] for row in json.load(open("log.json"))]',
    "D": '[int(step) for step, _ in csv.reader(open("log.csv"))]',
    "E": '[int(step) for step, _ in csv.reader(open("log.csv"))]',
    "F": '[step for step, _ in sqlite3.connect("log.db").execute("SELECT * FROM log")]',
}

#: The steps at which the epochs ended.
STEPS = (5, 10, 15, 20, 25, 30)
#: Those in the log of each way, after both processes.
TRACES: dict[str, tuple[int, ...]] = {
    "A": (5, 10, 15, 20, 25, 25, 30),
    "B": STEPS,
    "C": STEPS,
    "D": (25, 30),
    "E": (5, 10, 15, 25, 30),
    "F": STEPS,
}


def goes_wrong(letter: str) -> bool:
    """Tell whether a way's log lacks an epoch at the end, or has one twice.

    Examples
    --------
    >>> goes_wrong("A"), goes_wrong("B")
    (True, False)
    """
    return TRACES[letter] != STEPS


def measured(letter: str) -> str:
    """Say which steps a way's log has."""
    found = f"We ran {letter}: at the end its log has the steps {', '.join(map(str, TRACES[letter]))}"
    return found if goes_wrong(letter) else f"{found}, each once, as it should"


hunt = Hunt("log_hunt", "misleading", "ways", "mislead", goes_wrong, measured)
LOG_HUNT = hunt.exercise(
    2, [("log_thought_harmless" if goes_wrong(letter) else "log_accused", letter) for letter in WAYS]
)
