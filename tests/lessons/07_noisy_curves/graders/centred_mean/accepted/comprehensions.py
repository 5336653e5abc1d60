def centred_mean(values, window):
    places = range(len(values) - window + 1)
    return [k + (window + 1) / 2 for k in places], [sum(values[k : k + window]) / window for k in places]
