# diagnosis: log_thought_harmless
misleading = ["A", "E"]
