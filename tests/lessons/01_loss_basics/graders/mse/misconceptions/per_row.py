# diagnosis: one_value_a_row


def mse(predictions, targets):
    return (predictions.ravel() - targets.ravel()) ** 2
