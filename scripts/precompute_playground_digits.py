"""Write the digits of the loss playground: the first 1,000 of scikit-learn's, as a script for the page to load.

A pixel is a letter, from ``a`` for 0 to ``q`` for 16::

    python scripts/precompute_playground_digits.py
"""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_digits

ROWS = 1000
FOLDER = Path(__file__).parent.parent / "course_lib" / "instructor" / "site" / "playground"
HEAD = """\
// Handwritten digits of 8 x 8 pixels: the first 1,000 of scikit-learn's, which are from the UCI repository ("Optical
// Recognition of Handwritten Digits", E. Alpaydin and C. Kaynak, CC BY 4.0, https://doi.org/10.24432/C50P49).
// A pixel is a letter, from a for 0 to q for 16. Written by scripts/precompute_playground_digits.py.
"""


def main() -> None:
    """Write the file."""
    x, y = load_digits(return_X_y=True)
    letters = "".join(chr(ord("a") + int(value)) for value in x[:ROWS].ravel())
    labels = "".join(map(str, y[:ROWS]))
    text = f'{HEAD}const DIGITS = {{\n  labels: "{labels}",\n  pixels: "{letters}",\n}};\n'
    (FOLDER / "digits.js").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
