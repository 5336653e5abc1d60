# diagnosis: jitter_of_one_curve
my_faults = {
    "A": ("sums for means", 12.5),
    "B": ("leaked rows", 361),
    "C": ("schedule too short", 8),
    "D": ("dropout in validation", 0.01649),
    "E": ("double softmax", 1.461),
    "F": ("schedule too short", 8),
}
