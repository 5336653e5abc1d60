# diagnosis: constant_factor_overlooked
my_faults = {
    "A": ("validation scaled differently", 0.27),
    "B": ("leaked rows", 361),
    "C": ("last batch logged", 0.04557),
    "D": ("dropout in validation", 0.01649),
    "E": ("double softmax", 1.461),
    "F": ("schedule too short", 8),
}
