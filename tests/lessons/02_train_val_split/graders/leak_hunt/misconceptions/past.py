# diagnosis: past_accused
leaks = ["B", "C", "E", "F"]
