"""Train the runs of lesson 12: the sheets and the fault bench that learners get, and what graders know of them.

Run it where PyTorch is installed::

    python scripts/precompute_capstone.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.instructor.hidden.l12_capstone.truth import named_by_rule
from course_lib.lessons.l12_capstone.broken import KINDS, Run, train_with
from course_lib.lessons.l12_capstone.lab import CONFIGS, Lab
from course_lib.lessons.l12_capstone.variants import DATA, SEEDS, SHEETS, SPLITS, Variant

PACKAGE = Path(__file__).parent.parent / "course_lib"
MATERIAL = PACKAGE / "lessons" / "l12_capstone" / "material"
SECRET = PACKAGE / "instructor" / "hidden" / "l12_capstone"


def stored(run: Run) -> dict[str, Any]:
    """Return a run as it is stored, with four digits."""
    short = {name: [float(f"{loss:.4g}") for loss in getattr(run, name)] for name in ("train", "val")}
    return short | {"measured": {name: float(f"{value:.4g}") for name, value in run.measured.items()}}


def make_sheet(data: str, number: int) -> tuple[dict[str, Any], list[str]]:
    """Return a healthy run and six others on the same split, and what is wrong with each of the six.

    Runs that look like something else are left out: the draw is repeated with other seeds, then with another split.
    """
    split = 1000 * (1 + DATA.index(data)) + number
    while True:
        rng = np.random.default_rng(split)
        healthy = train_with("healthy", data, split, split)
        kinds = [KINDS[k] for k in rng.permutation(len(KINDS))[:6]]
        runs: list[Run] = []
        for kind in kinds:
            for seed in (int(s) for s in rng.integers(1, 10**6, 6)):
                run = train_with(kind, data, split, seed)
                if named_by_rule(run.train, run.val, healthy.train, healthy.val, data) == kind:
                    runs.append(run)
                    break
        if len(runs) == len(kinds):
            return {"healthy": stored(healthy), "runs": [stored(run) for run in runs]}, kinds
        split += 100


def final_runs() -> dict[str, dict[str, list[float]]]:
    """Return by data, split, configuration and seed the validation loss, the test loss and its standard error."""
    found = {}
    for data in DATA:
        for split in range(SPLITS):
            lab = Lab(Variant("", data, 0, (), split, tuple(range(SEEDS))), "pytorch")
            for config in CONFIGS:
                for seed in lab.seeds:
                    model = lab.fit(config, seed)
                    rows = lab.test_losses(model)
                    three = (lab.val_loss(model), rows.mean(), rows.std(ddof=1) / np.sqrt(len(rows)))
                    found[f"{data} {split} {config} {seed}"] = [float(f"{value:.6g}") for value in three]
    return found


def _write(path: Path, data: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps(data, separators=(",", ":")).replace('{"healthy"', '\n{"healthy"') + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    made = {data: [make_sheet(data, number) for number in range(SHEETS)] for data in DATA}
    _write(MATERIAL / "sheets.json", {data: [sheet for sheet, _ in sheets] for data, sheets in made.items()})
    _write(SECRET / "faults.json", {data: [kinds for _, kinds in sheets] for data, sheets in made.items()})
    bench = {kind: [stored(train_with(kind, "digits", 0, seed)) for seed in range(10)] for kind in KINDS}
    _write(MATERIAL / "bench.json", {kind: [[r["train"], r["val"]] for r in runs] for kind, runs in bench.items()})
    _write(SECRET / "finals.json", final_runs())
