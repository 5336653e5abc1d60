"""What runs inside the sandbox: the warden that forks kernels, and the observer of a check."""
