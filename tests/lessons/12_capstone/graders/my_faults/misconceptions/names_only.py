# diagnosis: no_dictionary
my_faults = ["sums for means", "leaked rows", "last batch logged", "dropout in validation", "double softmax", "schedule too short"]
