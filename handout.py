"""Build the student's copy of this tree: without TODO bodies, and nothing of the teacher's in it.

python handout.py --out dist/handout
python handout.py --out dist/handout --lang zh    all in Chinese
"""

from collections import Counter
from pathlib import Path

from common.cli import Parser, cli
from common.language import say
from tests.grading import handout_language, make_handout


def show(out, removed, left_out):
    """Tell the teacher what is in the copy `out` no more, and how to look at it as a student."""
    say("Solutions removed:")
    for block in removed:
        where = f"{block.file}:{block.begin}-{block.end}"
        say(f"  {where:36} {block.todo} ({block.end - block.begin - 1} lines)")
    say(f"Left out, {len(left_out)} files:")
    missing = Counter(_topmost_missing(name, out) for name in left_out)
    for name, files in sorted(missing.items()):
        print(f"  {name}" + (f" ({files})" if name.endswith("/") else ""))
    say(f"The students' copy is {out}; in it, `python -m pytest tests/todo` asks for each TODO.")


def _topmost_missing(name, out):
    """What of a path the copy lacks: "tests/unit/" for "tests/unit/ae/test_ae.py"."""
    folders = [str(folder) for folder in reversed(Path(name).parents[:-1])]
    missing = (f"{folder}/" for folder in folders if not (out / folder).exists())
    return next(missing, name)


def main(argv):
    """Build the copy and list what is not in it."""
    parser = Parser("handout.py", __doc__)
    add = parser.add_argument
    add("--out", default="dist/handout", type=Path, metavar="DIR", help="[dist/handout]")
    add("--overwrite", action="store_true", help="replace a folder that is there")
    add("--lang", default="en", choices=handout_language.LANGUAGES, help="of the texts [en]")
    options = parser.parse_args(argv)
    show(options.out, *make_handout.write(options.out, options.overwrite, lang=options.lang))


if __name__ == "__main__":
    cli(main)
