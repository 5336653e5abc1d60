"""The sandbox and its warm kernels: what can be seen inside, what cannot, and how a kernel's end is noticed."""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support import ROOT

from course_lib.instructor.grading import inside_view, sandbox
from course_lib.instructor.grading.execute import execute
from course_lib.instructor.grading.kernel_client import KernelClient
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.sandbox import SandboxError, WardenClient, bubblewrap_problem, require

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem())),
]
LIMITS = Limits(cell_seconds=20, memory_mb=2048)


@pytest.fixture(scope="module")
def warden() -> Iterator[WardenClient]:
    client = WardenClient(["torch", "ipykernel.kernelapp", "course_lib.checks.run"], limits=LIMITS, root=ROOT)
    yield client
    client.close()


def text(cell: Any) -> str:
    return "".join(
        o.get("text", "") or o.get("evalue", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs
    )


def run(warden: WardenClient, *sources: str) -> list[str]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    execute(notebook, {}, set(range(len(sources))), warden, LIMITS)
    return [text(cell) for cell in notebook.cells]


def test_it_was_forked_from_one_thread(warden: WardenClient) -> None:
    assert warden.ready["threads"] == 1
    assert warden.ready["missing"] == []


def test_a_warm_kernel_has_the_framework_and_works(warden: WardenClient) -> None:
    out = run(
        warden,
        "import sys; print('torch' in sys.modules)",
        "import torch\nw = torch.ones(3, requires_grad=True)\n((w * 2).sum()).backward()\nprint(w.grad.tolist())",
        "torch.rand(200, 200) @ torch.rand(200, 200); print(len(torch.utils.data.DataLoader(range(4), num_workers=1)))",
        "print(sum(int(b.sum()) for b in torch.utils.data.DataLoader(range(10), batch_size=5, num_workers=2)))",
    )
    assert [line.strip() for line in out[:2]] == ["True", "[2.0, 2.0, 2.0]"]
    assert out[3].strip() == "45"


def test_inside_there_is_no_course_no_network_and_no_right_to_anything(warden: WardenClient) -> None:
    out = run(
        warden,
        "import os; print(os.listdir('/course/course_lib/instructor'), os.path.exists(os.path.expanduser('~/.ssh')))",
        f"print(os.path.exists({str(ROOT / 'solutions')!r}), os.path.exists({str(ROOT / 'tests')!r}))",
        "import socket\nprint([name for _, name in socket.if_nameindex()])\n"
        "try: socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError as e: print(type(e).__name__)",
        "print([l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapPrm', 'CapEff', 'NoNewPrivs'))])",
        "for place in ('/', '/usr', '/conn', '/dev', '/course/course_lib', '/files'):\n"
        "    try: open(os.path.join(place, 'x'), 'w'); print(place, 'was written')\n    except OSError: pass",
        "print(sorted(k for k in os.environ if 'TOKEN' in k or 'SECRET' in k or k.startswith('JUPYTERHUB')))",
        "import ctypes; print(ctypes.CDLL(None, use_errno=True).unshare(0x10000000))",
    )
    assert out[0].split() == ["[]", "False"]
    assert out[1].split() == ["False", "False"]
    assert out[2].split() == ["['lo']", "ConnectionRefusedError"] or out[2].split() == ["['lo']", "OSError"]
    assert out[3].strip() == "['0000000000000000', '0000000000000000', '1']"
    assert out[4].strip() == ""
    assert out[5].strip() == "[]"
    assert out[6].strip() == "-1"


def test_a_kernel_cannot_see_signal_or_change_its_siblings_or_its_parent(warden: WardenClient) -> None:
    async def both() -> tuple[str, str]:
        async def cell(client: KernelClient, source: str) -> str:
            made = nbformat.v4.new_code_cell(source)
            client.nb.cells = [made]
            await client.async_execute_cell(made, 0)
            return text(made)

        one, two = (KernelClient(nbformat.v4.new_notebook(), warden, LIMITS) for _ in range(2))
        async with one.async_setup_kernel(), two.async_setup_kernel():
            await cell(
                one,
                "import os\nsecret = 42\nfor p in ('/tmp', '/box', '/dev/shm'): open(f'{p}/m', 'w').write('m')",
            )
            attack = await cell(
                two,
                "import os, signal, glob\n"
                "seen = sorted(int(p) for p in os.listdir('/proc') if p.isdigit())\n"
                "own = {int(t) for t in os.listdir('/proc/self/task')}\n"
                "for pid in range(1, 3000):\n"
                "    if pid not in own:\n"
                "        try: os.kill(pid, signal.SIGKILL)\n        except OSError: pass\n"
                "try: os.kill(-1, signal.SIGTERM)\nexcept OSError: pass\n"
                "import ctypes\n"
                "ptraced = ctypes.CDLL(None).ptrace(16, 1, 0, 0)\n"
                "left = [p for place in ('/tmp', '/box', '/dev/shm') for p in glob.glob(f'{place}/m')]\n"
                "print(len(seen), ptraced, os.listdir('/runs'), left)",
            )
            survivor = await cell(one, "print(secret)")
        return attack, survivor

    attack, survivor = asyncio.run(both())
    assert attack.split() == ["2", "-1", "[]", "[]"]
    assert survivor.strip() == "42"
    assert warden.alive


def test_a_warm_kernel_starts_quickly(warden: WardenClient) -> None:
    """Not a measurement (`course bench grading` is one); it ends long before a limit would."""
    started = time.monotonic()
    run(warden, "import torch")
    assert time.monotonic() - started < 20


def test_it_works_where_an_event_loop_is_running(warden: WardenClient) -> None:
    async def in_a_notebook() -> list[str]:
        return run(warden, "print(6 * 7)")

    assert asyncio.run(in_a_notebook()) == ["42\n"]


def test_what_was_learnt_by_one_kernel_is_not_known_to_the_next(warden: WardenClient) -> None:
    run(warden, "import torch, sys; torch.evil = 1; sys.modules['evil'] = torch")
    assert (
        run(warden, "import torch, sys; print(hasattr(torch, 'evil'), 'evil' in sys.modules)")[0].split()
        == ["False"] * 2
    )


def test_nothing_that_was_handed_in_runs_before_the_kernel_is_closed_off(warden: WardenClient) -> None:
    """A start-up file would find /conn still writable, and could keep the kernel from ever answering."""
    files = {".ipython/profile_default/startup/00.py": b"ran_early = True", "sitecustomize.py": b"import ran"}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('ran_early' in globals())")])
    execute(notebook, {}, {0}, warden, LIMITS, files)
    assert text(notebook.cells[0]).strip() == "False"


def test_no_folder_stays(warden: WardenClient) -> None:
    run(warden, "1")
    assert {p.name for p in warden.runs.iterdir()} <= {"log", "passwd", "shown"}


def test_what_a_killed_run_left_is_removed_and_what_is_in_use_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("grade-left", "grade-used", "grade-new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "log").touch()
        if name != "grade-new":
            os.utime(tmp_path / name / "log", (0, 0))
    with open(tmp_path / "grade-used" / "log") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        sandbox._sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["grade-new", "grade-used"]


def test_a_warden_holds_its_folder(warden: WardenClient) -> None:
    with open(warden.runs / "log") as log, pytest.raises(BlockingIOError):
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_it_refuses_without_bubblewrap_and_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(SandboxError, match=r"apt install bubblewrap.*--sandbox none"):
        require("bubblewrap")
    require("none")


def test_it_refuses_where_bubblewrap_cannot_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SandboxError, match="No permissions to create new namespace"):
        require("bubblewrap")


def test_a_python_in_a_folder_that_kernels_cover_is_shown_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [Path("/opt/python"), Path("/tmp/course/.venv")]
    monkeypatch.setattr(inside_view, "_system_folders", lambda: folders)
    assert inside_view.inside_path(Path("/tmp/course/.venv/bin/python")) == Path("/course/python1/bin/python")
    assert inside_view.inside_path(Path("/opt/python/bin/python")) == Path("/opt/python/bin/python")
    mounts = list(inside_view._mounts(None))
    assert mounts[mounts.index("/tmp/course/.venv") + 1] == "/course/python1"


def test_a_course_below_usr_is_hidden_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers keep Python in /usr/local, and what they run in /usr/src."""
    package = Path("/usr/local/lib/python3.12/site-packages/course_lib")
    monkeypatch.setattr(inside_view, "PACKAGE", package)
    mounts = list(inside_view._mounts(Path("/usr/src/course")))
    covered = [target for flag, target in itertools.pairwise(mounts) if flag == "--tmpfs"]
    assert {"/usr/src/course", str(package), "/course/course_lib/instructor"} <= set(covered)
    assert mounts.index("/usr/src/course") > mounts.index("/usr")
