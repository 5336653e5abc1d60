# diagnosis: no_bias_correction
# seen: the likeliest first draft
def smooth(values, beta):
    ema, shown = 0.0, []
    for value in values:
        ema = beta * ema + (1 - beta) * value
        shown.append(ema)
    return shown
