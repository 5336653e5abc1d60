"""The web edition: static pages, made from the lessons' texts, the released notebooks and executed outputs."""
