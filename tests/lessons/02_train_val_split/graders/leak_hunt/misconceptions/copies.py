# diagnosis: augmentation_accused
leaks = ["B", "C", "D", "F"]
