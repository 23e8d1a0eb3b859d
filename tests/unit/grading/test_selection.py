"""Which file is meant as which of the three; nothing is left out without a word."""

import pytest

from tests.grading import handed_out, listing, selection
from tests.grading import submission as submissions
from tests.unit.grading.marking_helpers import HONEST
from tests.unit.grading.test_grade import unwritten
from tests.unit.grading.test_submission import make_folder, make_tar, make_zip, odd, take

AE, VAE, DDPM = (text.encode() for text in HONEST.values())
ALL = dict(zip(selection.FILES, (AE, VAE, DDPM)))
FLAT = dict(zip(("ae.py", "vae.py", "diffusion.py"), (AE, VAE, DDPM)))


def paths(found):
    """module -> the path of the file that is marked."""
    return {n.split("/")[0]: f.path for n, f in found.files.items() if f.text is not None}


def renamed(*names):
    return dict(zip(names, (AE, VAE, DDPM)))


OTHER_NAMES = {
    "browser": renamed(*(n.replace(".py", " (1).py") for n in ALL)),
    "canvas": renamed("ae-1.py", "vae-2.py", "diffusion-1.py"),
    "windows": renamed("ae - Copy.py", "Copy of vae.py", "diffusion - 副本.py"),
    "own name": renamed("ae/assignment_甲.py", "vae/hw.py", "diffusion/作业.py"),
    "text": renamed(*(n + ".txt" for n in ALL)),
    "upper": renamed("AE/Assignment.PY", "Vae.py", "DIFFUSION/assignment.py"),
    "numbers": renamed("1.py", "2.py", "3.py"),
    "words": renamed("2026_autoencoder.py", "张三_vae.py", "作业3ddpm.py"),
    "endings": renamed("ae.py ", "vae.py (2)", "diffusion.py.py"),
    "deep": renamed("a/b/c/ae/x.py", "a/b/c/vae (2).py", "a/b/c/d/third.py"),
}


@pytest.mark.parametrize("kind", OTHER_NAMES)
def test_other_names(tmp_path, kind):
    found = take(make_folder(tmp_path / "ada", OTHER_NAMES[kind].items()))
    expected = dict(zip(("ae", "vae", "diffusion"), OTHER_NAMES[kind]))
    assert paths(found) == expected
    known = (*ALL, *FLAT, *OTHER_NAMES["canvas"])
    for name in [n for n in expected.values() if n.casefold() not in known]:
        assert name in odd(found)


def test_one_file_with_everything(tmp_path):
    together = b"\n".join([AE, VAE, DDPM])
    found = take(make_folder(tmp_path / "ada", [("src/main.py", together), ("b.png", b"")]))
    assert set(paths(found).values()) == {"src/main.py"} and len(paths(found)) == 3
    assert "src/main.py" in odd(found)


@pytest.mark.parametrize("below", ["a/", "a/b/c/d/e/"])
@pytest.mark.parametrize("pack", [make_folder, make_zip, make_tar])
def test_any_depth(tmp_path, below, pack):
    beside = [(f"{below}figure{i}.png", b"x") for i in range(30)]
    name = {make_folder: "ada", make_zip: "ada.zip", make_tar: "ada.tar.gz"}[pack]
    found = take(pack(tmp_path / name, [*beside, *((below + n, d) for n, d in ALL.items())]))
    assert paths(found) == {n.split("/")[0]: below + n for n in ALL}
    assert not found.remarks()


def test_the_right_name_wins_and_the_other_is_named(tmp_path):
    files = {**ALL, "old/vae.py": VAE + b"# old\n", "vae/assignment (1).py": VAE + b"# x\n"}
    found = take(make_folder(tmp_path / "ada", files.items()))
    assert paths(found)["vae"] == "vae/assignment.py"
    assert "not used: old/vae.py, vae/assignment (1).py" in odd(found)


def test_what_a_repository_has_beside_it_is_no_news(tmp_path):
    junk = {".git/x": b"", "venv/lib/vae.py": VAE, "data/t.zip": b"x", "vae/models.py": b"x = 1\n"}
    junk |= {f"docs/{i}.md": b"" for i in range(60)} | {"tutorial.ipynb": b"{}", "vae/run.py": b""}
    junk |= {"py/pyvenv.cfg": b"", "py/vae.py": VAE, "__MACOSX/._vae.py": b"", "Thumbs.db": b""}
    found = take(make_folder(tmp_path / "ada", {**ALL, **junk}.items()))
    assert paths(found) == {n.split("/")[0]: n for n in ALL}
    assert not [r for r in found.remarks() if "tutorial" not in r.say("en")]


def test_unclear_is_not_guessed(tmp_path):
    """Two that define as much as one another; a third that defines less is not in question."""
    files = {"a.py": VAE, "b.py": VAE + b"# b\n", "c.py": b"def kl_div_loss(m, v): return 0\n"}
    found = take(make_folder(tmp_path / "ada", files.items()))
    problem = found.files["vae/assignment.py"].problem
    assert problem.key == "file_twice" and "a.py, b.py" in problem.say("en")
    del files["b.py"]
    found = take(make_folder(tmp_path / "eve", files.items()))
    assert paths(found) == {"vae": "a.py"}
    assert "not used: c.py" in odd(found)


def test_unwritten_files_give_way(tmp_path):
    """The handout as it was, with the work beside it."""
    files = {n: unwritten(d.decode()).encode() for n, d in ALL.items()}
    assert set(paths(take(make_folder(tmp_path / "bob", files.items()))).values()) == set(ALL)
    files["work.py"] = b"\n".join([AE, VAE])
    found = take(make_folder(tmp_path / "ada", files.items()))
    assert paths(found) == {
        "ae": "work.py",
        "vae": "work.py",
        "diffusion": "diffusion/assignment.py",
    }
    assert "vae/assignment.py (work.py)" in odd(found)


FOUND = ["作业.docx", "notes.txt", "report.pdf", "broken.ipynb", "x.pyc", "vae", "vae.py~", "作业"]
FOUND += ["vae.py.bak", "homework.zip.txt", "mail.eml", "hw.zip.crdownload"]


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_instead(tmp_path, name):
    found = take(make_folder(tmp_path / "ada", [(name, b"x"), ("README.md", b"")]))
    assert f"found: {name}; expected: ae/assignment.py" in odd(found)
    said = found.files["vae/assignment.py"].problem
    assert name in said.say("en") and name in said.say("zh")
    found = take(make_folder(tmp_path / "eve", [(name, b"x"), ("ae.py", AE), ("Makefile", b"")]))
    assert f"found: {name}; expected: vae/assignment.py" in odd(found)


def test_only_what_is_asked_for(tmp_path):
    """With --only, files of other TODOs are missed by nobody; but the choice is the same."""
    files = [("vae.py", VAE), ("n.txt", b""), ("a.py", AE), ("b.py", AE + b"# b")]
    (few,) = submissions.collect([make_folder(tmp_path / "a", files)])
    submissions.read(few, ["vae/assignment.py"])
    assert not few.remarks()
    assert few.files == take(tmp_path / "a").files


# --- files that were handed out -------------------------------------------------------------------

HANDED_OUT = {n: (handed_out.ROOT / n).read_bytes() for n in handed_out.sources()}
NOT_OURS = b"""def loss(self, x0, predict_noise):
    t = paddle.randint(0, self.steps, [x0.shape[0]])
    noise = paddle.randn(x0.shape)
    return ((noise - predict_noise(self.add_noise(x0, t, noise), t)) ** 2).mean()
"""


@pytest.mark.parametrize("rename", [str, lambda n: n.replace("/", "_"), lambda n: f"x/y/{n[-9:]}"])
@pytest.mark.parametrize(("pack", "ending"), [(make_folder, ""), (make_zip, ".zip")])
def test_no_file_of_ours_is_an_answer(tmp_path, rename, pack, ending):
    """Whatever it defines, and whatever it is called; nor is it named among what was found."""
    files = {n: d.replace(b"def loss_ratio(", b"def loss(") for n, d in HANDED_OUT.items() if d}
    members = list({rename(name): data for name, data in files.items()}.items())
    found = take(pack(tmp_path / f"ada{ending}", members))
    assert paths(found) == {}
    assert odd(found).startswith("nothing that can be marked was found")
    many = [(f"{i}/{name}", data) for i in range(2) for name, data in members]
    found = take(pack(tmp_path / f"eve{ending}", [*many, ("a/b/c/d/mine.py", AE + NOT_OURS)]))
    assert set(paths(found).values()) == {"a/b/c/d/mine.py"}  # found among hundreds


def test_what_a_student_writes_into_a_file_of_ours_counts(tmp_path):
    added = {"vae": ("vae/models.py", VAE), "diffusion": ("diffusion/instruments.py", NOT_OURS)}
    files = [(name, HANDED_OUT[name] + text) for name, text in added.values()]
    found = take(make_folder(tmp_path / "ada", files))
    assert paths(found) == {module: name for module, (name, _) in added.items()}


@pytest.mark.parametrize("name", ["demo.py", "models.py", "vae/models.py", "diffusion/run.py"])
def test_a_name_of_ours_alone_says_nothing(tmp_path, name):
    found = take(make_folder(tmp_path / "ada", [(name, b"\n".join([AE, VAE, DDPM]))]))
    assert name in paths(found).values()


# --- archives in it -------------------------------------------------------------------------------


def packed(tmp_path, members):
    return make_zip(tmp_path / "inner.zip", members).read_bytes()


def test_archives_in_archives(tmp_path):
    once = packed(tmp_path, ALL.items())
    twice = packed(tmp_path, [("once.zip", once)])
    thrice = packed(tmp_path, [("twice.zip", twice)])
    for data, below in ((once, "a.zip"), (twice, "a.zip/once.zip")):
        found = take(make_zip(tmp_path / "ada.zip", [("a.zip", data), ("x.txt", b"")]))
        assert paths(found) == {n.split("/")[0]: f"{below}/{n}" for n in ALL}
        assert below in odd(found)
    found = take(make_zip(tmp_path / "ada.zip", [("a.zip", thrice)]))
    assert paths(found) == {}
    assert "once.zip is packed too deep" in odd(found)


def test_archives_of_all_kinds_in_a_folder(tmp_path):
    (tmp_path / "ada" / "x").mkdir(parents=True)
    make_zip(tmp_path / "ada" / "x" / "1.zip", [("ae.py", AE)])
    make_tar(tmp_path / "ada" / "2.tgz", [("vae.py", VAE)])
    (tmp_path / "ada" / "3.rar").write_bytes(b"Rar!\x1a\x07\x01\0")
    found = take(tmp_path / "ada")
    assert paths(found) == {"ae": "x/1.zip/ae.py", "vae": "2.tgz/vae.py"}
    assert "3.rar is a RAR archive" in odd(found) and "as .zip" in odd(found)


def test_no_archive_is_opened_without_need(tmp_path):
    """A data set in an archive is nobody's business, but one beside the three files is named."""
    files = {**ALL, "homework_new.zip": b"not even an archive"}
    found = take(make_folder(tmp_path / "ada", files.items()))
    assert len(paths(found)) == 3
    assert odd(found) == "found, but not used: homework_new.zip"


def test_bounds(tmp_path, monkeypatch):
    """Numbers of archives and of bytes are bounded, and what was left out is named."""
    inner = packed(tmp_path, [("vae.py", VAE)])
    monkeypatch.setattr(listing, "MAX_NESTED", 2)
    found = take(make_zip(tmp_path / "ada.zip", [(f"{i}.zip", inner) for i in range(3)]))
    assert "2.zip is packed too deep, or one archive too many" in odd(found)
    monkeypatch.setattr(listing, "MAX_READ", len(VAE))
    found = take(make_zip(tmp_path / "eve.zip", [(f"{i}/vae.py", VAE) for i in range(3)]))
    assert found.files["vae/assignment.py"].text is None
