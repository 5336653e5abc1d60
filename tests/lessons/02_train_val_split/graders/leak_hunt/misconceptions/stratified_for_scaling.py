# diagnosis: scaling_thought_harmless
leaks = ["A", "C", "F"]
