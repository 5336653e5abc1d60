# diagnosis: smoother_accused
# seen: an average always lags, which is no invention
misleading = ["A", "B", "C", "E"]
