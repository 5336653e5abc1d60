"""Whole numbers as short texts: the page's script has the same few lines the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["chosen", "packed", "packed_points"]

#: Six bits each; the same letters, in the same order, as in ``panel.js``.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def packed(numbers: Sequence[int]) -> str:
    """Return whole numbers as a text of their differences, five bits a letter and the sign in the lowest.

    Curves move by little from one point to the next, so most of them take one letter.

    Examples
    --------
    >>> packed([0, 1, 1, -1, 40])
    'ACADyC'
    """
    said = []
    for before, now in pairwise([0, *numbers]):
        step = now - before
        rest = step << 1 if step >= 0 else -step << 1 | 1
        while rest > 31:
            said.append(LETTERS[rest & 31 | 32])
            rest >>= 5
        said.append(LETTERS[rest])
    return "".join(said)


def packed_points(points: Sequence[int]) -> list[str]:
    """Return the x and the y of points that are given one after the other.

    Examples
    --------
    >>> packed_points([0, 5, 1, 5])
    ['AC', 'KA']
    """
    return [packed(points[0::2]), packed(points[1::2])]


def chosen(some: Sequence[int], among: Sequence[tuple[int, int]]) -> str:
    """Return which of many points some are, six of them to a letter.

    Parameters
    ----------
    some : sequence of int
        x and y of points one after the other; each has to be among the others as often as here.
    among : sequence of (int, int)

    Raises
    ------
    ValueError
        If one of them is not.

    Examples
    --------
    >>> chosen([3, 3], [(1, 1), (2, 2), (3, 3)])
    'E'
    """
    wanted: dict[tuple[int, int], int] = {}
    for point in zip(some[0::2], some[1::2], strict=True):
        wanted[point] = wanted.get(point, 0) + 1
    bits = [0] * (-(-len(among) // 6))
    for k, point in enumerate(among):
        if wanted.get(point):
            wanted[point] -= 1
            bits[k // 6] |= 1 << k % 6
    if any(wanted.values()):
        raise ValueError(f"points that are not among the others: {[p for p, n in wanted.items() if n]}")
    return "".join(LETTERS[six] for six in bits)
