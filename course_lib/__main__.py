"""``python -m course_lib``: the same as the ``course`` command."""

from course_lib.commands.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
