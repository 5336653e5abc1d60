# diagnosis: another_variant
# seen: an answer that was handed on
my_faults = {
    "A": ("validation scaled differently", 0.1616),
    "B": ("shuffled labels", 0.5071),
    "C": ("leaked rows", 130.0),
    "D": ("schedule too short", 7.0),
    "E": ("healthy", None),
    "F": ("dropout in validation", 0.004184),
}
