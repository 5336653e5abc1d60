"""What a live view holds, against the history it came from: each batch and each epoch once, at its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.training.history import History

#: Notes every state of every run that the page shows, as long as the page is there. A run whose view is gone is kept:
#: its data is what the view held in the end.
RECORD = """() => {
  window.views ??= [];
  const look = () => {
    for (const root of document.querySelectorAll('.course-live')) {
      let view = window.views.find((one) => one.owner === root.courseOwner);
      const owner = root.courseOwner;
      if (!view) window.views.push((view = { owner, title: owner.model.get('title'), seen: [], last: '' }));
      const points = root.coursePoints(), key = [points.run, points.batches, points.epochs].join();
      if (key !== view.last) { view.last = key; view.seen.push(points); }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
#: As text: Playwright takes far longer over values, each of which it looks at.
READ = """(title) => JSON.stringify(window.views.filter((view) => view.title === title)
  .map(({ seen, owner }) => ({ seen, end: owner.data.points() })))"""


def places(history: History, epochs: int, steps: int) -> np.ndarray:
    """Where the first `steps` batches belong when so many epochs are complete: the i-th of n at ``k - 1 + i / n``.

    Before the first epoch is over, and with nobody saying how long it is, the axis counts batches.
    """
    if not epochs and not history.steps_per_epoch:
        return np.arange(1, steps + 1)
    epoch = history.batch_epoch[:steps]
    ends = np.array([history.steps_until(k) for k in range(epochs + 1)])
    sizes = np.diff(ends)
    under_way = history.steps_per_epoch or (sizes[sizes > 0][-1] if (sizes > 0).any() else 1)
    sizes = np.append(sizes, max(under_way, steps - ends[-1]))
    return epoch - 1 + (np.arange(1, steps + 1) - ends[epoch - 1]) / sizes[epoch - 1]


def check_points(points: dict[str, Any], history: History) -> None:
    """Raise unless the view held exactly the history as it was after so many batches and epochs."""
    steps, epochs = points["batches"], points["epochs"]
    assert epochs <= history.epochs
    assert history.steps_until(epochs) <= steps <= history.steps_until(epochs + 1), "batches and epochs of one moment"
    check_batches(points, history, steps, epochs)
    for name in ("train", "val"):
        check_epochs(points[name], getattr(history, f"{name}_loss")[:epochs])
    names = {n for n in history.names if n.startswith(("train_", "val_")) and "loss" not in n}
    assert set(points["metrics"]) == (names if epochs else set())
    for name, series in points["metrics"].items():
        check_epochs(series, history[name][:epochs])
    check_rates(points["rates"], history, steps, epochs)
    finite = np.isfinite(history.val_loss[:epochs])
    if finite.any() and points["best"] is not None:
        best, value = points["best"]
        assert value == history.val_loss[best - 1]


def check_batches(points: dict[str, Any], history: History, steps: int, epochs: int) -> None:
    """Raise unless the buckets hold each batch once, in order, at its place, with its loss."""
    with np.errstate(over="ignore"):
        losses = history.batch_loss[:steps].astype(np.float32).astype(float)
    check_buckets(points["batch"], losses, places(history, epochs, steps), "a batch")


def check_rates(rates: dict[str, Any], history: History, steps: int, epochs: int) -> None:
    """Raise unless each batch's rates are held once, in order, at its place; none need be where none ever changed."""
    columns = {name: values[:steps] for name, values in history.batch_rates.items()}
    columns = {name: values for name, values in columns.items() if name == "lr" or np.isfinite(values).any()}
    recorded = {name: values.astype(np.float32).astype(float) for name, values in columns.items()}
    changed = any(np.unique(values[np.isfinite(values)]).size > 1 for values in recorded.values())
    assert set(rates) >= set(recorded) or (not rates and not changed), "rates changed and are not shown"
    at = places(history, epochs, steps)
    assert not any(rates[name] for name in set(rates) - set(recorded)), "rates of a group that had none"
    for name in set(rates) & set(recorded):
        check_buckets(rates[name], recorded[name], at, f"a rate {name}")


def check_buckets(buckets: list[dict[str, Any]], recorded: np.ndarray, at: np.ndarray, what: str) -> None:
    """Raise unless buckets hold each finite value once, in order, at its place: its least, largest and mean value."""
    finite = np.isfinite(recorded)
    held = np.zeros(recorded.size, bool)
    if buckets:
        column = {key: np.array([bucket[key] for bucket in buckets], float) for key in buckets[0]}
        first, last = column["from"].astype(int), column["to"].astype(int)
        assert ((first >= 1) & (last >= first) & (last <= recorded.size)).all(), f"{what} out of reach"
        assert (first[1:] > last[:-1]).all(), f"{what} twice, or out of order"
        # Every second of these pieces is a bucket; the others lie between two of them.
        pieces = np.stack([first - 1, last], axis=1).ravel()
        values = np.append(np.where(finite, recorded, np.nan), np.nan)
        count = np.add.reduceat(np.append(finite, False).astype(int), pieces)[::2]
        assert (column["low"] == np.fmin.reduceat(values, pieces)[::2]).all(), f"the least of {what}"
        assert (column["high"] == np.fmax.reduceat(values, pieces)[::2]).all(), f"the largest of {what}"
        mean = np.add.reduceat(np.nan_to_num(values, nan=0.0), pieces)[::2] / count
        assert np.allclose(column["mean"], mean, rtol=1e-5), f"the mean of {what}"
        assert np.allclose(column["at"], at[last - 1]), f"the place of {what}"
        edges = np.zeros(recorded.size + 1, int)
        edges[first - 1] += 1
        edges[last] -= 1
        held = np.cumsum(edges)[:-1] > 0
    assert not finite[~held].any(), f"{what} is missing"


def check_epochs(series: list[dict[str, Any]], column: np.ndarray) -> None:
    """Raise unless a curve holds each epoch's own value at that epoch."""
    assert [(p["from"], p["to"], p["at"]) for p in series] == [
        (e, e, e) for e in np.flatnonzero(np.isfinite(column)) + 1
    ]
    assert [p["mean"] for p in series] == column[np.isfinite(column)].tolist()
