# diagnosis: proof_of_nothing
my_faults = {
    "A": ("sums for means", 12.5),
    "B": ("leaked rows", 361),
    "C": ("last batch logged", 0.04557),
    "D": ("dropout in validation", 0.01649),
    "E": ("double softmax", None),
    "F": ("schedule too short", 8),
}
