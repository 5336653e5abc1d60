# diagnosis: log_thought_harmless
misleading = ["D", "E"]
