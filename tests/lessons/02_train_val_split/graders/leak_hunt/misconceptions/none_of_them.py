# diagnosis: scaling_thought_harmless
# seen: "none leaks"
leaks = []
