# diagnosis: stratifying_accused
leaks = ["A", "B", "C", "F"]
