# diagnosis: returned_no_dictionary
import numpy as np


def baseline_losses(n_classes, targets):
    return float(np.log(n_classes)), float(np.var(targets))
