# diagnosis: not_smoothed
def smooth(values, beta):
    return list(values)
