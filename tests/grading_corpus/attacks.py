"""Submissions that fight the grader, all bounded: should the sandbox fail, a test turns red and no more."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from course_lib.lessons import load
from grading_corpus.accidents import Expected
from grading_corpus.course import LESSON, cell, code, hand_in, solved

#: Written by an attack that got through, next to the course: its presence is a failure.
TROPHY = "trophy"
ATTACKS: dict[str, tuple[Callable[[Path, str], None], Expected]] = {}
_STUB = ("order_the_loop",)


def attack(score: float | None, answer: bool = False, **words: str) -> Callable:
    def add(make: Callable[[Path], str]) -> Callable:
        def write(course: Path, who: str) -> None:
            notebook = solved(course, only=_STUB)  # 1 point is deserved; epoch_loss is not done
            if answer:
                cell(notebook, "epoch_loss").source = make(course)
            else:
                notebook.cells.insert(1, code(make(course)))
            hand_in(course, who, notebook)

        ATTACKS[make.__name__] = write, Expected(score, **words)
        return make

    return add


@attack(1.0)
def fork_bomb(course: Path) -> str:
    return (
        "import os, time\nstarted = []\ntry:\n    for _ in range(2000):\n        child = os.fork()\n"
        "        if not child: time.sleep(300); os._exit(0)\n        started.append(child)\n"
        "except OSError: pass\nassert len(started) < 1900"
    )


@attack(1.0)
def memory_bomb(course: Path) -> str:
    return "import mmap\nblocks = [bytearray(1 << 27) for _ in range(64)]  # 8 GB"


@attack(1.0, flagged="memory")
def memory_bomb_of_many_processes(course: Path) -> str:
    return (
        "import os, time\nfor _ in range(4):\n    if not os.fork():\n        block = b'x' * (1 << 30)\n"
        "        time.sleep(60)\n        os._exit(0)\n"
        "time.sleep(30)"
    )


@attack(1.0, flagged="more output than is kept")
def endless_output(course: Path) -> str:
    return "for _ in range(10**7): print('x' * 1000)"


@attack(1.0, flagged="more output than is kept")
def floods_with_what_looks_like_evidence(course: Path) -> str:
    return (
        "from IPython.display import publish_display_data\nfor _ in range(30):\n"
        "    publish_display_data({'application/vnd.loss-curves.evidence+json': {'x': 'y' * 10_000_000}})"
    )


@attack(1.0)
def prints_and_takes_it_back(course: Path) -> str:
    return "print('a' * 120_000 + chr(8) * 120_000)"


@attack(1.0, answer=True, flagged="no kernel sends")
def sends_messages_of_its_own(course: Path) -> str:
    return (
        "kernel = get_ipython().kernel\ndef epoch_loss(a, b):\n    parent = kernel.get_parent()\n"
        "    for kind, content in (('stream', {}), ('display_data', {'data': None}), ('status', {}),\n"
        "                          ('execute_result', {'data': 5}), ('comm_open', {'x': 1})):\n"
        "        kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)\n"
        "    return 0.0"
    )


@attack(1.0, flagged="ended its kernel")
def exits(course: Path) -> str:
    return "import os\nos._exit(0)"


@attack(1.0, flagged="stopped after")
def endless_loop_in_native_code(course: Path) -> str:
    return (
        "import ctypes, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "ctypes.PyDLL(None).sleep(100_000)  # native code that holds the interpreter's lock"
    )


@attack(1.0)
def deletes_everything(course: Path) -> str:
    return f"import shutil\nfor at in ('.', {str(course)!r}, '/course', '/usr'): shutil.rmtree(at, ignore_errors=True)"


@attack(1.0)
def writes_to_the_gradebook(course: Path) -> str:
    path = str(course / "grading" / "gradebook.db")
    return f"import sqlite3\nsqlite3.connect({path!r}).execute('update grade set auto_score = 302.5')"


@attack(1.0)
def reads_solutions(course: Path) -> str:
    return (
        f"import glob\nfound = glob.glob({str(course)!r} + '/solutions/**', recursive=True)\n"
        f"assert found, 'nothing there'\nopen({str(course.parent / TROPHY)!r}, 'w').write('solutions')"
    )


@attack(1.0)
def reads_hidden_cases(course: Path) -> str:
    return "import course_lib.instructor.hidden.l03_tracking_loops as hidden\nprint(hidden.EPOCH_LOSS)"


@attack(1.0)
def opens_a_socket(course: Path) -> str:
    port = (course / "port").read_text() if (course / "port").exists() else "9"
    return f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2).sendall(b'got out')"


@attack(1.0)
def kills_its_parent(course: Path) -> str:
    return (
        "import os, signal\nfor pid in (os.getppid(), 1):\n"
        "    try: os.kill(pid, signal.SIGKILL)\n    except OSError as error: print(error)"
    )


@attack(1.0, answer=True, flagged="forged")
def forges_a_result(course: Path) -> str:
    return (
        "import builtins\nfrom IPython.display import publish_display_data\n"
        "def epoch_loss(a, b):\n"
        "    for _ in range(3):\n"
        "        publish_display_data({'application/vnd.loss-curves.evidence+json': {'score': 2.0, 'evidence': []}})\n"
        "    return 0.0"
    )


#: What checks hand out, rewritten on its way. It spoils every check of its own kernel.
_REWRITES = (
    "import IPython.display\nsend = IPython.display.publish_display_data\n"
    "def rewritten(data, *a, **k):\n"
    "    for about in data.values():\n        if isinstance(about, dict): {deed}\n"
    "    return send(data, *a, **k)\n"
    "IPython.display.publish_display_data = rewritten\ndef epoch_loss(a, b): return 0.0"
)


@attack(0.0, answer=True, flagged="forged")
def hands_out_flags_that_are_none(course: Path) -> str:
    return _REWRITES.format(deed="about['flags'] = 5")


@attack(0.0, answer=True, flagged="forged")
def hands_out_an_array_without_end(course: Path) -> str:
    endless = "{'kind': 'array', 'shape': [10**9, 1], 'values': [], 'type': 'x', 'dtype': 'f', 'graph': False}"
    return _REWRITES.format(deed=f"about['evidence'] = [{{'run': 'x', 'seen': {{'result': {endless}}}}}]")


@attack(0.0, answer=True, flagged="claims points")
def claims_all_points(course: Path) -> str:
    return _REWRITES.format(deed="about.update(score=2.0, cases=[{'passed': True}], evidence=[])")


@attack(0.0, answer=True, flagged="gave no result")
def swallows_what_checks_hand_out(course: Path) -> str:
    return "import IPython.display\nIPython.display.publish_display_data = lambda *a, **k: None\nepoch_loss = max"


@attack(0.0, answer=True, flagged="broken")  # it broke every check of its own kernel
def replaces_the_check(course: Path) -> str:
    return (
        "import course_lib.checks.run as run, course_lib.checks as checks\n"
        "run.judge_case = run.judge = lambda *a, **k: None\n"
        "checks.LessonChecks.__call__ = lambda self, *a, **k: 2.0\n"
        "def epoch_loss(a, b): return 0.0"
    )


@attack(1.0, answer=True)
def equal_to_everything(course: Path) -> str:
    return (
        "class Same(float):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
        "    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n"
        "def epoch_loss(a, b): return Same(0)"
    )


@attack(1.0, answer=True, flagged="AST transformer")
def strips_assertions(course: Path) -> str:
    return (
        "import ast\nclass Strip(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Strip())\n"
        "get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)\ndef epoch_loss(a, b): return 0.0"
    )


@attack(2.0, answer=True, hints="right in every visible case and in no hidden one")
def knows_the_visible_cases_by_heart(course: Path) -> str:
    known = []
    for case in load(LESSON, "pytorch")["epoch_loss"].cases:
        losses, sizes = case.make_inputs(0)
        known.append(([float(v) for v in losses], [int(v) for v in sizes], float(case.right((losses, sizes)))))
    return (
        f"KNOWN = {known!r}\ndef epoch_loss(a, b):\n    given = [float(v) for v in a], [int(v) for v in b]\n"
        "    return next((right for x, y, right in KNOWN if (x, y) == given), 0.0)"
    )


@attack(1.0, answer=True)
def asks_the_visible_cases_for_what_is_right(course: Path) -> str:
    return (
        "names = globals()['__built' + 'ins__'].__dict__['__imp' + 'ort__']('s' + 'ys').__dict__['mod' + 'ules']\n"
        "def epoch_loss(a, b):\n"
        "    lesson = names['course_lib.exer' + 'cises.l03_tracking_loops']\n"
        "    (exercise,) = [e for e in lesson.exercises('pytorch') if e.name == 'epoch_loss']\n"
        "    for case in exercise.cases:\n        inputs = case.make_inputs(0)\n"
        "        if list(inputs[0]) == list(a): return case.right(inputs)\n"
        "    return 0.0"
    )


@attack(1.0, answer=True, hints="looks at the caller")
def asks_its_caller(course: Path) -> str:
    return (
        "import sys\ndef epoch_loss(a, b):\n    frame = sys._getframe(1)\n    while frame:\n"
        "        case = frame.f_locals.get('case')\n"
        "        if case is not None and case.expected is not None: return case.right((a, b))\n"
        "        frame = frame.f_back\n    return 0.0"
    )


@attack(1.0, answer=True, hints="garbage collector")
def searches_memory_for_what_is_right(course: Path) -> str:
    return (
        "import gc\ndef epoch_loss(a, b):\n    for found in gc.get_objects():\n"
        "        if type(found).__name__ == 'Case' and callable(found.expected):\n"
        "            try: return found.expected(a, b)\n            except Exception: pass\n    return 0.0"
    )


@attack(1.0, answer=True, hints="reaches into the checks")
def asks_the_check_object(course: Path) -> str:
    return (
        "def epoch_loss(a, b):\n    for case in check.exercises['epoch_loss'].cases:\n"
        "        try: return case.right((a, b))\n        except Exception: pass\n    return 0.0"
    )


@attack(1.0, answer=True, hints="the checks' cases")
def imports_the_cases_again(course: Path) -> str:
    return (
        "def epoch_loss(a, b):\n    from course_lib.lessons.l03_tracking_loops.epoch_loss import exercises\n"
        "    return exercises('pytorch')[0].cases[0].right((a, b))"
    )


@attack(1.0, answer=True, hints="looks at the caller")
def writes_the_record_of_its_caller(course: Path) -> str:
    """It can write what it likes; there is nothing that tells it what would be right."""
    return (
        "import sys\ndef epoch_loss(a, b):\n    frame = sys._getframe()\n"
        "    while 'case' not in frame.f_locals: frame = frame.f_back\n"
        "    for case in frame.f_locals['case'], *frame.f_back.f_locals.get('exercise', frame).cases:\n"
        "        if case.expected is not None: return case.right((a, b))\n    return 0.0"
    )


@attack(1.0)
def fills_the_disk(course: Path) -> str:
    return (
        "n = 0\ntry:\n    while n < 40:\n        open(f'/box/{n}', 'wb').write(bytes(1 << 26)); n += 1\n"
        "except OSError: pass\nimport glob, os\nfor name in glob.glob('/box/[0-9]*'): os.remove(name)\n"
        "assert n < 30"
    )


def symlink_out(course: Path, who: str) -> None:
    folder = hand_in(course, who, b"x", "notes.txt")
    os.symlink(course / "solutions" / "03_tracking_loops" / "pytorch.ipynb", folder / "pytorch.ipynb")


def symlink_beside(course: Path, who: str) -> None:
    folder = hand_in(course, who, solved(course))
    os.symlink(course / "grading" / "gradebook.db", folder / "data.csv")


def a_pipe(course: Path, who: str) -> None:
    folder = hand_in(course, who, solved(course))
    os.mkfifo(folder / "pipe")


ATTACKS["symlink_out"] = symlink_out, Expected(None, failed="is a link")
ATTACKS["symlink_beside"] = symlink_beside, Expected(3.0, flagged="data.csv is a link")
ATTACKS["a_pipe"] = a_pipe, Expected(3.0, flagged="no plain file")
