# diagnosis: line_thought_harmless
misleading = ["C", "F"]
