# diagnosis: inputs_cut_to_whole_numbers
# seen: both arrays turned into whole numbers, so that their kinds agree
def mse(predictions, targets):
    p, t = predictions.ravel().astype(int), targets.ravel().astype(int)
    return float(((p - t) ** 2).mean())
