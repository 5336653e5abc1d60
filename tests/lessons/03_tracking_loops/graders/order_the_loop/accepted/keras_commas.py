# track: keras
order = "B, D, E, F, A, G, C"
