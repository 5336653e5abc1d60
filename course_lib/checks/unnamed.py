"""Why a misconception was not named: for whoever writes a check and finds that an answer of the bank gets no name."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.naming import Seen

__all__ = ["why_unnamed"]


def _known(found: Sequence[Seen]) -> list[Diagnosis]:
    diagnoses = [diagnosis for seen in found for diagnosis in (*seen.case.diagnoses, *seen.exercise.diagnoses)]
    return list({id(diagnosis): diagnosis for diagnosis in diagnoses}.values())


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in list(dict.fromkeys(names))[:3])


def _denying(diagnosis: Diagnosis, found: Sequence[Seen]) -> list[str]:
    """Return the visible cases that speak against a misconception."""
    return [
        seen.case.name
        for seen in found
        if not seen.case.hidden
        and seen.stand(diagnosis) == "denied"
        and (seen.case.denies or diagnosis.denied is not None)
    ]


def why_unnamed(found: Sequence[Seen], key: str) -> str:
    """Return in a few words why a misconception was not the one that was named.

    Parameters
    ----------
    found : sequence of Seen
        The exercise's cases after they ran.
    key : str
        Of the misconception that was expected.
    """
    known = _known(found)
    wanted = [diagnosis for diagnosis in known if diagnosis.key == key]
    if not wanted:
        return f"no mistake of this exercise is called {key}"
    fitting = [diagnosis for diagnosis in wanted if any(diagnosis in seen.fitting for seen in found)]
    if not fitting:
        return f"{key} fits none of the cases that failed"
    standing = [diagnosis for diagnosis in fitting if not _denying(diagnosis, found)]
    if not standing:
        return f"{key} is contradicted by {_quoted(_denying(fitting[0], found))}"
    if all(seen.stand(diagnosis) != "shown" for diagnosis in standing for seen in found):
        return f"only values that many faults give, such as 0 or the number of rows, speak for {key}"
    rivals = [
        diagnosis.key
        for diagnosis in known
        if diagnosis.key != key and not _denying(diagnosis, found) and any(diagnosis in seen.fitting for seen in found)
    ]
    if rivals:
        return (
            f"{', '.join(dict.fromkeys(rivals))} explains as many of the failed cases or more; let their values differ"
        )
    return "a case that failed earlier is told of something else"
