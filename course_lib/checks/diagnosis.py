"""Naming a misconception by how an answer behaves.

A diagnosis recognises a fault in one of two ways: ``faulty`` computes what the misconception would
give on the case's own input, and ``probe`` looks at what was seen while the answer ran. Neither reads
the answer's source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from course_lib.checks.compare import Compare, close
from course_lib.checks.plain import describe, show_apart

if TYPE_CHECKING:
    from course_lib.checks.case import Evidence

__all__ = ["Diagnosis", "all_fitting"]

#: So many characters of numbers are shown after "The same again.".
MOST_AGAIN = 120


@dataclass(frozen=True)
class Diagnosis:
    """One known misconception.

    Parameters
    ----------
    key : str
        Its name in the bank of answers, such as ``mean_of_means``.
    says : str or callable(Evidence) -> str
        One or two sentences to the learner: what was done instead of what was asked, and what comes of
        it. The learner's number and the right one are added by themselves.
    faulty : callable(*inputs) -> value, optional
        What the misconception gives on the case's inputs. It fits when the answer gave that, and that is
        not what is right.
    probe : callable(Evidence) -> bool, optional
        Whether what was seen shows the misconception. An exception in a probe counts as no.
    look : str, optional
        Where to look, without giving the solution away.
    compare : Compare, optional
        How the answer is compared with the faulty value.
    """

    key: str
    says: str | Callable[[Evidence], str]
    faulty: Callable[..., Any] | None = None
    probe: Callable[[Evidence], bool] | None = None
    look: str = ""
    compare: Compare = close

    def fits(self, evidence: Evidence) -> bool:
        """Whether the evidence of a failed case shows this misconception."""
        try:
            if self.probe is not None:
                return bool(self.probe(evidence))
            if self.faulty is None or evidence.error is not None:
                return False
            value = self.faulty(*evidence.inputs)
            if value is None:
                return False
            right = evidence.expected
            if right is not None and close(describe(value), right) is None:
                return False
            return self.compare(evidence.given, value) is None
        except Exception:
            return False

    def text(self, evidence: Evidence) -> str:
        """Return the misconception in words, without numbers."""
        text = self.says if isinstance(self.says, str) else self.says(evidence)
        return text[:1].upper() + text[1:]

    def message(self, evidence: Evidence, problem: str = "", *, again: bool = False) -> str:
        """Return what the learner reads: the misconception, both numbers, where to look.

        Where the case has no single right value, the numbers are those of the judge's sentence,
        ``problem``, if it has the form "name: yours 2, right 1". With ``again``, the learner has read the
        same of an earlier case, and only the numbers are new; of long ones the comparison's sentence alone is
        shown.
        """
        parts = ["The same again."] if again else [self.text(evidence)]
        if again and problem and len(evidence.numbers) > MOST_AGAIN:
            parts.append(f"{problem}.")
        elif evidence.numbers:
            parts.append(evidence.numbers)
        elif ": yours " in problem:
            parts.append(f"{problem}.")
        if self.look and not again:
            parts.append(f"Look at {self.look}.")
        return " ".join(parts)


def all_fitting(diagnoses: Iterable[Diagnosis], evidence: Evidence) -> list[Diagnosis]:
    """Return the diagnoses that fit, in the order in which they are listed: the most specific one first.

    Examples
    --------
    >>> from course_lib.checks.case import Evidence
    >>> total = Diagnosis("total", "the sum, not the mean", faulty=sum)
    >>> seen = {"result": describe(6)}
    >>> [d.key for d in all_fitting([total], Evidence(([1, 2, 3],), seen, expected=2))]
    ['total']
    """
    return [diagnosis for diagnosis in diagnoses if diagnosis.fits(evidence)]


def both_numbers(evidence: Evidence) -> str:
    """Return the sentence with the learner's value beside the right one, or an empty one."""
    if evidence.expected is None or evidence.error is not None:
        return ""
    yours, right = show_apart(evidence.given, evidence.expected)
    if evidence.compares != "result":
        return f"The {evidence.compares.replace('_', ' ')}: yours {yours}, right {right}."
    inputs = evidence.shown_inputs
    start = f"For {inputs}: yours is" if inputs and len(inputs) <= 100 else "Yours is"
    return f"{start} {yours}, right is {right}."
