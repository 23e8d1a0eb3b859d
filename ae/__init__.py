"""Module 1: the autoencoder."""
