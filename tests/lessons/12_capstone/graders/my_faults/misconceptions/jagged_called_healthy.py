# diagnosis: jitter_overlooked
my_faults = {
    "A": ("sums for means", 12.5),
    "B": ("leaked rows", 361),
    "C": ("last batch logged", 0.04557),
    "D": ("healthy", None),
    "E": ("double softmax", 1.461),
    "F": ("schedule too short", 8),
}
