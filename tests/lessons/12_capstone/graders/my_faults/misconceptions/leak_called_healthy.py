# diagnosis: low_validation_trusted
my_faults = {
    "A": ("sums for means", 12.5),
    "B": ("healthy", None),
    "C": ("last batch logged", 0.04557),
    "D": ("dropout in validation", 0.01649),
    "E": ("double softmax", 1.461),
    "F": ("schedule too short", 8),
}
