# track: pytorch
order = "d, b, e, f, a, c, g"
