# diagnosis: chooser_thought_harmless
misleading = []
