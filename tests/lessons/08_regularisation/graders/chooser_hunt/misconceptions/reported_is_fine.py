# diagnosis: chooser_thought_harmless
# seen: `val_loss` is what every tutorial monitors
misleading = ["D", "E"]
