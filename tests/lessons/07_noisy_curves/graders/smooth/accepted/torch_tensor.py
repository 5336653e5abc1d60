# track: pytorch
import torch


def smooth(values, beta):
    data = torch.as_tensor(values, dtype=torch.float64).clone()
    average = torch.zeros((), dtype=torch.float64)
    n = 0
    for i in range(len(data)):
        if torch.isfinite(data[i]):
            n += 1
            average = beta * average + (1 - beta) * data[i]
            data[i] = average / (1 - beta**n)
    return data
