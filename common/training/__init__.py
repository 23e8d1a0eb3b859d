"""The training loop and what belongs to a run: settings, folder, checkpoint, average."""
