# track: pytorch
import torch


def final_run(lab):
    best = None
    for config in lab.configs:
        nets = [lab.fit(config, seed) for seed in lab.seeds]
        losses = torch.tensor([lab.val_loss(net) for net in nets], dtype=torch.float64)
        if best is None or losses.mean() < best[1].mean():
            best = (config, losses, nets[0])
    config, losses, net = best
    rows = torch.as_tensor(lab.test_losses(net), dtype=torch.float64)
    counts = torch.bincount(torch.as_tensor(lab.train_y)).double()
    logp = (counts / counts.sum()).log()
    return {
        "baseline": -logp[torch.as_tensor(lab.val_y)].mean(),
        "chosen": config,
        "val_loss": losses.mean(),
        "val_error": losses.std() / len(losses) ** 0.5,
        "test_loss": rows.mean(),
        "test_error": rows.std() / len(rows) ** 0.5,
    }
