"""Running one notebook in a warden's kernel: limits on time and output, and a fresh kernel after a dead one.

A cell that ends the kernel, or cannot be stopped, costs its own question only: a new kernel runs what came
before it again, leaves that cell out, and goes on behind it.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_output

from course_lib.instructor.grading.inside.observe import EVIDENCE
from course_lib.instructor.grading.kernel_client import KernelClient
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.sandbox import SandboxError, WardenClient

__all__ = ["Execution", "KernelDidNotStart", "Seen", "execute", "observing"]

#: How often one notebook may get a new kernel.
RESTARTS = 3
_OBSERVE = "__import__('observe').observe({package!r}, lambda: ({answer}))"


class KernelDidNotStart(Exception):
    """No kernel came up: the machine's fault, never the learner's; the notebook is tried again."""


@dataclass
class Seen:
    """What one check handed out: its evidence, or why there is none."""

    evidence: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""


@dataclass
class Execution:
    """What came of running a notebook.

    Parameters
    ----------
    checks : dict
        A `Seen` by grade_id.
    flags : list of str
        What a person should know: time limits, dead kernels, floods of output.
    seconds : dict
        "start", "import" (the setup cell) and "execution".
    """

    checks: dict[str, Seen] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    restarts: int = 0


class _Run:
    """One notebook, through as many kernels as it takes."""

    def __init__(
        self,
        notebook: Any,
        checks: dict[str, str],
        places: set[int],
        warden: WardenClient,
        limits: Limits,
        files: dict[str, bytes],
    ):
        self.notebook, self.checks, self.places = notebook, checks, places
        self.warden, self.limits, self.files = warden, limits, files
        self.result = Execution()
        self.fatal: set[int] = set()
        self.deadline = time.monotonic() + limits.notebook_seconds
        self.spent = {"start": 0.0, "import": 0.0, "execution": 0.0}

    async def run(self) -> Execution:
        at = 0
        while at < len(self.notebook.cells):
            reached = await self.one_kernel(at)
            if reached >= len(self.notebook.cells):
                break
            self.fatal.add(reached)
            at = reached + 1
            if not any(place >= at for place in self.places):
                break
            self.result.restarts += 1
            if self.result.restarts > RESTARTS or time.monotonic() > self.deadline:
                self.give_up(at)
                break
        self.result.seconds = self.spent
        return self.result

    def give_up(self, at: int) -> None:
        self.result.flags.append("it kept ending its kernel or ran out of time; the rest was not run")
        for place in range(at, len(self.notebook.cells)):
            if (name := self.name(place)) in self.checks:
                self.result.checks[name] = Seen(failure="Not run: an earlier cell ended the run.")

    def name(self, place: int) -> str:
        return str((self.notebook.cells[place].metadata.get("nbgrader") or {}).get("grade_id", ""))

    async def one_kernel(self, at: int) -> int:
        """Run from `at` on, after running again what came before; return the place of the cell that ended it."""
        started = time.perf_counter()
        client = KernelClient(self.notebook, self.warden, self.limits)
        place, began = at, False
        try:
            async with client.async_setup_kernel(files=self.files):
                began = True
                self.spent["start"] += time.perf_counter() - started
                for place in range(len(self.notebook.cells)):
                    again = place < at
                    if place not in self.places or place in self.fatal:
                        continue
                    if again and self.name(place) in self.checks:
                        continue
                    if time.monotonic() > self.deadline:
                        self.result.flags.append(f"stopped after {self.limits.notebook_seconds} s")
                        self.result.restarts = RESTARTS
                        return max(place - 1, at)
                    if not await self.one_cell(client, place, again):
                        return max(place, at)
        except (DeadKernelError, SandboxError, RuntimeError) as error:
            if not self.warden.alive:
                raise SandboxError(f"the sandbox has ended: {self.warden.last_words()}") from None
            if not began:
                raise KernelDidNotStart(f"{error}; {self.warden.last_words()}") from None
            self.dead(place, client, error)
            return max(place, at)
        except OSError:
            raise  # a full disk is nobody's answer
        except Exception:  # what came back made no sense to anything that reads it: this cell's doing
            if not began:
                raise
            self.failed(place, "This cell sent messages that no kernel sends.")
            return max(place, at)
        finally:
            atexit.unregister(client._cleanup_kernel)  # nbclient leaves it behind where a kernel did not start
        return len(self.notebook.cells)

    def dead(self, place: int, client: KernelClient, error: Exception) -> None:
        reason = getattr(client.manager.provisioner, "reason", "")
        text = f"used more than {self.limits.memory_mb} MB of memory" if reason == "memory" else "ended its kernel"
        self.failed(place, f"This cell {text}.")

    def failed(self, place: int, text: str) -> None:
        cell = self.notebook.cells[place]
        self.result.flags.append(f"cell {place + 1}{self.called(place)}: {text[10:].rstrip('.')}")
        cell.outputs = [new_output("error", ename="GradingError", evalue=text, traceback=[text])]
        if (name := self.name(place)) in self.checks:
            self.result.checks[name] = Seen(failure=text.replace("This cell", "The check's run of the answer"))

    def called(self, place: int) -> str:
        name = self.name(place)
        return f" ({name})" if name else ""

    async def one_cell(self, client: KernelClient, place: int, again: bool) -> bool:
        """Run one cell; return False if the kernel has to be replaced."""
        cell, name = self.notebook.cells[place], self.name(place)
        started = time.perf_counter()
        source = self.checks.get(name, "")
        client.begin_cell(probing=bool(source))
        if source:
            probe = new_code_cell(source)
            await client.async_execute_cell(probe, place, store_history=False)
            self.notebook.cells[place] = cell
            self.result.checks[name] = self.seen(probe)
            ran = probe
        else:
            ran = new_code_cell(cell.source) if again else cell
            await client.async_execute_cell(ran, place)
            self.notebook.cells[place] = cell
        ran.outputs = joined(ran.outputs)
        took = time.perf_counter() - started
        self.spent["import" if "begin_lesson(" in cell.source else "execution"] += took
        if client.flooded and not again:
            self.result.flags.append(f"cell {place + 1}{self.called(place)}: more output than is kept")
            ran.outputs.append(new_output("stream", name="stdout", text="\n[the rest of the output was not kept]\n"))
        if client.malformed and not again:
            self.result.flags.append(f"cell {place + 1}{self.called(place)}: sent messages that no kernel sends")
        if client.timed_out:
            if not again:
                self.result.flags.append(
                    f"cell {place + 1}{self.called(place)}: stopped after {self.limits.cell_seconds} s"
                )
            if source:
                self.result.checks[name] = Seen(failure=f"Stopped after {self.limits.cell_seconds} s.")
            if not await client.responds():
                await client.manager.provisioner.kill()
                return False
        return True

    @staticmethod
    def seen(probe: Any) -> Seen:
        evidence = [o.data[EVIDENCE] for o in probe.outputs if EVIDENCE in (o.get("data") or {})]
        failure = ""
        for output in probe.outputs:
            if output.output_type == "error" and not evidence:
                failure = f"The check ended in {output.ename}: {str(output.evalue)[:200]}"
        return Seen([json.loads(json.dumps(item)) for item in evidence if isinstance(item, dict)], failure)


def joined(outputs: list[Any]) -> list[Any]:
    r"""Join what was printed piece by piece, and keep of a line that was printed over what it came to.

    Examples
    --------
    >>> pieces = [new_output("stream", text=text) for text in ("1 of 2", "\r2 of 2", "\nend")]
    >>> [output.text for output in joined(pieces)]
    ['2 of 2\nend']
    """
    pieces: list[tuple[Any, list[str]]] = []
    for output in outputs:
        stream = output.output_type == "stream"
        if stream and pieces and pieces[-1][0].get("name") == output.name:
            pieces[-1][1].append(output.text)
        else:
            pieces.append((output, [output.text] if stream else []))
    for output, texts in pieces:
        if texts:
            lines = "".join(texts).replace("\r\n", "\n").split("\n")
            output.text = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)
    return [output for output, _ in pieces]


def execute(
    notebook: nbformat.NotebookNode,
    checks: dict[str, str],
    places: set[int],
    warden: WardenClient,
    limits: Limits,
    files: dict[str, bytes] | None = None,
) -> Execution:
    """Run a prepared notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Its cells get their outputs, except the checks.
    checks : dict
        The observing code of each check, by grade_id.
    places : set of int
        The cells to run.
    warden : WardenClient
    limits : Limits
    files : dict of bytes, optional
        What lies in the working folder, by relative path.

    Returns
    -------
    Execution
    """
    work = _Run(notebook, checks, places, warden, limits, files or {}).run()
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    # Called where a loop is running, as in a notebook: one thread has one loop, so another thread it is.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def observing(package: str, answer: str) -> str:
    """Return the code that runs a packed check on an answer inside the kernel."""
    return _OBSERVE.format(package=package, answer=answer)
