"""Module 2: the (conditional) variational autoencoder."""
