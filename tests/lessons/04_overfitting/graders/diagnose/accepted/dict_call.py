labels = dict(
    A="unfinished",
    B="overfit, accuracy holds",
    C="good",
    D="underfit",
    E="overfit, accuracy falls",
    F="good",
    G="overfit, accuracy holds",
    H="unfinished",
    I="oscillates",
    J="never learns",
    K="not a number",
    L="explodes",
)
