"""Reading a learner's code, without running it, for what no answer needs: a hint to a person, never a verdict."""

from __future__ import annotations

import ast
import re
from typing import Any

from course_lib.instructor.grading.reference import Reference

__all__ = ["suspicions"]

_MODULES = {
    "course_lib.checks": "the checks",
    "course_lib.lessons": "the checks' cases",
    "course_lib.instructor": "the instructor's half",
    "atexit": "what happens at the end",
    "builtins": "Python's own names",
    "ctypes": "native memory",
    "gc": "the garbage collector",
    "importlib": "modules by name",
    "multiprocessing": "other processes",
    "ptrace": "other processes",
    "requests": "the network",
    "signal": "signals",
    "socket": "the network",
    "subprocess": "other programs",
    "urllib": "the network",
}
_CALLS = {
    "__import__": "uses modules by name",
    "eval": "runs code from text",
    "exec": "runs code from text",
    "os._exit": "ends the kernel",
    "os.fork": "starts processes",
    "os.kill": "signals processes",
    "os.system": "runs other programs",
    "get_ipython": "reaches into the notebook's kernel",
    "inspect.currentframe": "looks at the caller",
    "inspect.stack": "looks at the caller",
}
_TEXT = {
    "__builtins__": "reaches for Python's own names",
    "__closure__": "looks into functions",
    "__globals__": "looks into functions",
    "__subclasses__": "searches for classes",
    "sys.modules": "looks among the loaded modules",
    "_getframe": "looks at the caller",
    "f_back": "looks at the caller",
    "setprofile": "traces the check",
    "settrace": "traces the check",
    "/proc/": "looks at processes",
    "ast_transformers": "changes how cells are read",
    "set_custom_exc": "changes how errors are handled",
    "gradebook": "names the gradebook",
    "lesson_checks": "uses the checks",
    "publish_display_data": "sends what checks send",
    "solutions/": "names the solutions",
    "course_lib/lessons": "names the checks' files",
    "vnd.loss-curves": "names the checks' data",
}
#: Attributes that only somebody asks for who looks into a check, or at the code that called the answer.
_ATTRIBUTES = {
    **dict.fromkeys(("exercises", "make_inputs", "diagnoses", "with_hidden", "perform"), "reaches into the checks"),
    **dict.fromkeys(("publish_display_data", "display_pub", "iopub_socket"), "sends what checks send"),
    **dict.fromkeys(("f_locals", "f_globals", "tb_frame", "gi_frame"), "looks at the caller"),
    "cell_contents": "looks into functions",
}
_MAGIC = re.compile(r"^[ \t]*(?:!|%%(?:bash|sh|script)|%system|%sx)", re.MULTILINE)
_SPECIAL = re.compile(r"^[ \t]*[!%].*$", re.MULTILINE)
#: A longer cell is no answer: a person is told, and nothing parses it.
MOST_READ = 200_000


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _in_code(source: str) -> set[str]:
    found = {f"{text} ({word})" for word, text in _TEXT.items() if word in source}
    if _MAGIC.search(source):
        found.add("runs other programs (a shell line)")
    if len(source) > MOST_READ:
        return found | {f"is too long to be read ({len(source)} characters)"}
    try:
        tree = ast.parse(_SPECIAL.sub("pass", source))
    except Exception:  # a compiler has more ways to refuse than it documents, SystemError among them
        return found
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{node.module or ''}.{alias.name}" for alias in node.names] + [node.module or ""]
        elif isinstance(node, ast.Call) and (name := _dotted(node.func)) in _CALLS:
            found.add(f"{_CALLS[name]} ({name})")
        elif isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES:
            found.add(f"{_ATTRIBUTES[node.attr]} (.{node.attr})")
        elif isinstance(node, ast.FunctionDef) and node.name == "__eq__":
            found.add("decides itself what it equals (__eq__)")
        for module in modules:
            for known, text in _MODULES.items():
                if module == known or module.startswith(f"{known}."):
                    found.add(f"uses {text} ({known})")
    return found


def suspicions(cells: list[Any], reference: Reference) -> list[str]:
    """Return what a person may want to look at in cells that are not as released.

    Parameters
    ----------
    cells : list of notebook cells
    reference : Reference

    Returns
    -------
    list of str
        Sorted; each says what the code does and by which name.
    """
    released = {cell.source for cell in reference.cells}
    found: set[str] = set()
    for cell in cells:
        if cell.cell_type == "code" and cell.source not in released:
            found |= _in_code(cell.source)
    return sorted(found)
