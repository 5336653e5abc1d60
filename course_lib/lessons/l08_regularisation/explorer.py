"""Lesson 08: which reported numbers a regularizer changes, and what moved or mirrored digits look like to a network."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.notebook.explorer.base import Choice, Explorer, Scene, Slider, Toggle, canvas
from course_lib.plots import TRAIN, VALIDATION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["who_reports"]

NUMBERS, PICTURES = "who reports it", "moved and mirrored digits"
SAME, MIRRORED, UPSIDE_DOWN, TURNED = "as it is", "mirrored", "upside down", "turned by 180 degrees"
RIGHT_1, RIGHT_2, TILT_15, TILT_45 = (
    "one pixel to the right",
    "two pixels to the right",
    "turned by 15 degrees",
    "turned by 45 degrees",
)
WAYS = [SAME, RIGHT_1, RIGHT_2, TILT_15, TILT_45, TURNED, MIRRORED, UPSIDE_DOWN]
CLASSES, WIDTH, ROWS = 10, 64, 300
GREY = "#555555"


@cache
def _digits() -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Return 300 training rows and the 1,497 others, with their labels."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = x[order] / 16, y[order]
    return x[:ROWS], y[:ROWS], x[ROWS:], y[ROWS:]


def _softmax(z: Floats) -> Floats:
    p = np.exp(z - z.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


@cache
def _network() -> tuple[Floats, Floats, Floats, Floats]:
    """Train 64-64-10 with ReLU on the 300 rows by plain SGD, for 60 epochs; return its weights and biases."""
    x, y, _, _ = _digits()
    rng = np.random.default_rng(1)
    w, v = rng.normal(0, 0.12, (64, WIDTH)), rng.normal(0, 0.12, (WIDTH, CLASSES))
    b, c = np.zeros(WIDTH), np.zeros(CLASSES)
    hot = np.eye(CLASSES)[y]
    for _ in range(60):
        for rows in np.array_split(rng.permutation(ROWS), 10):
            hidden = np.maximum(x[rows] @ w + b, 0)
            error = (_softmax(hidden @ v + c) - hot[rows]) / len(rows)
            back = (error @ v.T) * (hidden > 0)
            v -= 0.2 * hidden.T @ error
            c -= 0.2 * error.sum(axis=0)
            w -= 0.2 * x[rows].T @ back
            b -= 0.2 * back.sum(axis=0)
    return w, b, v, c


def _logits(x: Floats, mask: Floats | float = 1.0) -> Floats:
    w, b, v, c = _network()
    return np.maximum(x @ w + b, 0) * mask @ v + c


def _cross_entropy(logits: Floats, targets: Floats) -> float:
    return float(-(targets * np.log(_softmax(logits) + 1e-300)).sum(axis=1).mean())


def _targets(y: NDArray[np.int64], eps: float) -> Floats:
    return (1 - eps) * np.eye(CLASSES)[y] + eps / CLASSES


def _floor(eps: float, mixed: bool) -> float:
    """Return the lowest mean loss there is against the training targets; with mixup, against these very mixtures."""
    _, y, _, _ = _digits()
    targets = _targets(y, eps)
    if mixed:
        shares, partners = _mixture()
        targets = shares * targets + (1 - shares) * targets[partners]
    return abs(float((targets * np.log(np.where(targets > 0, targets, 1))).sum(axis=1).mean()))


@cache
def _mixture() -> tuple[Floats, NDArray[np.int64]]:
    """Return the share that each training row keeps of itself, and the row it is mixed with."""
    rng = np.random.default_rng(5)
    return rng.beta(0.2, 0.2, (ROWS, 1)), rng.permutation(ROWS)


def _numbers(values: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the four losses under these settings: reported and plain, of training and of validation rows."""
    x, y, vx, vy = _digits()
    w, _, v, _ = _network()
    eps, lam = values["eps"], values["lam"]
    penalty = lam * float((w**2).sum() + (v**2).sum())
    targets = _targets(y, eps)
    if values["mixup"]:
        shares, partners = _mixture()
        x, targets = shares * x + (1 - shares) * x[partners], shares * targets + (1 - shares) * targets[partners]
    share = values["dropout"]
    rng = np.random.default_rng(3)
    masks = [(rng.random((ROWS, WIDTH)) >= share) / (1 - share) for _ in range(8)] if share else [1.0]
    reported = float(np.mean([_cross_entropy(_logits(x, mask), targets) for mask in masks])) + penalty
    plain, val_plain = (
        _cross_entropy(_logits(rows), np.eye(CLASSES)[labels]) for rows, labels in (_digits()[:2], (vx, vy))
    )
    val_reported = _cross_entropy(_logits(vx), _targets(vy, eps)) + penalty if values["same"] else val_plain
    return [
        ("training, reported", reported),
        ("training, plain", plain),
        ("validation, reported", val_reported),
        ("validation, plain", val_plain),
    ]


def _bars(values: Mapping[str, Any]) -> Scene:
    numbers = _numbers(values)
    floor = _floor(values["eps"], values["mixup"])
    figure, (ax,) = canvas()
    for place, (name, loss) in enumerate(numbers):
        look = TRAIN if name.startswith("training") else VALIDATION
        plain = name.endswith("plain")
        ax.bar(place, loss, color="white" if plain else look.color, edgecolor=look.color, linewidth=2, width=0.6)
        ax.text(place, loss, f"{loss:.3f}", ha="center", va="bottom", fontsize=9)
    ax.plot(
        [-0.42, 0.42],
        [floor, floor],
        color="#333333",
        linestyle=":",
        linewidth=1.8,
        label=f"lowest for these targets: {floor:.3f}",
    )
    ax.legend(loc="upper left")
    ax.set_xticks(range(4), [name.replace(", ", ",\n") for name, _ in numbers])
    ax.set(ylabel="loss (nats)", xlim=(-0.5, 3.5), ylim=(0, 1.35 * max(loss for _, loss in numbers)))
    alt = "Four bars: " + ", ".join(f"{name} {loss:.3f}" for name, loss in numbers)
    alt += f"; across the first, a dotted line at {floor:.3f}, the lowest loss its targets allow before any penalty."
    return Scene(figure, alt, _words_on_numbers(values, dict(numbers), floor))


def _words_on_numbers(values: Mapping[str, Any], numbers: Mapping[str, float], floor: float) -> str:
    off = [
        name
        for name in ("training", "validation")
        if not math.isclose(numbers[f"{name}, reported"], numbers[f"{name}, plain"], abs_tol=5e-4)
    ]
    if not off:
        words = "Both reported losses are plain. "
    elif len(off) == 2:
        words = "Neither reported loss is plain. "
    else:
        words = f"The reported {off[0]} loss is not plain; the other one is. "
    if values["decay"]:
        words += "Weight decay is on, and no number here knows of it. "
    gap = numbers["validation, reported"] - numbers["training, reported"]
    plain = numbers["validation, plain"] - numbers["training, plain"]
    return f"{words}Reported gap {gap:+.3f}, plain gap {plain:+.3f}: it is one and the same network."


def _changed(x: Floats, way: str) -> Floats:
    """Return images as they look after a change."""
    images = x.reshape(-1, 8, 8)
    if way in (RIGHT_1, RIGHT_2):
        by = 1 if way == RIGHT_1 else 2
        return np.pad(images, ((0, 0), (0, 0), (by, 0)))[:, :, :8].reshape(-1, 64)
    if way in (TILT_15, TILT_45):
        from scipy.ndimage import rotate

        angle = 15 if way == TILT_15 else 45
        return rotate(images, angle, axes=(2, 1), reshape=False, order=1).reshape(-1, 64)
    turned = {MIRRORED: images[:, :, ::-1], UPSIDE_DOWN: images[:, ::-1], TURNED: images[:, ::-1, ::-1]}
    return turned.get(way, images).reshape(-1, 64)


@cache
def _by_class(way: str) -> Floats:
    """Return the share of each digit's unseen images that the network gets right after a change."""
    _, _, x, y = _digits()
    right = _logits(_changed(x, way)).argmax(axis=1) == y
    return np.array([right[y == digit].mean() for digit in range(CLASSES)])


def _pictures(values: Mapping[str, Any]) -> Scene:
    digit, way = values["digit"], values["way"]
    _, _, x, y = _digits()
    image = _changed(x[y == digit][:1], way)
    p = _softmax(_logits(image))[0]
    shares, before = _by_class(way), _by_class(SAME)
    figure, (left, middle, right) = canvas(3)
    figure.subplots_adjust(wspace=0.45)
    left.imshow(image.reshape(8, 8), cmap="Greys", vmin=0, vmax=1)
    left.set(xticks=[], yticks=[], xlabel="8 columns", ylabel="8 rows of pixels")
    left.grid(visible=False)
    left.set_title(f"a {digit}, {way}", fontsize=9)
    middle.bar(range(CLASSES), p, color=[TRAIN.color if k == digit else "#B5B5B5" for k in range(CLASSES)])
    middle.set(xticks=range(CLASSES), ylim=(0, 1), xlabel="digit", ylabel="probability")
    right.bar(range(CLASSES), shares, color=VALIDATION.color)
    right.plot(range(CLASSES), before, linestyle="", marker="_", markersize=12, color="#333333")
    right.set(xticks=range(CLASSES), ylim=(0, 1.05), xlabel="digit (marks: as they are)", ylabel="share right")
    guess = int(p.argmax())
    read = f"an {guess}" if guess == 8 else f"a {guess}"
    words = (
        f"The network reads this {digit} as {read} ({p[guess]:.0%}). Of all unseen {digit}s, {way}, it gets "
        f"{shares[digit]:.0%} right, against {before[digit]:.0%} as they are; of all digits {shares.mean():.0%} "
        f"against {before.mean():.0%}."
    )
    alt = (
        f"Left: an image of a {digit}, {way}. Middle: its ten probabilities, the highest {p[guess]:.2f} for {guess}. "
        f"Right: the share right for each digit, from {shares.min():.2f} to {shares.max():.2f}."
    )
    return Scene(figure, alt, words)


def _picture(values: Mapping[str, Any]) -> Scene:
    return _bars(values) if values["view"] == NUMBERS else _pictures(values)


def who_reports() -> Explorer:
    """Explore which reported numbers a regularizer changes, and what changed digits are to a network.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Examples
    --------
    >>> "no number here knows of it" in who_reports().answer({"decay": True}).words
    True
    """
    return Explorer(
        "Who reports it",
        [
            Choice("view", "View", [NUMBERS, PICTURES], NUMBERS),
            Slider("lam", "L2 penalty in the loss", [0.0, 0.001, 0.003, 0.01], 0.0),
            Toggle("decay", "Weight decay in the optimizer", False),
            Slider("dropout", "Dropout", [0.0, 0.1, 0.2, 0.3, 0.5], 0.0),
            Slider("eps", "Label smoothing", [0.0, 0.05, 0.1, 0.2, 0.3], 0.0),
            Toggle("mixup", "Mixup", False),
            Toggle("same", "Validation by the training objective", True),
            Slider("digit", "Digit", list(range(CLASSES)), 3),
            Choice("way", "Change", WAYS, MIRRORED),
        ],
        _picture,
        recording=Path(__file__).parent / "recorded" / "who_reports.json.gz",
    )
