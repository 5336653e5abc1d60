# track: pytorch
# diagnosis: sign_alone
# seen: Lion written by hand, without its momentum
import torch
from torch import nn


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, dict(lr=lr, weight_decay=0))
    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            for p in g["params"]:
                if p.grad is None: continue
                p.mul_(1-g["lr"]*g["weight_decay"]); p.sub_(g["lr"]*p.grad.sign())
def add_regularisation(inputs, hidden, classes, dropout, weight_decay, lr):
    model=nn.Sequential(nn.Linear(inputs,hidden),nn.ReLU(),nn.Dropout(dropout),nn.Linear(hidden,hidden),nn.ReLU(),nn.Dropout(dropout),nn.Linear(hidden,classes))
    lin=[m for m in model.modules() if isinstance(m,nn.Linear)]
    return model, Lion([{"params":[m.weight for m in lin],"weight_decay":weight_decay},{"params":[m.bias for m in lin]}],lr)
