# diagnosis: unknown_fault
my_faults = {
    "A": ("overfitting", 1),
    "B": ("overfitting", 1),
    "C": ("overfitting", 1),
    "D": ("overfitting", 1),
    "E": ("overfitting", 1),
    "F": ("overfitting", 1),
}
