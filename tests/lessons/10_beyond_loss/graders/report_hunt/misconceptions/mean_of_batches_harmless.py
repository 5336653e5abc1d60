# diagnosis: line_thought_harmless
misleading = ["A", "C"]
