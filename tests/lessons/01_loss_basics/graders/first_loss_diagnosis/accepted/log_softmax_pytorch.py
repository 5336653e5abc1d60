# track: pytorch
import torch


def first_loss_diagnosis(model, inputs, targets, n_classes):
    log_p = torch.log_softmax(model(inputs).detach(), dim=1)
    first_loss = -log_p[torch.arange(len(targets)), targets].mean()
    expected = torch.log(torch.tensor(float(n_classes)))
    return {"first_loss": first_loss, "expected": expected, "healthy": torch.isclose(first_loss, expected, rtol=0.2)}
