"""What the three modules share. Import it before Paddle: it sets the CPU up for speed."""

from common import cpu, terminal

cpu.prepare()
terminal.prepare()
