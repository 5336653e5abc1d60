# diagnosis: selection_thought_harmless
leaks = ["B", "F"]
