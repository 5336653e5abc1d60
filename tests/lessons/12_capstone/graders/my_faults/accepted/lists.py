names = "sums for means, leaked rows, last batch logged, dropout in validation, double softmax, schedule too short"
numbers = [12.5, 361.0, 0.0456, 0.0165, 1.46, 8.0]
my_faults = {letter: [name, number] for letter, name, number in zip("ABCDEF", names.split(", "), numbers)}
