"""Build the student's copy of this tree: without TODO bodies, and nothing of the teacher's in it.

python handout.py --out dist/handout
"""

from common.cli import Parser, cli
from tests.grading import make_handout


def say(out, removed, left_out):
    """List what was removed from the copy in `out`, and what was left out of it."""
    print(f"{out}: removed")
    for block in removed:
        where = f"{block.file}:{block.begin}-{block.end}"
        print(f"  {where:36} {block.todo} ({block.end - block.begin - 1} lines)")
    print(f"left out: {len(left_out)} files of the teacher's")
    for name in sorted({n if "/" not in n else n.rpartition("/")[0] + "/" for n in left_out}):
        print(f"  {name}")


def main(argv):
    """Build the copy and list what is not in it."""
    parser = Parser("handout.py", __doc__)
    parser.add_argument("--out", default="dist/handout", metavar="DIR", help="[dist/handout]")
    parser.add_argument("--overwrite", action="store_true", help="replace a folder that is there")
    options = parser.parse_args(argv)
    say(options.out, *make_handout.write(options.out, options.overwrite))


if __name__ == "__main__":
    cli(main)
