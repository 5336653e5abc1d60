# diagnosis: shuffled_days_thought_harmless
leaks = ["B", "C"]
