"""Cells that are hard to read, to run or to stop, beside right answers: each costs nothing but itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grading_corpus.accidents import Expected
from grading_corpus.course import code, hand_in, solved

CELLS: dict[str, tuple[Callable[[Path, str], None], Expected]] = {}


def a_cell(source: str, name: str, **words: str) -> None:
    """Add a submission with all answers right and one such cell above them."""

    def write(course: Path, who: str) -> None:
        notebook = solved(course)
        notebook.cells.insert(1, code(source))
        hand_in(course, who, notebook)

    CELLS[name] = write, Expected(3.0, **words)


_SEND = "kernel = get_ipython().kernel\nparent = kernel.get_parent()\nsend = kernel.iopub_socket.send_multipart\n"

# -- read by a program before it runs
a_cell("!true\n" * 600, "six_hundred_shell_lines", hints="shell line")
a_cell("%time 1\n" * 600, "six_hundred_magics")
a_cell("x = !true\n" * 510, "five_hundred_shell_assignments")
a_cell("\n" * 25_000 + "x = 1", "twenty_five_thousand_blank_lines")
a_cell(" \n" * 25_000 + "!true", "blank_lines_above_a_shell_line", hints="shell line")
a_cell("(" * 5_000 + ")" * 5_000, "too_many_parentheses")
a_cell("-" * 200_000 + "1", "too_many_signs")
a_cell("a" + ".b" * 200_000, "too_many_attributes")
a_cell("a" + "<a" * 20_000, "one_long_comparison")
a_cell("x = 'a\0b'", "a_null_byte")
a_cell("x = '" + "a" * 5_000_000 + "'", "five_megabytes", hints="too long to be read")
a_cell("if True:\n  x = 1\n y = 2", "indented_wrongly")
a_cell("%%nosuchmagic\n(((", "no_such_magic")
a_cell("def f(:\n  %time\n?", "a_transformer_that_cannot_read_it")

# -- magics
a_cell("%%writefile answers.py\nx = 1", "writes_a_file")
a_cell("%%bash\nexit 3", "a_shell_that_fails", hints="shell line")
a_cell("%run nowhere.py", "runs_a_file_that_is_not_there")
a_cell("%reset -f", "forgets_everything")
a_cell("%exit", "exits_by_magic")
a_cell("exit()", "exits_by_name")
a_cell("%%capture\nprint(1)", "captures_its_output")

# -- while it runs
a_cell("input('your name? ')", "asks_for_a_name")
a_cell("import getpass; getpass.getpass()", "asks_for_a_password")
a_cell("import sys; sys.stdout.close(); sys.stderr.close()", "closes_its_output")
a_cell("import os; os.close(1); os.close(2)", "closes_the_descriptors")
a_cell("import sys; sys.stdout = sys.stderr = None", "takes_its_output_away")
a_cell("import sys; sys.setrecursionlimit(60)", "allows_no_recursion", flagged="")
a_cell("import os; os.chdir('/tmp'); os.rmdir('/box') if 0 else None", "changes_the_folder")
a_cell(
    "n = 0\ntry:\n    while n < 40: open(f'/tmp/{n}', 'wb').write(bytes(1 << 26)); n += 1\nexcept OSError: pass",
    "fills_the_temporary_folder",
)
a_cell("import builtins; builtins.print = builtins.open = None", "takes_names_away")

# -- what it sends is no message
a_cell(
    f"{_SEND}deep = b'[' * 100_000 + b']' * 100_000\n"
    "parts = kernel.session.serialize(kernel.session.msg('display_data', {}, parent=parent))\n"
    "head, rest = parts[:2], list(parts[2:])\nrest[-1] = deep\nrest[0] = kernel.session.sign(rest[1:])\n"
    "for _ in range(3): send(head + rest)",
    "nested_a_hundred_thousand_deep",
    flagged="no kernel sends",
)
a_cell(f"{_SEND}send([b'<IDS|MSG>', b'', b'{{}}', b'{{}}', b'{{}}', b'{{}}'])", "unsigned", flagged="no kernel sends")
a_cell(f"{_SEND}send([b'x'])", "half_a_message", flagged="no kernel sends")
a_cell(
    f"{_SEND}kernel.session.send(kernel.iopub_socket, 'status', {{'execution_state': ['idle']}}, parent=parent)\n"
    "kernel.session.send(kernel.iopub_socket, 'error', {'ename': 5, 'traceback': 'x'}, parent=parent)\n"
    "kernel.session.send(kernel.iopub_socket, ['a'], {}, parent=parent)",
    "wrong_kinds",
    flagged="no kernel sends",
)
a_cell(
    "import ipykernel.kernelbase as base\nreal = base.Kernel.session\n"
    "kernel = get_ipython().kernel\nsend = kernel.session.send\n"
    "def odd(stream, kind, content=None, *a, **k):\n"
    "    return send(stream, kind, {} if kind == 'execute_reply' else content, *a, **k)\n"
    "kernel.session.send = odd",
    "replies_without_a_status",
    flagged="no kernel sends",
)
