"""What the three modules share. Import it before Paddle: it sets the CPU up for speed."""

from common import early  # noqa: F401 - from here on Ctrl-C is one line

# isort: split
from common import cli
from common.compute import environment

environment.prepare()
cli.prepare()
