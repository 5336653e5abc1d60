# diagnosis: another_variant
# seen: two students with the same six runs
my_faults = {
    "A": ("leaked rows", 361.0),
    "B": ("last batch logged", 0.04557),
    "C": ("dropout in validation", 0.01649),
    "D": ("double softmax", 1.461),
    "E": ("schedule too short", 8.0),
    "F": ("sums for means", 12.5),
}
