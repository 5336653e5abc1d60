import statistics


def centred_mean(values, window):
    steps, means = [], []
    for end in range(window, len(values) + 1):
        part = [float(v) for v in values[end - window : end]]
        steps.append(statistics.mean(range(end - window + 1, end + 1)))
        means.append(statistics.fmean(part))
    return (steps, means)
