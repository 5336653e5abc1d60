# seen: dict(...) and min_delta left out where it is 0
matches = dict(
    A=dict(patience=1),
    B=dict(patience=3, min_delta=0.05),
    C=dict(patience=4),
    D=dict(patience=2, min_delta=0.05),
)
