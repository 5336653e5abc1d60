# diagnosis: plotted_from_the_first
# seen: plt.plot(np.convolve(x, w, "valid"))
import numpy as np


def centred_mean(values, window):
    means = np.array([np.mean(values[k : k + window]) for k in range(max(0, len(values) - window + 1))])
    return np.arange(1, len(means) + 1), means
