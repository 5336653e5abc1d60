# diagnosis: started_at_first_value
# seen: a well-known answer on how to smooth like TensorBoard; also pandas' ewm(adjust=False)
def smooth(values, beta):
    shown = []
    for value in values:
        shown.append(beta * shown[-1] + (1 - beta) * value if shown else value)
    return shown
