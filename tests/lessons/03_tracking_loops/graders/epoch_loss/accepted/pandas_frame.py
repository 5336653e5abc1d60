import pandas as pd
def epoch_loss(batch_losses, batch_sizes):
    df = pd.DataFrame({"l": batch_losses, "n": batch_sizes})
    return (df.l * df.n).sum() / df.n.sum()
