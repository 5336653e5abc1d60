"""What a command that looks around has found: a table, and for each wrong line what mends it.

``course doctor`` and ``course hub-check`` print their findings with this.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

__all__ = ["Finding", "report", "status"]


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes
    ----------
    what, needed, found : str
    ok : bool
    mend : str
        The command or step that mends it; empty where nothing is wrong.
    required : bool
        Whether the exit status depends on it.
    """

    what: str
    needed: str
    found: str
    ok: bool
    mend: str = ""
    required: bool = True

    @property
    def verdict(self) -> str:
        """``ok``, ``missing`` (needed and not there) or ``optional`` (not there, not needed)."""
        return "ok" if self.ok else ("missing" if self.required else "optional")


def status(findings: Sequence[Finding]) -> int:
    """Return the exit status: 1 if anything that is needed is missing.

    Examples
    --------
    >>> status([Finding("proxy", "any", "none", ok=False, required=False)])
    0
    """
    return int(any(f.verdict == "missing" for f in findings))


def report(findings: Sequence[Finding], as_json: bool = False) -> None:
    """Print the findings: as data and nothing else, or as a table, and under it each wrong line with what mends it."""
    if as_json:
        print(json.dumps([asdict(f) | {"verdict": f.verdict} for f in findings], indent=1))
        return
    wrong = [f for f in findings if not f.ok]
    try:
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table
    except ModuleNotFoundError:
        for f in findings:
            print(f"{f.verdict:<9} {f.what:<26} needed {f.needed}; found {f.found}")
    else:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in ("", "what", "needed", "found"):
            table.add_column(column, overflow="fold")
        for f in findings:
            style = {"ok": "green", "missing": "bold red", "optional": "yellow"}[f.verdict]
            table.add_row(f"[{style}]{f.verdict}[/]", f.what, escape(f.needed), escape(f.found))
        Console().print(table)
    for f in wrong:
        print(f"{f.what}: {f.found}. To mend it: {f.mend}")
    missing = sum(f.verdict == "missing" for f in findings)
    print("all that is needed is there" if not missing else f"{missing} needed and missing")
