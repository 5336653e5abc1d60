labels = dict(
    A="unfinished",
    B="overfit, accuracy holds",
    C="good",
    D="underfit",
    E="overfit, accuracy falls",
    F="good",
    G="overfit, accuracy holds",
    H="unfinished",
)
