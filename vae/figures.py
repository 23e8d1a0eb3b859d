def draw(path): pass
