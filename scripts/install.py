"""Make `.venv` and install the course into it, with a progress line that moves.

`make lab` and `make test` call this; it also works without make. Any Python can run it, even one that is too old for
the course: then it says which one to use.

For example:
  python3 scripts/install.py                          what a learner needs, for both tracks
  python3 scripts/install.py --track keras            what a learner of one track needs
  python3 scripts/install.py --for developer          also what building, grading and testing need
  python3 scripts/install.py --torch default          torch as PyPI has it: on Linux, the build for NVIDIA GPUs

Exit status: 0 installed, 1 something went wrong (the last lines say what to try), 2 wrong arguments.
"""

# This file has to be readable for Python 3.6, so that an old Python prints advice and no syntax error.
import argparse
import glob
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time

LOWEST, ABOVE = (3, 11), (3, 14)
TRACKS = {"both": ("pytorch", "keras"), "pytorch": ("pytorch",), "keras": ("keras",)}
EXTRAS = {"instructor": "[instructor]", "developer": "[dev]"}
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
#: Gigabytes on disk and to download, measured on Linux with the lock file: (audience or track, torch's build).
ON_DISK = {
    ("pytorch", "cpu"): 1.6,
    ("keras", "cpu"): 2.7,
    ("learner", "cpu"): 3.6,
    ("instructor", "cpu"): 3.7,
    ("developer", "cpu"): 4.9,
    ("pytorch", "default"): 5.3,
    ("keras", "default"): 2.7,
    ("learner", "default"): 7.3,
    ("instructor", "default"): 7.4,
    ("developer", "default"): 8.0,
}
DOWNLOAD = {
    ("pytorch", "cpu"): 0.4,
    ("keras", "cpu"): 0.8,
    ("learner", "cpu"): 1.0,
    ("instructor", "cpu"): 1.0,
    ("developer", "cpu"): 1.3,
    ("pytorch", "default"): 2.9,
    ("keras", "default"): 0.8,
    ("learner", "default"): 3.5,
    ("instructor", "default"): 3.5,
    ("developer", "default"): 3.7,
}


class Failure(Exception):
    """What went wrong and what to try, for the person who called."""


def python_problem(version, goal, which=shutil.which):
    """Say in one text why this Python cannot run the course; an empty text if it can."""
    if LOWEST <= tuple(version[:2]) < ABOVE:
        return ""
    found = ".".join(map(str, version[:3]))
    if tuple(version[:2]) < LOWEST:
        why = f"The course needs Python 3.11, 3.12 or 3.13; this is {found}."
    else:
        why = "TensorFlow has no release for Python {}.{} yet. Use Python 3.11, 3.12 or 3.13.".format(*version[:2])
    for name in ("python3.13", "python3.12", "python3.11"):
        if which(name):
            return f"{why}\nTry: {goal.format(python=name)}"
    return (
        why
        + "\nGet one from https://www.python.org/downloads/ or your system's packages, then name it, for example: "
        + (goal.format(python="/path/to/python3.12"))
    )


def venv_problem(ran):
    """Say what is missing when making a virtual environment failed, from what `python -m venv` printed."""
    if "ensurepip" in ran or "python3-venv" in ran or "No module named venv" in ran:
        return (
            "This Python cannot make virtual environments: Debian and Ubuntu keep that part in a package of its own.\n"
            "Try: sudo apt install python3-venv    (for a Python of your own, such as 3.12: python3.12-venv)"
        )
    return "Making the virtual environment failed:\n" + ran


class Line:
    """One line that is written over on a terminal; elsewhere a new line now and then."""

    def __init__(self, out=sys.stdout):
        self.out, self.live = out, out.isatty()
        self.last, self.shown = "", 0.0

    def show(self, text):
        """Show `text` in place of what stood there."""
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            self.out.write("\r\x1b[K" + text[:width])
            self.out.flush()
        elif text != self.last and time.monotonic() - self.shown > 10:
            self.shown = time.monotonic()
            self.out.write(text + "\n")
            self.out.flush()
        self.last = text

    def end(self, text):
        """Leave `text` standing as a line of its own."""
        self.out.write(("\r\x1b[K" if self.live else "") + text + "\n")
        self.out.flush()


class Progress:
    """Read what pip prints, and say in one line how far it is.

    pip tells what it collects, how many bytes of a file have come (``--progress-bar raw``) and, in one long line, what
    it is about to install. While it installs it says nothing; then the packages in `site` are counted.
    """

    def __init__(self, site):
        self.site = site
        self.collected, self.name, self.bytes, self.expected = 0, "", "", 0
        self.before = 0
        self.began = time.monotonic()

    def read(self, line):
        """Take in one line of pip's."""
        collecting = re.match(r"Collecting ([A-Za-z0-9._-]{1,80})", line)
        moved = re.match(r"Progress (\d{1,15}) of (\d{1,15})$", line)
        if collecting:
            self.collected, self.name, self.bytes = self.collected + 1, collecting.group(1), ""
        elif moved and int(moved.group(2)):
            done, total = (int(g) / 1e6 for g in moved.groups())
            self.bytes = f", {done:.0f} of {total:.0f} MB" if total >= 1 else ""
        elif line.startswith("Installing collected packages:"):
            self.expected, self.before = line.count(",") + 1, self._count()

    def _count(self):
        try:
            return sum(name.endswith(".dist-info") for name in os.listdir(self.site))
        except OSError:
            return 0

    def text(self):
        """Give the line to show now."""
        passed = int(time.monotonic() - self.began)
        clock = f"{passed // 60}:{passed % 60:02d}"
        if self.expected:
            done = min(max(self._count() - self.before, 0), self.expected)
            bar = "#" * (20 * done // self.expected)
            return f"      {clock}  installing [{bar:<20}] {done} of {self.expected}"
        if self.collected:
            return f"      {clock}  package {self.collected}: {self.name}{self.bytes}"
        return f"      {clock}  looking at what is there"


def run_pip(python, words, site, line):
    """Run pip with `words`; show its progress; return its exit status and the last lines it printed."""
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *words]
    progress, kept = Progress(site), []
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, errors="replace"
    )
    stopped = threading.Event()

    def tick():
        while not stopped.wait(0.5):
            line.show(progress.text())

    ticking = threading.Thread(target=tick, daemon=True)
    ticking.start()
    try:
        for printed in process.stdout:
            progress.read(printed.strip())
            if not printed.startswith("Progress "):
                kept.append(printed.rstrip())
                del kept[:-40]
        status = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
        stopped.set()
        ticking.join()
    return status, kept


def what_failed(lines):
    """Pick from pip's last lines those that say what is wrong."""
    errors = [text for text in lines if text.startswith(("ERROR", "error"))]
    return "\n".join(errors or lines[-8:])


def paths_of(venv):
    """Return the Python of a virtual environment and its site-packages."""
    if os.name == "nt":
        return os.path.join(venv, "Scripts", "python.exe"), os.path.join(venv, "Lib", "site-packages")
    python = os.path.join(venv, "bin", "python")
    site = glob.glob(os.path.join(venv, "lib", "python3.*", "site-packages"))
    return python, site[0] if site else ""


def make_venv(venv, goal):
    """Make the virtual environment, or hold one that is there against what the course needs."""
    python, _ = paths_of(venv)
    if not os.path.exists(python):
        ran = subprocess.run(
            [sys.executable, "-m", "venv", venv],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if ran.returncode:
            shutil.rmtree(venv, ignore_errors=True)  # a half-made one would be taken for a whole one next time
            raise Failure(venv_problem(ran.stdout))
        return
    asked = "import sys; print(*sys.version_info[:3])"
    ran = subprocess.run([python, "-c", asked], capture_output=True, text=True)
    version = [int(part) for part in ran.stdout.split()]
    if ran.returncode or python_problem(version, goal):
        found = "does not start" if ran.returncode else "has Python " + ".".join(map(str, version))
        raise Failure(f"{venv} {found}. Remove the folder and try again: rm -r {venv}")


def locked(name, lock):
    """Return the requirement of one package in the lock file, such as ``torch==2.13.0``."""
    with open(lock, encoding="utf-8") as file:
        return next(text.split(";")[0].strip() for text in file if text.startswith(name + "=="))


def sizes_of(args, build):
    """Return the gigabytes on disk and to download."""
    what = (args.audience if args.track == "both" else args.track, build)
    return ON_DISK[what], DOWNLOAD[what]


def check_disk(folder, needed):
    """Refuse to begin what cannot end."""
    free = shutil.disk_usage(folder).free / 1e9
    if free < needed:
        raise Failure(
            f"The packages take {needed:.1f} GB, and {free:.1f} GB are free here. Free some space: empty the trash, "
            "remove old environments."
        )


def install(args):
    """Do all of it; return the exit status."""
    line, root = Line(), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    os.chdir(root)
    trouble = python_problem(sys.version_info, args.goal)
    if trouble:
        raise Failure(trouble)
    # Elsewhere than on Linux, PyPI has torch for the CPU (on macOS with Apple's GPU) and nothing else.
    build = "cpu" if args.torch == "cpu" or platform.system() != "Linux" else "default"
    python, _ = paths_of(args.venv)
    fresh = not os.path.exists(python)
    if fresh:
        on_disk, download = sizes_of(args, build)
        check_disk(root, on_disk)
        sizes = f"{download:.1f} GB ({on_disk:.1f} GB on disk)"
        print(f"Setting up {args.venv} from {args.lock}. The first time this downloads about {sizes}")
        print("and takes 2 to 15 minutes, depending on your connection.")
    else:
        print(f"Bringing {args.venv} up to date with {args.lock}.")
    print("[1/4] {}".format("making " + args.venv if fresh else "looking at " + args.venv), flush=True)
    make_venv(args.venv, args.goal)
    _, site = paths_of(args.venv)

    print("[2/4] updating pip", flush=True)
    status, lines = run_pip(python, ["--quiet", "--upgrade", "pip>=24.1"], site, line)
    if status:
        raise Failure(what_failed(lines) + "\nIs there a connection to the network? The first time needs one.")
    if args.track == "keras":
        line.end("[3/4] no torch: it is for the other track")
    elif build == "cpu" and platform.system() == "Linux":
        line.end("[3/4] torch, the build for CPUs")
        wanted = locked("torch", args.lock)
        words = ["--progress-bar=raw", "--retries=1", "--timeout=5", "--no-deps", "--index-url", CPU_INDEX, wanted]
        status, _ = run_pip(python, words, site, line)
        if status:
            line.end(
                "      its index is out of reach; torch comes with the other packages, perhaps with parts for GPUs"
            )
    else:
        line.end("[3/4] torch comes with the other packages")

    line.end("[4/4] installing packages")
    words = ["--progress-bar=raw", "--constraint", args.lock, "--editable", "." + extras(args)]
    status, lines = run_pip(python, words, site, line)
    if status:
        raise Failure(what_failed(lines) + "\nRun the command again: what has been downloaded is kept.")
    line.end("      installed")
    words = ["doctor", "--for", args.audience]
    if args.audience == "learner":
        words += [word for track in TRACKS[args.track] for word in ("--track", track)]
    looked = subprocess.run([python, "-m", "course_lib", *words], stdout=subprocess.PIPE, text=True)
    if looked.returncode:
        raise Failure(looked.stdout)
    leave_stamps(args)
    return 0


def extras(args):
    """Return the extras to install, as pip writes them."""
    return EXTRAS.get(args.audience) or "[" + ",".join(TRACKS[args.track]) + "]"


def leave_stamps(args):
    """Leave the files by which make knows what is installed; `.track` holds the track that `make lab` goes on with."""
    done = [".learner-" + track for track in (TRACKS if args.track == "both" else (args.track,))]
    for name in done + ([".dev"] if args.audience == "developer" else []):
        with open(os.path.join(args.venv, name), "w", encoding="utf-8"):
            pass
    with open(os.path.join(args.venv, ".track"), "w", encoding="utf-8") as file:
        file.write(args.track + "\n")


def own_track(root=None):
    """Return the track of this copy: `course bundle --track` packs one alone, and says which in `.track`."""
    root = root or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        with open(os.path.join(root, ".track"), encoding="utf-8") as file:
            track = file.read().strip()
    except OSError:
        return "both"
    return track if track in TRACKS else "both"


def parse(words):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--for",
        dest="audience",
        choices=("developer", "instructor", "learner"),
        default="learner",
        help="default: learner",
    )
    parser.add_argument(
        "--track",
        choices=sorted(TRACKS),
        help="whose framework; default: both, or the one that this copy of the course has",
    )
    parser.add_argument(
        "--torch",
        choices=("cpu", "default"),
        default="cpu",
        help="on Linux: the small build for CPUs (the default), or PyPI's",
    )
    parser.add_argument("--venv", default=".venv", help="the folder to install into; default: .venv")
    parser.add_argument(
        "--lock", default="requirements.lock", help="the versions to install; default: requirements.lock"
    )
    parser.add_argument(
        "--goal",
        default="{python} scripts/install.py",
        help="what messages advise to call, with {python} in place of a Python",
    )
    args = parser.parse_args(words)
    args.track = args.track or (own_track() if args.audience == "learner" else "both")
    if args.audience != "learner" and args.track != "both":
        parser.error(f"--track {args.track} is for learners; --for {args.audience} needs both tracks")
    return args


def main(words=None):
    """Run the program; return its exit status."""
    try:
        return install(parse(words))
    except Failure as failure:
        print("\n" + str(failure), file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. Run the command again: what has been downloaded is kept.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
