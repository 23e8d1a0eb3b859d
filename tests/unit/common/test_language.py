"""What scripts say in Chinese: the choice, the tables beside the source, and what a user sees."""

import errno
import importlib
import inspect
import json
import os
import re
from argparse import ArgumentParser
from fnmatch import fnmatch

import pytest

from common import cli, doctor, language, plotting
from tests.conftest import ROOT
from tests.grading import make_handout
from tests.unit.common.messages import Source

MODULES = ("ae", "vae", "diffusion")
SCRIPTS = [*ROOT.glob("*.py"), *(path for m in MODULES for path in ROOT.glob(f"{m}/*.py"))]
SOURCES = [
    *(*SCRIPTS, *ROOT.glob("common/**/*.py")),
    *(*ROOT.glob("tests/grading/[!c]*.py"), ROOT / "tests/grading/gradescope/build.py"),
]
OTHERS = {"diagnosis.py", "guide_pictures.py", "explorer.py"}  # own Chinese; not run by a person
RUN = [p for p in SCRIPTS if "    cli(main)" in p.read_text("utf-8") and p.name not in OTHERS]
ALIKE = {"FID", "SNR", "alpha_bar", "t-SNE 1", "t-SNE 2", "nats"}  # in both languages
ALIKE |= {"[results/report]", "[dist/handout]", "{} [mnist]"}


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setenv("GENMODELS_LANG", "zh")


@pytest.fixture(scope="module")
def sources():
    return [Source(path) for path in SOURCES if path.name not in OTHERS]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"GENMODELS_LANG": "zh"}, "zh"),
        ({"GENMODELS_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"GENMODELS_LANG": "fr"}, "en"),
    ],
)
def test_language(monkeypatch, variables, expected):
    """GENMODELS_LANG first, then the locale; English for every other language."""
    for name in ("GENMODELS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(language.locale, "getlocale", lambda: (None, None))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language.language() == expected


def is_given(path):
    """Whether students have a file, so that its Chinese has to be in the table they have."""
    name = path.relative_to(ROOT).as_posix()
    return not any(fnmatch(name, pattern) for pattern in make_handout.LEFT_OUT)


def demo_texts():
    """What stands on the demo's page, beside numbers and commands."""
    texts = json.loads((ROOT / "common/templates/demo.json").read_text("utf-8"))
    page = (ROOT / "common/templates/demo.html").read_text("utf-8")
    found = {text for _, *words in texts["numbers"].values() for text in words}
    for part in texts["parts"]:
        found |= {part["title"], part["text"], *part["figures"].values(), *part["more"].values()}
    return found | set(re.findall(r'{{ "([^"]+)"', page))


def test_every_message_has_its_chinese(sources):
    known = language.tables()[0].keys() | ALIKE
    given = json.loads((language.TABLES / "zh.json").read_text("utf-8")).keys() | ALIKE
    missing = [
        (source.path.name, text)
        for source in sources
        for text in sorted(source.said() - (given if is_given(source.path) else known))
    ]
    assert missing == []
    assert demo_texts() <= known


def test_no_entry_is_stale(sources):
    """An entry is a text of the source, of argparse, or of the system."""
    written = set().union(*(source.literals() for source in sources))
    written |= Source(inspect.getsourcefile(ArgumentParser)).literals()
    written |= {os.strerror(number) for number in errno.errorcode}
    written |= demo_texts()
    assert sorted(language.tables()[0].keys() - written) == []


@pytest.mark.parametrize("file", sorted(language.TABLES.glob("*zh.json")), ids=lambda p: p.name)
def test_a_table_says_nothing_twice_and_uses_every_value(file):
    pairs = json.loads(file.read_text("utf-8"), object_pairs_hook=list)
    assert len(dict(pairs)) == len(pairs)
    for english, translated in pairs:
        count, used = english.count("{}"), re.findall(r"\{(\d*)\}", translated)
        numbered = sorted(set(used)) == [str(i) for i in range(count)]
        assert used == [""] * count or (numbered and len(used) == count), english
        assert not count or len(re.sub(r"[^A-Za-z]|\{\}", "", english)) > 2, english


def test_a_sentence_is_recognised_whatever_its_values(chinese):
    """Filled in with values as they occur, every sentence finds its own entry and no other's."""
    for template, translated in language.tables()[1]:
        count = template.count("{}")
        for values in (list("abcdef"), ["7", "1e-05", "-1", "nan", "3", "0.5"], ["/a b/c.d"] * 6):
            sentence = template.format(*values[:count])
            assert language.translate(sentence) == translated.format(*values[:count])


def test_values_of_several_words_are_translated_too(chinese):
    why, hint = "lr must be a finite number, not 'x'", "draw or measure the run again"
    text = language.translate(f"run/config.json is damaged ({why}); {hint}")
    assert text == "run/config.json 已损坏（lr 须为有限的数，不能是 'x'）；请重新作图或测量"
    assert language.translate("a text of nobody") == "a text of nobody"
    many = language.translate(
        "cannot read 2 of 9 images: a.png (1 x 2 pixels are too few), b c.png "
        "(Permission denied). Replace or remove them"
    )
    assert (
        many
        == "9 张图像中有 2 张无法读取：a.png (1 x 2 像素太小), b c.png (权限不足)。请替换或删除它们"
    )


@pytest.mark.parametrize("path", [*RUN, ROOT / "common/doctor.py"], ids=str)
def test_help_is_chinese_and_fits_a_terminal(path, chinese, monkeypatch, capsys):
    """In 80 columns, of which a Chinese character takes two; no English sentence is left."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)).main(["-h"])
    lines = [line for line in capsys.readouterr().out.splitlines() if "python " not in line]
    assert len(lines) > 3 and max(map(cli.columns, lines)) <= 80
    assert not re.findall(r"(?:[a-z]+ ){3}", "\n".join(lines))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--datset", "digits"], "错误：没有参数 --datset；是不是 --dataset？"),
        (["--dataset", "nosuch"], "错误：没有数据集“nosuch”"),
        (["--epochs", "x"], "错误：--epochs 须为整数，不能是 'x'（见 --help）"),
        (["--epochs", "0"], "错误：--epochs 不能小于 1，现在是 0"),
        (["--network", "x"], "错误：--network 须为 cvae, conv, mlp 之一，不能是 'x'"),
    ],
)
def test_errors_are_chinese(arguments, words, capfd, chinese):
    from vae import run

    assert cli.status(run.main, arguments) == 2
    assert words in capfd.readouterr().err


def test_a_short_run_speaks_chinese(tmp_path, script):
    out, environment = tmp_path / "训练", {**os.environ, "GENMODELS_LANG": "zh"}
    flags = "--dataset digits --latent-dim 4 --image-size 8 --channels 1 --epochs 1".split()
    result = script("ae/run.py", *flags, "--max-train", 64, "--out", out, env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith(f"完成：{out}\n") and "epoch 1/1  train_loss" in result.stdout
    again = script("ae/run.py", *flags, "--out", out, env=environment)
    assert again.returncode == 2 and "不是空的；--resume 继续其中的训练" in again.stderr


def test_words_in_figures_are_chinese_where_a_font_has_them(chinese, monkeypatch):
    both = ["DejaVu Sans", "Noto Sans CJK SC"], set(map(ord, "Reconstruction error重建误差?"))
    monkeypatch.setattr(plotting, "_fonts", lambda: both)
    assert plotting._text("Reconstruction error") == "重建误差"
    monkeypatch.setattr(plotting, "_fonts", lambda: (both[0][:1], both[1]))
    assert plotting._text("Reconstruction error") == "Reconstruction error"


def test_doctor_is_chinese(chinese, capsys):
    doctor.show(doctor.examine())
    said = capsys.readouterr().out
    assert not re.findall(r"^(?!Python|Paddle)[A-Za-z]+ {2,}", said, re.M)
    assert "CPU 数：" in said and "中文字体：" in said
