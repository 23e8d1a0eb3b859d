"""The autograder for Gradescope: `make gradescope` builds the zip to upload."""
