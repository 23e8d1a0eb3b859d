"""The similarity page: copies in disguise are found, honest classes are left alone."""

import itertools
import json
import random

import pytest

from tests.grading import fingerprints, kept, similarity
from tests.unit.grading import simulated_class
from tests.unit.grading.marking_helpers import HONEST
from tests.unit.grading.measure_similarity import found, shown

RIGHT = """
import paddle
import paddle.nn.functional as F

def kl_div_loss(mu, logvar):
    # first the variance of q
    spread = paddle.exp(logvar)
    terms = mu * mu + spread - 1 - logvar
    return 0.5 * terms.sum(axis=1).mean()
"""
DISGUISED = """
import paddle.nn.functional as nnf
import paddle as pd

def kl_div_loss(m, lv):
    v = pd.exp( lv )   # take the exponential
    q = v + m*m - 1 - lv

    return q.sum(axis=1).mean()*0.5
"""


def shapes(text):
    code = fingerprints.read({"vae.py": text})
    return set(code.found["kl_div_loss", fingerprints.SHAPE])


def test_copies_are_found_and_nobody_else():
    """300 students, ten pairs renamed, reordered and commented anew."""
    students, planted = simulated_class.with_copies(300, 10, seed=7)
    got = shown(students)
    assert len(got & set(planted)) >= 9
    assert len(got - set(planted)) <= 3


def test_an_honest_class():
    assert len(shown(simulated_class.honest(300, seed=8))) <= 3


def test_a_disguise_is_one():
    """What is asked of the page would be easy if copies looked like copies."""
    students, planted = simulated_class.with_copies(60, 6, seed=1)
    for original, other in planted:
        one, two = (students[i].files() for i in (original, other))
        lines = [set("\n".join(files.values()).splitlines()) for files in (one, two)]
        given = set("\n".join(students[0].files().values()).splitlines())
        assert one != two and len(lines[0] & lines[1] - given) < 0.7 * len(lines[0] - given)


def test_shape_survives_names_order_and_layout():
    assert shapes(RIGHT) == shapes(DISGUISED)
    assert shapes(RIGHT) != shapes(RIGHT.replace("- 1 ", "- 2 "))


def test_kinds_of_features():
    code = fingerprints.read({"vae.py": RIGHT.replace("0.5 *", "0.5 * 1e-8 +")})
    places = {kind: code.found["kl_div_loss", kind] for kind in ("name", "comment", "literal")}
    assert places["name"]["spread"] == ("vae.py", 7)
    assert "variance" in places["comment"] and "1e-08" in places["literal"]


def test_one_file_with_everything():
    """It is each of the three files, and compared once."""
    code = fingerprints.read({"vae/assignment.py": RIGHT, "ae/assignment.py": RIGHT})
    assert len(code.files) == len(code.units["kl_div_loss"]) == 1


def test_handout_and_reference_are_taken_out():
    """Who hands in the reference shares nothing with others who do."""
    code = similarity.compared(HONEST)
    left = {f for (_, kind), fs in code.found.items() for f in fs}
    assert left == set()
    assert any(fingerprints.read(HONEST).found.values())


@pytest.mark.parametrize(
    "text",
    [
        "def kl_div_loss(:\n    pass  # broken",
        "-" * 15_000 + "1",
        "(" * 15_000,
        "f(" * 80 + ")" * 80,
        "x" + ".a" * 9_000,
        "1" + "+1" * 9_000,
        "'" * 19_999,
        "#" * 20_000,
        "\n" * 20_000,
        "a = " + " " * 19_000,
        "x = [" + "0.1," * 4_900 + "]",
    ],
)
def test_hostile_text(text):
    code = fingerprints.read({"vae.py": text})
    assert sum(map(len, code.found.values())) <= fingerprints.MAX_FEATURES


def write_class(out, students):
    """Kept code and reports of a class, as a run leaves them."""
    for number, student in enumerate(students):
        folder = out / f"s{number:03}"
        folder.mkdir(parents=True)
        (folder / "report.json").write_text('{"todos": {}}')
        path = out / kept.FOLDER / f"s{number:03}{kept.ENDING}"
        path.parent.mkdir(exist_ok=True)
        files = student if isinstance(student, dict) else student.files()
        path.write_text(json.dumps({"student": folder.name, "files": files}))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page(tmp_path, lang):
    students, planted = simulated_class.with_copies(80, 2, seed=3)
    write_class(tmp_path, students)
    pairs = similarity.write(tmp_path, lang)
    text = (tmp_path / similarity.PAGE).read_text(encoding="utf-8")
    assert {(p.one, p.two) for p in pairs} & set(planted)
    for pair in pairs:
        assert f"<h2>s{pair.one:03} — s{pair.two:03}</h2>" in text
    assert "<mark>" in text and "def " in text
    assert ("changes no mark" if lang == "en" else "不改变任何分数") in text
    assert "http" not in text  # offline


def test_the_page_is_harmless(tmp_path):
    """Code is text on it, whatever it says; a small class is not compared."""
    rng = random.Random(0)
    evil = "# <script>alert(1)</script> \u202e\x1b[31m\n" + RIGHT
    made = [{"vae.py": evil + f"# {rng.random()}"} for _ in range(2)]
    write_class(tmp_path / "few", made)
    assert similarity.write(tmp_path / "few") == []
    others = simulated_class.honest(60, seed=5)
    for files in made:
        files["vae.py"] = evil + "\ndef add_noise(x0, t, eps):\n    return '<b>' + 'odd' * 77\n"
    write_class(tmp_path / "many", made + others)
    assert (0, 1) in {(p.one, p.two) for p in similarity.write(tmp_path / "many")}
    text = (tmp_path / "many" / similarity.PAGE).read_text(encoding="utf-8")
    assert "<script" not in text and "<b>" not in text
    assert "\u202e" not in text and "\x1b" not in text


def test_order_of_the_class_does_not_matter():
    students, planted = simulated_class.with_copies(80, 3, seed=4)
    there = shown(students)
    back = {(79 - j, 79 - i) for i, j in shown(students[::-1])}
    assert there == back and len(there & set(planted)) >= 2


def test_a_group_with_one_source():
    """Four of 300 with the same code: (nearly) all their pairs, though each has three as near."""
    students = simulated_class.honest(300, seed=2)
    rng = random.Random(2)
    members = [10, 20, 30, 40]
    for i in members[1:]:
        students[i] = simulated_class.disguised(students[10], students[i].habits, rng)
    assert len(shown(students) & set(itertools.combinations(members, 2))) >= 5


def test_everybody_the_same():
    """Nothing is rare, so nobody stands out."""
    assert similarity.pairs(found(simulated_class.honest(1, seed=1) * 40)) == []
