# diagnosis: errors_cut_to_whole_numbers
# seen: the errors turned into whole numbers, as one does with labels
def mse(predictions, targets):
    errors = (predictions.ravel() - targets.ravel()).astype(int)
    return float((errors**2).mean())
