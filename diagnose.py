"""Does a run look right, and if not, which mistake is likely?

python diagnose.py results/vae/digits     a folder that run.py wrote, finished or not

The exit status is 1 if something is found. The same sentence ends every run; what it rests on is
kept in diagnosis.json of the folder.
"""

import common  # noqa: F401 - sets the CPU up, so it comes before Paddle

# isort: split
from common.cli import Parser, cli
from common.training import diagnosis
from common.training.run_folder import Run

LINES = 5  # of numbers that right runs do not have


def main(argv):
    """Print the verdict on a run; 1 if it looks wrong, else 0. Raises UserError."""
    parser = Parser("diagnose.py", __doc__)
    parser.add_argument("run", metavar="RUN", help="folder of a run")
    found = diagnosis.conclude(Run.open(parser.parse_args(argv).run))
    print(found["sentence"])
    lines = [diagnosis.compared(number, found["seeds"]) for number in found["outside"]]
    for line in lines[:LINES]:
        if line != found["sentence"]:
            print(line)
    return int(found["verdict"] == "wrong")


if __name__ == "__main__":
    cli(main)
