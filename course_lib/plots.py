"""Static figures of loss curves: one look for the whole course, small functions that return the Axes.

Every function takes ``ax=`` and returns what it drew on. It also remembers the story of the picture in
words, so that ``show(curves(history))`` puts the figure into the notebook with alternative text that a
screen reader speaks, and that is still there when the notebook is opened without a kernel.

Where the points stand: epoch ``k`` runs from ``k - 1`` to ``k``. A training loss is an average over the
whole epoch while the weights move, so its point stands in the middle, at ``k - 0.5``; a validation loss
is measured when the epoch is over, so its point stands at ``k``.
"""

from __future__ import annotations

import base64
import html as _html
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import numpy as np

from course_lib.training.foreign_history import by_epoch, is_table, table_by_epoch

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = [
    "TRAIN",
    "VALIDATION",
    "before_after",
    "compare",
    "curves",
    "describe",
    "figure_html",
    "gap",
    "png",
    "runs",
    "set_story",
    "show",
    "story",
    "style",
]

#: Bytes that a figure may add to a notebook, base64 included.
MAX_BYTES = 60_000


@dataclass(frozen=True)
class Look:
    """How one kind of curve is drawn: told apart by line style and marker as well as by colour."""

    label: str
    color: str
    linestyle: str
    marker: str


#: Blue, solid, round: 5.2 to 1 against white.
TRAIN = Look("training", "#0072B2", "-", "o")
#: Dark orange, dashed, square: 5.2 to 1 against white.
VALIDATION = Look("validation", "#B84A00", "--", "s")

_INK = "#333333"
_BATCH = "#7FA8C9"
#: For several runs side by side. Every one has a contrast of at least 4.5 to 1 against white.
_CYCLE = [
    Look("", "#0072B2", "-", "o"),
    Look("", "#B84A00", "--", "s"),
    Look("", "#00714F", "-.", "^"),
    Look("", "#9C4378", ":", "D"),
    Look("", "#5D4E99", (0, (5, 1, 1, 1, 1, 1)), "v"),  # type: ignore[arg-type]
    Look("", "#555555", (0, (8, 2)), "P"),  # type: ignore[arg-type]
]
_STYLE: dict[str, Any] = {
    "figure.figsize": (6.4, 3.6),
    "figure.dpi": 96,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.7,
    "font.size": 10,
    "legend.frameon": True,  # white and without an edge, so that no line strikes its words through
    "legend.framealpha": 0.85,
    "legend.facecolor": "white",
    "legend.edgecolor": "none",
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}
_stories: WeakKeyDictionary[Artist, str] = WeakKeyDictionary()


@contextmanager
def style() -> Iterator[None]:
    """Draw a figure of your own in the look of the course.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> with style():
    ...     fig, ax = plt.subplots()
    >>> plt.close(fig)
    """
    import matplotlib as mpl

    with mpl.rc_context(cast(Any, _STYLE)):
        yield


# ---------------------------------------------------------------- reading a history


@dataclass(frozen=True)
class _Curves:
    """What is drawn: losses by epoch (NaN where missing) and by batch, with their places on the axis."""

    train: NDArray[np.float64]
    val: NDArray[np.float64]
    batch: NDArray[np.float64]
    batch_at: NDArray[np.float64]
    best: int | None
    source: Any

    @property
    def epochs(self) -> int:
        return len(self.train)


def _array(values: Any) -> NDArray[np.float64]:
    return np.asarray([] if values is None else values, dtype=np.float64).reshape(-1)


def _batch_places(epoch: NDArray[np.float64], complete: int, planned: int | None = None) -> NDArray[np.float64]:
    """Where each batch ends on the epoch axis: the i-th of n batches of epoch k at ``k - 1 + i / n``.

    An epoch after the last complete one was cut short. Its batches are as wide as its length says, where that
    is known, or else as those of the epoch before.
    """
    if not len(epoch):
        return epoch
    numbers, first, counts = np.unique(epoch, return_index=True, return_counts=True)
    which = np.searchsorted(numbers, epoch)
    per_epoch = counts.copy()
    if numbers[-1] > complete:
        per_epoch[-1] = max(counts[-1], planned or (counts[-2] if len(counts) > 1 else 0))
    inside = np.arange(len(epoch)) - first[which] + 1
    return numbers[which] - 1 + inside / per_epoch[which]


def _read(history: Any) -> _Curves:
    batch = epoch = _array(None)
    if is_table(history):
        losses = table_by_epoch(history)
    elif isinstance(history, Mapping):
        losses = _losses(history)
    elif hasattr(history, "train_loss"):
        losses = _losses({"train_loss": history.train_loss, "val_loss": getattr(history, "val_loss", None)})
        batch = _array(getattr(history, "batch_loss", None))
        epoch = _array(getattr(history, "batch_epoch", None))
    elif isinstance(getattr(history, "history", None), Mapping):  # what keras's own fit returns
        losses = _losses(history.history, getattr(history, "epoch", None))
    else:
        raise TypeError(
            f"a history was expected, which has train_loss and val_loss; got {type(history).__name__}. "
            "Pass what fit returned, or a dictionary such as {'train_loss': [...], 'val_loss': [...]}."
        )
    epochs = max(map(len, losses.values()), default=0)
    train, val = (losses.get(name, np.full(epochs, np.nan)) for name in ("train_loss", "val_loss"))
    best = getattr(history, "best_epoch", None)
    if best is None and np.isfinite(val).any():
        best = int(np.nanargmin(np.where(np.isfinite(val), val, np.nan))) + 1
    places = _batch_places(epoch, epochs, getattr(history, "steps_per_epoch", None))
    return _Curves(train, val, batch, places, None if best is None else int(best), history)


def _losses(columns: Mapping[str, Any], epochs: Sequence[int] | None = None) -> dict[str, NDArray[np.float64]]:
    """Return the two losses of a dictionary, in the course's names or in Keras's."""
    found = {name: columns[name] for name in ("train_loss", "loss", "val_loss") if columns.get(name) is not None}
    if "train_loss" in found:
        found.pop("loss", None)
    placed = by_epoch(found, epochs)
    return {"train_loss" if name == "loss" else name: values for name, values in placed.items()}


# ---------------------------------------------------------------- words


def _number(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "not a number"


def _last(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else float("nan")


def _validation_story(data: _Curves) -> str:
    """Say where the validation loss is lowest, how it goes on, and which epoch was chosen if that is another."""
    finite = np.isfinite(data.val)
    lowest_at = int(np.where(finite, data.val, np.inf).argmin()) + 1
    lowest, last = float(data.val[lowest_at - 1]), _last(data.val)
    sentence = f"Validation loss is lowest, {_number(lowest)}, at epoch {lowest_at}"
    if not finite[-1]:
        sentence += "; the last epoch has no finite one."
    elif lowest_at == data.epochs or last == lowest:
        sentence += ", the last one." if lowest_at == data.epochs else " and the same at the end."
    else:
        peak = lowest_at + int(np.where(finite, data.val, -np.inf)[lowest_at:].argmax()) + 1
        highest = float(data.val[peak - 1])
        if highest > last + 0.25 * (last - lowest):  # it does not end where it was highest
            sentence += f", then rises to {_number(highest)} at epoch {peak} and ends at {_number(last)}."
        else:
            sentence += f", then rises to {_number(last)}."
    chosen = data.val[data.best - 1] if data.best is not None and 1 <= data.best <= data.epochs else np.nan
    if np.isfinite(chosen) and data.best != lowest_at:
        sentence += f" Epoch {data.best} was chosen as the best, with {_number(float(chosen))}."
    return sentence


def describe(history: Any) -> str:
    """Tell the story of a pair of loss curves in one or two sentences.

    Parameters
    ----------
    history : History or mapping
        A run, or ``{"train_loss": [...], "val_loss": [...]}``, one value an epoch.

    Returns
    -------
    str
        For alternative text, and for a line beneath the figure.

    Examples
    --------
    >>> describe({"train_loss": [1.0, 0.5, 0.1], "val_loss": [1.1, 0.6, 0.9]})  # doctest: +ELLIPSIS
    'Training loss falls from 1 to 0.1 over 3 epochs. Validation loss is lowest, 0.6, at epoch 2, then ri...'
    """
    data = _read(history)
    if not data.epochs:
        count = len(data.batch)
        return f"{count} batch{'es' * (count != 1)}, no complete epoch yet." if count else "Nothing recorded yet."
    span = f"over {data.epochs} epoch{'s' if data.epochs != 1 else ''}"
    parts = []
    known = data.train[~np.isnan(data.train)]
    if len(known) == 1:
        parts.append(f"Training loss {_number(known[0])} {span}.")
    elif len(known):
        verb = "falls" if known[-1] < known[0] else "rises" if known[-1] > known[0] else "stays"
        parts.append(f"Training loss {verb} from {_number(known[0])} to {_number(known[-1])} {span}.")
    if np.isfinite(data.val).any():
        parts.append(_validation_story(data))
    elif not np.isnan(data.val).all():
        parts.append("Validation loss is never a finite number.")
    return " ".join(parts) or f"{data.epochs} epochs without a recorded loss."


def set_story(ax: Artist, text: str) -> None:
    """Remember the alternative text of an Axes or a Figure, for `show`."""
    _stories[ax] = text


def story(drawn: Any) -> str:
    """Return the alternative text of an Axes, a Figure or several Axes; empty where nobody told it."""
    if isinstance(drawn, np.ndarray | list | tuple):
        return " ".join(filter(None, (story(one) for one in np.ravel(np.asarray(drawn, dtype=object)))))
    if drawn in _stories:
        return _stories[drawn]
    told = [_stories.get(ax, "") for ax in getattr(drawn, "axes", None) or [] if ax is not drawn]
    return " ".join(filter(None, told))


# ---------------------------------------------------------------- pieces


def _new_axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _line(ax: Axes, x: Any, y: Any, look: Look, label: str | None = None, **extra: Any) -> None:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    known = np.isfinite(y)
    if not known.any():  # nothing to draw, so nothing in the legend either
        return
    # A marker at every tenth or so keeps a long curve readable; a single point must not vanish.
    every = max(1, int(known.sum()) // 12)
    ax.plot(
        x[known],
        y[known],
        color=look.color,
        linestyle=look.linestyle,
        marker=look.marker,
        markevery=every,
        label=look.label if label is None else label,
        **extra,
    )


def _axes_text(ax: Axes, ylabel: str, log: bool, title: str | None) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("epoch")
    ax.set_ylabel(ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if log:
        ax.set_yscale("log")
    if title:
        ax.set_title(title)


def _clip_to_epochs(ax: Axes, data: _Curves) -> None:
    """Keep one wild batch from flattening the epoch curves: show up to the 99th percentile of the batches."""
    epoch = np.concatenate([data.train, data.val])
    epoch = epoch[np.isfinite(epoch)]
    finite = data.batch[np.isfinite(data.batch)]
    if len(epoch) and len(finite):
        top = max(epoch.max(), float(np.percentile(finite, 99)))
        low = min(epoch.min(), float(finite.min()))
        if finite.max() > 1.5 * top and ax.get_yscale() == "linear":
            ax.set_ylim(low - 0.05 * (top - low), top + 0.05 * (top - low))
            above = int((finite > ax.get_ylim()[1]).sum())
            note = f"{above} batch{'es' * (above != 1)} above, up to {_number(float(finite.max()))}"
            ax.annotate(note, (0.01, 0.98), xycoords="axes fraction", va="top", fontsize="x-small", color=_INK)


# ---------------------------------------------------------------- figures


@style()
def curves(
    history: Any,
    ax: Axes | None = None,
    *,
    batches: bool = True,
    shift: bool = True,
    best: bool = True,
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw training and validation loss of one run on one honest axis.

    Parameters
    ----------
    history : History, mapping or DataFrame
        What ``fit`` returned, or ``{"train_loss": [...], "val_loss": [...]}``; one value an epoch, NaN
        where there is none. A table with a column ``epoch``, such as a logger's CSV file, is placed by it.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    batches : bool
        Draw the loss of every batch beneath, lightly, where the history has them.
    shift : bool
        Put training points in the middle of the epoch they average over. ``False`` puts both kinds on
        epoch ends, as most libraries do.
    best : bool
        Mark the best epoch: the one with the lowest validation loss, or the one that early stopping chose.
    log : bool
        Logarithmic loss axis.
    title : str, optional
        Title above the axes.

    Returns
    -------
    matplotlib Axes
        Pass it to `show` for a figure with alternative text.

    Examples
    --------
    >>> ax = curves({"train_loss": [1.0, 0.5, 0.1], "val_loss": [1.1, 0.6, 0.9]})
    >>> [line.get_label() for line in ax.get_lines()][:2]
    ['training', 'validation']
    >>> import matplotlib.pyplot as plt
    >>> plt.close(ax.figure)
    """
    data, ax = _read(history), _new_axes(ax)
    ends = np.arange(1, data.epochs + 1)
    if batches and len(data.batch) and len(data.batch) == len(data.batch_at):
        ax.plot(data.batch_at, data.batch, color=_BATCH, linewidth=0.6, alpha=0.7, label="each batch", zorder=1)
    _line(ax, ends - (0.5 if shift else 0), data.train, TRAIN, zorder=3)
    _line(ax, ends, data.val, VALIDATION, zorder=3)
    lowest = data.val[data.best - 1] if data.best is not None and 1 <= data.best <= data.epochs else np.nan
    if best and np.isfinite(lowest):
        ax.axvline(data.best or 0, color=_INK, linestyle=":", linewidth=1, zorder=2)
        ax.plot(
            data.best or 0, lowest, marker="*", markersize=12, color=VALIDATION.color, linestyle="none",
            markeredgecolor="white", zorder=4, label=f"best epoch {data.best}: {_number(lowest)}",
        )  # fmt: skip
    _axes_text(ax, "loss", log, title)
    _clip_to_epochs(ax, data)
    if ax.get_legend_handles_labels()[0]:
        ax.legend()
    set_story(ax, (f"{title}. " if title else "") + describe(history))
    return ax


@style()
def gap(history: Any, ax: Axes | None = None, *, shift: bool = True, title: str | None = None) -> Axes:
    """Draw both curves with the generalisation gap, validation minus training, shaded between them.

    With ``shift`` the training curve is interpolated to the epoch ends, so that both losses are compared
    at the same moment rather than half an epoch apart.

    Parameters
    ----------
    history, ax, title
        As in `curves`.
    shift : bool
        Compare at the same moment; ``False`` compares the numbers as reported.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> ax = gap({"train_loss": [1.0, 0.5, 0.1], "val_loss": [1.1, 0.6, 0.9]})
    >>> story(ax).split(". ")[0]
    'The gap between validation and training loss goes from 0.35 at epoch 1 to 0.8 at epoch 3'
    """
    data = _read(history)
    ax = curves(history, ax, batches=False, shift=shift, title=title)
    ends = np.arange(1, data.epochs + 1, dtype=float)
    train = data.train
    if shift and np.isfinite(train).sum() > 1:
        known = np.isfinite(train)
        train = np.interp(ends, ends[known] - 0.5, train[known])
    both = np.isfinite(train) & np.isfinite(data.val)
    if both.any():
        ax.fill_between(
            ends[both], train[both], data.val[both], color="#999999", alpha=0.25, hatch="..",
            edgecolor="#BBBBBB", linewidth=0, label="gap", zorder=1,
        )  # fmt: skip
        ax.legend()
        size, at = (data.val - train)[both], ends[both].astype(int)
        set_story(
            ax,
            f"The gap between validation and training loss goes from {_number(size[0])} at epoch {at[0]} "
            f"to {_number(size[-1])} at epoch {at[-1]}. {describe(history)}",
        )
    return ax


def _stack(histories: Sequence[Any], name: str) -> NDArray[np.float64]:
    """Stack runs of different lengths into one array of shape (runs, epochs), NaN after a run has ended."""
    rows = [getattr(_read(h), "train" if name == "train_loss" else "val") for h in histories]
    table = np.full((len(rows), max((len(r) for r in rows), default=0)), np.nan)
    for row, values in zip(table, rows, strict=True):
        row[: len(values)] = values
    return table


@style()
def runs(
    histories: Sequence[Any],
    ax: Axes | None = None,
    *,
    shift: bool = True,
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw the mean of several runs, such as seeds, with a band of one standard error on either side.

    The standard error is the sample standard deviation (``n - 1`` below the line) over the square root of
    the number of runs that reached the epoch. Single runs are drawn thinly beneath.

    Parameters
    ----------
    histories : sequence of History or mapping
        At least one run; they may differ in length.
    ax, shift, log, title
        As in `curves`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no run.

    Examples
    --------
    >>> ax = runs([{"val_loss": [1.0, 0.6]}, {"val_loss": [1.2, 0.8]}])
    >>> story(ax)
    'Mean of 2 runs with a band of one standard error. Mean validation loss is lowest, 0.7, at epoch 2.'
    """
    histories = list(histories)
    if not histories:
        raise ValueError("no runs were given; pass a list with at least one history")
    ax = _new_axes(ax)
    means = {}
    for name, look, offset in (("train_loss", TRAIN, 0.5 if shift else 0.0), ("val_loss", VALIDATION, 0.0)):
        table = _stack(histories, name)
        count = np.isfinite(table).sum(axis=0)
        keep = count > 0
        if not keep.any():
            continue
        x, table, count = np.arange(1, table.shape[1] + 1)[keep] - offset, table[:, keep], count[keep]
        mean = np.nanmean(table, axis=0)
        spread = np.sqrt(np.nansum((table - mean) ** 2, axis=0) / np.maximum(count - 1, 1))
        error = np.where(count > 1, spread / np.sqrt(count), 0.0)
        ax.plot(x, table.T, color=look.color, linewidth=0.5, alpha=0.35, zorder=1)
        ax.fill_between(x, mean - error, mean + error, color=look.color, alpha=0.2, linewidth=0, zorder=2)
        _line(ax, x, mean, look, f"{look.label}, mean of {len(histories)} ± standard error", zorder=3)
        means[name] = (x + offset, mean)
    _axes_text(ax, "loss", log, title)
    ax.legend()
    text = f"Mean of {len(histories)} runs with a band of one standard error."
    if "val_loss" in means:
        x, mean = means["val_loss"]
        text += f" Mean validation loss is lowest, {_number(mean.min())}, at epoch {int(x[mean.argmin()])}."
    set_story(ax, text)
    return ax


@style()
def compare(
    histories: Mapping[str, Any],
    ax: Axes | None = None,
    *,
    which: str = "val_loss",
    log: bool = False,
    title: str | None = None,
) -> Axes:
    """Draw one curve of each of several named runs, told apart by line style and marker too.

    Parameters
    ----------
    histories : mapping of str to History
        At most six runs, by name.
    which : {"val_loss", "train_loss"}
        The curve to draw.
    ax, log, title
        As in `curves`.

    Returns
    -------
    matplotlib Axes

    Examples
    --------
    >>> ax = compare({"small": {"val_loss": [1.0, 0.9]}, "large": {"val_loss": [0.8, 0.9]}})
    >>> story(ax)  # doctest: +ELLIPSIS
    'Validation loss of 2 runs. small: lowest 0.9 at epoch 2, last 0.9. large: lowest 0.8 at epoch 1, last...'
    """
    if which not in ("val_loss", "train_loss"):
        raise ValueError(f"which={which!r} is not a curve; expected 'val_loss' or 'train_loss'")
    if not 1 <= len(histories) <= len(_CYCLE):
        raise ValueError(f"{len(histories)} runs were given; from 1 to {len(_CYCLE)} can be told apart in one figure")
    ax = _new_axes(ax)
    name = "Validation" if which == "val_loss" else "Training"
    parts = [f"{name} loss of {len(histories)} runs."]
    for (label, history), look in zip(histories.items(), _CYCLE, strict=False):
        data = _read(history)
        values = data.val if which == "val_loss" else data.train
        _line(ax, np.arange(1, data.epochs + 1) - (0.5 if which == "train_loss" else 0), values, look, label)
        if np.isfinite(values).any():
            at = int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))
            parts.append(f"{label}: lowest {_number(values[at])} at epoch {at + 1}, last {_number(_last(values))}.")
    _axes_text(ax, f"{name.lower()} loss", log, title)
    ax.legend()
    set_story(ax, " ".join(parts))
    return ax


@style()
def before_after(
    before: Any,
    after: Any,
    axes: Sequence[Axes] | None = None,
    *,
    labels: tuple[str, str] = ("before", "after"),
    log: bool = False,
) -> NDArray[np.object_]:
    """Draw two runs side by side with the same loss axis, so that heights can be compared by eye.

    Parameters
    ----------
    before, after : History or mapping
        The two runs.
    axes : two matplotlib Axes, optional
        Where to draw; a new figure by default.
    labels : (str, str)
        Titles of the two panels.
    log : bool
        Logarithmic loss axis.

    Returns
    -------
    numpy.ndarray of two matplotlib Axes

    Examples
    --------
    >>> left, right = before_after({"val_loss": [1.0, 1.4]}, {"val_loss": [1.0, 0.8]})
    >>> left.get_ylim() == right.get_ylim()
    True
    """
    if axes is None:
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(1, 2, sharey=True, layout="constrained", figsize=(8.4, 3.4))
    pair = np.asarray(axes, dtype=object).ravel()
    if len(pair) != 2:
        raise ValueError(f"two Axes were expected, one for each run; got {len(pair)}")
    for ax, history, label in zip(pair, (before, after), labels, strict=True):
        curves(history, ax, log=log, title=label)
    limits = [ax.get_ylim() for ax in pair]
    for ax in pair:
        ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    pair[1].set_ylabel("")
    return pair


# ---------------------------------------------------------------- into the notebook


def _figure(drawn: Any) -> Figure:
    if isinstance(drawn, np.ndarray | list | tuple):
        drawn = np.ravel(np.asarray(drawn, dtype=object))[0]
    return getattr(drawn, "figure", None) or drawn


def png(fig: Figure, *, limit: int = MAX_BYTES) -> bytes:
    """Draw a figure as a small PNG with a palette.

    Parameters
    ----------
    fig : matplotlib Figure
        What to draw.
    limit : int
        The most bytes it may take in a notebook, that is after base64. The resolution is lowered until it
        fits.

    Returns
    -------
    bytes
        A PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    data = b""
    keep = fig.dpi
    try:
        for dpi in (144, 120, 96, 72, 48):
            fig.set_dpi(dpi)
            canvas = FigureCanvasAgg(fig)
            canvas.draw()
            picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
            target = io.BytesIO()
            # FASTOCTREE is an order of magnitude quicker than the default, and enough for lines and text.
            picture.quantize(64, method=Image.Quantize.FASTOCTREE).save(target, "PNG", optimize=True)
            data = target.getvalue()
            if 4 * len(data) / 3 <= limit:
                break
    finally:
        fig.set_dpi(keep)
    return data


def figure_html(drawn: Any, alt: str | None = None, *, caption: str | None = None) -> str:
    """Return a figure as one HTML element with alternative text: ``<img alt=…>`` holding a PNG.

    An image output of its own would lose the text: JupyterLab and nbconvert ignore the ``alt`` metadata of
    ``image/png``, and honour an ``<img>`` of HTML.

    Parameters
    ----------
    drawn : matplotlib Figure or Axes
        What to show.
    alt : str, optional
        The story of the picture; by default the one that the drawing function remembered.
    caption : str, optional
        A line beneath, for everyone.

    Raises
    ------
    ValueError
        If there is no alternative text.
    """
    alt = alt or story(drawn)
    if not alt.strip():
        raise ValueError("alternative text is missing; say in a sentence what the figure shows, as alt='...'")
    fig = _figure(drawn)
    data = base64.b64encode(png(fig)).decode("ascii")
    width = round(fig.get_figwidth() * 96)
    image = (
        f'<img alt="{_html.escape(alt, quote=True)}" width="{width}" '
        f'style="max-width:100%;height:auto;background:#fff" '
        f'src="data:image/png;base64,{data}">'
    )
    if caption:
        return f'<figure style="margin:0">{image}<figcaption>{_html.escape(caption)}</figcaption></figure>'
    return image


def show(drawn: Any, alt: str | None = None, *, caption: str | None = None) -> None:
    """Put a figure into the notebook with alternative text, at most 60 kB, and close it.

    Parameters
    ----------
    drawn : matplotlib Figure or Axes, or several Axes of one figure
        What to show.
    alt : str, optional
        What a screen reader speaks; by default the story that `curves` and its like remember.
    caption : str, optional
        A line beneath, for everyone.

    Examples
    --------
    >>> show(curves({"train_loss": [1.0, 0.5], "val_loss": [1.1, 0.6]}))  # doctest: +SKIP
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    text = alt or story(drawn)
    content = figure_html(drawn, text, caption=caption)
    plt.close(_figure(drawn))
    plain = f"{text}\n{caption}" if caption and caption != text else text
    display({"text/html": content, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]
