# diagnosis: remembers_earlier_call
import math


def smooth(values, beta, state=[0.0, 0]):
    shown = []
    for value in values:
        if math.isfinite(value):
            state[1] += 1
            state[0] = beta * state[0] + (1 - beta) * value
            shown.append(state[0] / (1 - beta ** state[1]))
        else:
            shown.append(value)
    return shown
