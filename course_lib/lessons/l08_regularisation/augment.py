"""Lesson 08, `augment`: images moved by at most one pixel, each by a draw of its own.

What comes back is random, so no right result is kept. Every image is held against the nine places where it may lie, and
against what a mistake would make of it; of the draws it is asked how often each place came up.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import by_sign

__all__ = ["AUGMENT", "augment_case"]

Images = np.ndarray
#: Down and right, in pixels.
MOVES = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]


# --- what an image may have become ---------------------------------------------------------------------


def _moved(images: Images, down: int, right: int, mode: str = "constant") -> Images:
    """Return images moved so far, with zeros (or, in other modes, something else) where pixels come free."""
    _, height, width = images.shape
    if mode == "wrap":
        return np.roll(images, (down, right), axis=(1, 2))
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2)), mode=mode)  # type: ignore[call-overload]
    return padded[:, 2 - down : 2 - down + height, 2 - right : 2 - right + width]


def _turned(images: Images) -> list[Images]:
    ways = images[:, :, ::-1], images[:, ::-1], images[:, ::-1, ::-1]
    return [_moved(one, *move) for one in ways for move in MOVES]


#: What a mistake may have made of images, asked in this order after the nine right places.
_OTHERWISE: tuple[tuple[str, Callable[[Images], list[Images]]], ...] = (
    ("wrapped", lambda images: [_moved(images, *move, "wrap") for move in MOVES]),
    ("edge", lambda images: [_moved(images, *move, "edge") for move in MOVES]),
    ("far", lambda images: [_moved(images, d, r) for d in range(-2, 3) for r in range(-2, 3)]),
    ("flipped", _turned),
)


def _equal(made: list[Images], after: Images) -> Images:
    """Return for each way and each image whether the one gives the other, of shape (ways, images)."""
    return np.stack([(one == after).all(axis=(1, 2)) for one in made])


def _seen_of(before: Images, after: Images) -> dict[str, Any]:
    """Return as plain data what became of the images: how many are at each place, and how many are something else."""
    right = [_moved(before, *move) for move in MOVES]
    fits = _equal(right, after)
    left = ~fits.any(axis=0)
    wrong = {}
    for name, make in _OTHERWISE:
        found = left & _equal(make(before), after).any(axis=0)
        wrong[name] = int(found.sum())
        left &= ~found
    known = {image.tobytes() for images in right for image in images}
    elsewhere = [image.astype(before.dtype).tobytes() in known for image in after[left]]
    wrong |= {"elsewhere": sum(elsewhere), "unknown": len(elsewhere) - sum(elsewhere)}
    first = fits.argmax(axis=0)[fits.any(axis=0)]
    return {"places": np.bincount(first, minlength=len(MOVES)).tolist(), "wrong": wrong}


def _images(rng: np.random.Generator, how: dict[str, Any]) -> Images:
    """Return images without a zero in them, so that no two places look alike."""
    images = rng.integers(1, 17, (how["n"], how["height"], how["width"]))
    return (images / 16).astype(how["dtype"]) if how["dtype"].startswith("float") else images.astype(how["dtype"])


def _next_global_number() -> float:
    """Return what NumPy's global generator gives first under the seed that `_observe` sets."""
    return float(np.random.RandomState(11).random_sample())


def _observe(answer: Any, record: dict[str, Any], images: Images, how: dict[str, Any]) -> Any:
    """Call it twice with the same seed and once with another, and note what became of the images."""
    saved = np.random.get_state()  # noqa: NPY002, the global generator is what is watched here
    try:
        untouched = _next_global_number()
        np.random.seed(11)  # noqa: NPY002
        first, again, other = (answer(images.copy(), np.random.default_rng(seed)) for seed in (3, 3, 4))
        record["global_numbers_drawn"] = bool(np.random.random_sample() != untouched)  # noqa: NPY002
    finally:
        np.random.set_state(saved)  # noqa: NPY002
    mine = images.copy()
    kept = answer(mine, np.random.default_rng(3))
    record["changed_in_place"] = not np.array_equal(mine, images)
    record["same_object"] = kept is mine
    if first is None:
        return None
    arrays = [np.asarray(one) for one in (first, again, other)]
    record["shape"], record["dtype"] = list(arrays[0].shape), str(arrays[0].dtype)
    if arrays[0].shape == images.shape:
        record.update(_seen_of(images, arrays[0]))
    record["repeats"] = bool(np.array_equal(arrays[0], arrays[1]))
    record["other_seed_differs"] = not np.array_equal(arrays[0], arrays[2])
    return "images"


# --- how it is judged ----------------------------------------------------------------------------------


def _shape(e: Evidence) -> str | None:
    images, _ = e.inputs
    if e["shape"] != list(images.shape):
        return f"the shape should be {images.shape}, as it was given; yours is {tuple(e['shape'])}"
    return None


def _form(e: Evidence) -> str | None:
    images, _ = e.inputs
    if e["dtype"] != str(images.dtype):
        return f"the images came as {images.dtype}, and go as {e['dtype']}"
    return _shape(e)


def _pixels(e: Evidence) -> str | None:
    if problem := _shape(e):
        return problem
    wrong = sum(e["wrong"].values())
    return f"{wrong} of {len(e.inputs[0])} images are not the given one moved by at most one pixel" if wrong else None


def _rare(e: Evidence) -> list[int]:
    """Return the places that came up far too seldom: below a third of their share."""
    return [n for n, count in enumerate(e["places"]) if count < len(e.inputs[0]) / len(MOVES) / 3]


def _draws(e: Evidence) -> str | None:
    if problem := _pixels(e):
        return problem
    if _rare(e):
        down, right = MOVES[_rare(e)[0]]
        count = e["places"][_rare(e)[0]]
        return (
            f"of {len(e.inputs[0])} images {count} are moved by ({down}, {right}); each of the nine is equally likely"
        )
    most = max(e["places"])
    if most > 2 * len(e.inputs[0]) / len(MOVES):
        return f"one of the nine moves came up {most} times among {len(e.inputs[0])} images; all are equally likely"
    return None


def _seeded(e: Evidence) -> str | None:
    if not e["repeats"]:
        return "two generators with the same seed gave different images"
    if not e["other_seed_differs"]:
        return "generators with different seeds gave the same images"
    return "NumPy's global random numbers were drawn from" if e["global_numbers_drawn"] else None


def _untouched(e: Evidence) -> str | None:
    if e["changed_in_place"]:
        return "the images that were handed over are no longer what they were"
    return "what came back is the array that was handed over" if e["same_object"] else None


_JUDGES = {"pixels": _pixels, "form": _form, "draws": _draws, "seeded": _seeded, "untouched": _untouched}


def augment_case(name: str, about: str, hint: str = "", run: str = "", **how: Any) -> Case:
    """Return a case of ``augment``.

    Parameters
    ----------
    name, hint, run : str
    about : {"pixels", "form", "draws", "seeded", "untouched"}
        What is judged.
    **how
        ``n``, ``height``, ``width`` and ``dtype`` of the images.
    """
    settings = {"n": 300, "height": 8, "width": 8, "dtype": "float32", **how}
    return Case(
        name,
        lambda rng: (_images(rng, settings), settings),
        None,
        hint,
        _observe,
        _JUDGES[about],
        run=run,
    )


# --- what may go wrong ---------------------------------------------------------------------------------


def _counts(e: Evidence) -> list[int]:
    """Return how often each place came up, where all images are at one of the nine."""
    return e["places"] if "places" in e.seen and not sum(e["wrong"].values()) else []


def _only(e: Evidence, fits: Callable[[int, int], bool]) -> bool:
    """Whether of several places that came up all fit, and enough images were moved to tell."""
    counts = _counts(e)
    if sum(counts) < 50:
        return False
    used = [MOVES[n] for n, count in enumerate(counts) if count]
    return len(used) > 1 and all(fits(*move) for move in used)


def _mostly(kind: str) -> Callable[[Evidence], bool]:
    """Return the sign of images that became something else, more of this kind than of any other."""
    return lambda e: "wrong" in e.seen and e["wrong"][kind] == max(e["wrong"].values()) > 0


_SIGNS: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("changed_inputs/images", lambda e: bool(e.seen.get("changed_in_place"))),
    ("cropped", lambda e: "shape" in e.seen and math.prod(e["shape"]) < e.inputs[0].size),
    ("wraps_round", _mostly("wrapped")),
    ("edge_repeated", _mostly("edge")),
    ("moved_too_far", _mostly("far")),
    ("flipped_too", _mostly("flipped")),
    ("images_reordered", _mostly("elsewhere")),
    ("global_numbers", lambda e: bool(e.seen.get("global_numbers_drawn"))),
    ("not_seeded/images", lambda e: e.seen.get("repeats") is False),
    (
        "seed_made_anew",
        lambda e: e.seen.get("other_seed_differs") is False and sum(_counts(e)) > max(_counts(e), default=0),
    ),
    (
        "one_move_for_all",
        lambda e: sum(_counts(e)) >= 50 and max(_counts(e)) == sum(_counts(e)) and e["other_seed_differs"],
    ),
    ("nothing_moved", lambda e: sum(_counts(e)) >= 50 and _counts(e)[MOVES.index((0, 0))] == sum(_counts(e))),
    ("end_not_drawn", lambda e: _only(e, lambda d, r: d < 1 and r < 1)),
    ("end_not_drawn/minus_one", lambda e: _only(e, lambda d, r: d > -1 and r > -1)),
    ("one_draw_for_both", lambda e: _only(e, lambda d, r: abs(d) == abs(r))),
    ("one_direction", lambda e: _only(e, lambda d, r: d == 0) or _only(e, lambda d, r: r == 0)),
    ("one_direction/at_a_time", lambda e: _only(e, lambda d, r: d == 0 or r == 0)),
    ("never_left_alone", lambda e: _only(e, lambda d, r: (d, r) != (0, 0))),
    ("dtype_changed", lambda e: "dtype" in e.seen and e["dtype"] != str(e.inputs[0].dtype)),
)

AUGMENT = Exercise(
    name="augment",
    points=2,
    cases=(
        augment_case("each image moved by at most one pixel", "pixels", run="300 images"),
        augment_case("all nine moves, drawn for each image", "draws", run="300 images"),
        augment_case("shape and dtype are kept", "form", run="300 images"),
        augment_case("all draws come from rng", "seeded", run="300 images"),
        augment_case("the images handed over stay as they are", "untouched", run="300 images"),
        augment_case("integer images that are not square", "form", height=5, width=7, dtype="uint8", n=60),
    ),
    diagnoses=by_sign(_SIGNS, of_errors=False),
)
