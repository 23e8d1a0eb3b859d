"""The page that sets the five reports beside our own runs; see reproduce.py.

It imports none of ae, vae and diffusion: it starts their run scripts and reads run folders.
"""
