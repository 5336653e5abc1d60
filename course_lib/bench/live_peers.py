"""The plots and progress bars that are measured beside the course's own, each as code for a kernel's cells."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["PEERS", "installed"]

#: Each peer: the packages it needs, how to open it, how to be told of k points, and one update that shows.
PEERS: dict[str, tuple[tuple[str, ...], str, str, str, str]] = {
    "LivePlot": (
        (),
        "from course_lib.live.plot import LivePlot\nplot = LivePlot(every=1e9)\nplot.__enter__()\n"
        "plot._heard = True\nplot._update(time.perf_counter())",
        "for y in values: plot.batch(y)\nplot._update(time.perf_counter())",
        "plot.batch(0.5)\nplot._update(time.perf_counter())",
        "plot._view = None\nplot._end()",
    ),
    "Keras progress bar": (
        ("keras",),
        "import keras\nbar = keras.utils.Progbar(10**9, interval=0)",
        "bar._seen_so_far = len(values)",
        "bar.add(1, [('loss', 0.5)])",
        "print()",
    ),
    "clear and redraw": (
        ("matplotlib",),
        "import matplotlib.pyplot as plt\nfrom IPython.display import clear_output, display\n"
        "figure, axes = plt.subplots()\nxs, ys = [], []",
        "xs = list(range(len(values))); ys = list(values)",
        "xs.append(len(xs)); ys.append(0.5)\naxes.cla()\naxes.plot(xs, ys)\naxes.plot(xs, ys, '--')\n"
        "display(figure)\nclear_output(wait=True)",
        "plt.close(figure)",
    ),
    "fastprogress graph": (
        ("fastprogress",),
        "from fastprogress.fastprogress import NBMasterBar\nbar = NBMasterBar(range(3))\n"
        "bar.names = ['train', 'valid']\nnext(iter(bar))\nxs, ys = [], []",
        "xs = list(range(len(values))); ys = list(values)",
        "xs.append(len(xs)); ys.append(0.5)\nbar.update_graph([[xs, ys], [xs, ys]])",
        "import matplotlib.pyplot as plt; plt.close('all')",
    ),
    "livelossplot": (
        ("livelossplot",),
        "from livelossplot import PlotLosses\nplot = PlotLosses()",
        "for y in values: plot.update({'loss': y, 'val_loss': y})",
        "plot.update({'loss': 0.5, 'val_loss': 0.5})\nplot.send()",
        "import matplotlib.pyplot as plt; plt.close('all')",
    ),
}


def installed(packages: tuple[str, ...]) -> bool:
    """Whether all these packages are there."""
    try:
        return all(version(name) for name in packages)
    except PackageNotFoundError:
        return False
