"""Module 3: the denoising diffusion probabilistic model."""
