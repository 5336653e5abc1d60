# diagnosis: scaling_thought_harmless
leaks = ["C", "F"]
