# diagnosis: divided_by_n_minus_1
# track: pytorch
# seen: torch.var divides by n - 1 unless told otherwise
import torch


def baseline_losses(n_classes, targets):
    t = torch.tensor(targets, dtype=torch.float64)
    return {"cross_entropy": torch.log(torch.tensor(float(n_classes))), "mse": t.var()}
