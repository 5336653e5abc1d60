"""What both trainers lean on: histories, callbacks, losses, batches, devices, early stopping."""
