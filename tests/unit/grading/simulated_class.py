"""Classes made up for tests of the similarity report: honest variation, and copies in disguise.

Answers come from the banks of right and wrong ones (tests/grading/wrong_answers). Textbook forms
are frequent and odd ones rare; names, comments, temporary variables and layout follow each
student's habits. A copy gets other names, another order, other words in comments and the layout of
the one who copies.
"""

import ast
import copy
import io
import random
import re
import textwrap
import tokenize
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from tests.grading.wrong_answers.right import RIGHT
from tests.grading.wrong_answers.wrong import WRONG

TODOS = {
    "vae.py": ("reparameterize", "kl_div_loss", "region_weighted_loss"),
    "diffusion.py": ("add_noise", "remove_noise", "loss"),
    "ae.py": ("AutoEncoder",),
}
_NAMES = {  # what students call things; others get a name of the last list
    "eps": "eps epsilon noise e n eps_ z rand_noise",
    "std": "std sigma s sd stddev std_dev scale",
    "mu": "mu mu mu mean m",
    "logvar": "logvar logvar logvar log_var lv",
    "ab": "ab alpha_bar_t a_bar abar abt acp alpha_bar at_bar bar",
    "a": "a alpha_t at al alpha a_t",
    "b": "b beta_t bt be beta b_t",
    "s2": "s2 sigma2 var sigma_sq sig2 variance sigma_square_t",
    "w": "w weight weights wt mask_w coef W",
    "m": "m mask white is_white white_mask region sel",
    "d": "d diff error err se sq delta",
    "total": "total loss total_loss acc res summed L",
    "p": "p pred predicted noise_pred eps_hat out predicted_noise",
    "mean": "mean mu_t m avg mean_ mu_theta",
    "rows": "rows results outs samples imgs res",
    "xt": "xt xt xt x_t noisy x",
}
_FREE = "out result res y ret value v tmp t1 a1 ans r q u temp val h k2 x1 output final".split()
_TALK = {  # what comments are about -> words for it
    "noise": "draw sample generate get make create use|noise epsilon random gaussian normal values"
    "|fresh new standard independent|if none when missing otherwise given not passed",
    "std": "standard deviation sigma scale spread|from log variance logvar|half exp root take"
    "|compute convert turn get",
    "sum": "sum add average mean reduce collapse|over across along|batch dims pixels axis latent"
    "|then first finally",
    "weight": "weight mask select choose mark|white bright stroke|black dark background|"
    "pixels region"
    " places",
    "table": "look pick take get gather index|table schedule alpha coefficients|for each this the"
    "|image step timestep|reshape broadcast shape",
    "model": "predict ask network model call unet run|noise|at step with time",
    "result": "return result final formula equation answer|paper lecture slide eq from|"
    "see cf as in",
    "layers": "encoder decoder conv pooling half size|image channels|down up back",
}
_ODD = (  # words that few use
    "actually careful maybe hmm important remember trick weird dunno verify checked "
    "stable safe clamp"
    " shape tensor broadcasting float cast gradient backprop important note hint tutor forum prof"
    " derived algebra closed form integral nats bits jensen elbo prior posterior kingma welling ho"
    " langevin markov chain forward reverse why works tested debug works finally magic constant"
).split()
_CHINESE = (
    "采样噪声 标准差 对数方差 按批次求平均 先求和 再取均值 白色区域 黑色区域 权重 "
    "预测噪声 取出系数 "
    "调整形状 返回结果 公式 注意维度 如果没有给噪声 随机数 高斯分布 重参数化 损失函数"
).split()


@dataclass
class Habits:
    """How somebody writes."""

    tight: float  # share of operators without spaces
    comments: float  # comments a statement
    chinese: bool
    temporary: float  # how often a result gets a name first
    docstrings: bool
    end_comments: bool
    order: tuple


@dataclass
class Function:
    """statements: [text]; comments: {index: (topic, text)}."""

    todo: str
    head: str
    statements: list
    comments: dict = field(default_factory=dict)
    names: dict = field(default_factory=dict)
    mistakes: tuple = ()


@dataclass
class Student:
    """One who hands in."""

    habits: Habits
    functions: list
    extra: list

    def files(self):
        """file name -> text."""
        return {name: _file(self, name) for name in TODOS}

    def mistakes(self):
        """{(todo, hint)} of the wrong answers, as the marks would have it."""
        return {m for f in self.functions for m in f.mistakes}


def honest(number, seed):
    """A class in which nobody has copied: [Student]."""
    rng = random.Random(seed)
    bank = _bank()
    return [_student(bank, rng) for _ in range(number)]


def with_copies(number, pairs, seed, functions=7):
    """(class, [(i, j)]): the last of the class have copied from others, in disguise.

    functions: how many of the seven; the others are their own.
    """
    students = honest(number, seed)
    rng = random.Random(f"copies {seed}")
    originals = rng.sample(range(number - pairs), pairs)
    planted = []
    for place, original in zip(range(number - pairs, number), originals):
        own = students[place]
        students[place] = made = disguised(students[original], own.habits, rng)
        for i in rng.sample(range(7), 7 - functions):
            made.functions[i] = own.functions[i]
        planted.append((original, place))
    return students, planted


# --- the bank -----------------------------------------------------------------------------------


@cache
def _bank():
    """todo -> [(head, [statement], wrong hints)], the most usual ones first."""
    found = {}
    for wrong, bank in ((False, RIGHT), (True, WRONG)):
        for (todo, name), value in bank.items():
            piece = _definition(value[1] if wrong else value, todo)
            if piece:
                hints = ((todo, next(iter(sorted(value[0])), name)),) if wrong else ()
                found.setdefault((todo, wrong), []).append((*piece, hints))
    return found


def _definition(source, todo):
    """(head, statements) of one TODO in a file of the bank, or None for unusual files."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == todo:
            if node.decorator_list or (todo == "AutoEncoder" and len(tree.body) > 7):
                return None
            lines = source.splitlines()
            head = textwrap.dedent("\n".join(lines[node.lineno - 1 : node.body[0].lineno - 1]))
            texts = [_segment(lines, n) for n in node.body]
            return head, [t for t in texts if t]
    return None


def _segment(lines, node):
    return textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno]))


# --- students -----------------------------------------------------------------------------------


def _student(bank, rng):
    habits = Habits(
        tight=rng.choice((0, 0, 0, 0, 0.1, 0.3, 0.6, 0.9)),
        comments=rng.choice((0, 0.1, 0.2, 0.3, 0.5, 0.8)),
        chinese=rng.random() < 0.4,
        temporary=rng.choice((0, 0.2, 0.5, 0.9)),
        docstrings=rng.random() < 0.8,
        end_comments=rng.random() < 0.4,
        order=tuple(rng.sample(range(3), 3)) if rng.random() < 0.15 else (0, 1, 2),
    )
    wrong = rng.choice((0, 0.1, 0.2, 0.4))
    functions = [
        _answer(bank, todo, rng, habits, wrong) for names in TODOS.values() for todo in names
    ]
    extra = [line for line in _EXTRA if rng.random() < 0.12]
    return Student(habits, functions, extra)


_EXTRA = (
    "import math",
    "import numpy as np",
    "import random",
    "from paddle import nn",
    "paddle.set_default_dtype('float32')",
    "DEBUG = False",
    "T = 1000",
)


def _answer(bank, todo, rng, habits, wrong):
    options = bank[todo, rng.random() < wrong]
    head, statements, hints = options[min(int(rng.expovariate(1 / 4)), len(options) - 1)]
    made = Function(todo, head, list(statements), mistakes=hints)
    if todo == "AutoEncoder":
        made.statements = [_layers_by_habit(s, rng) for s in made.statements]
    elif rng.random() < habits.temporary:
        _name_result(made, rng)
    if rng.random() < 0.06:
        made.statements.insert(
            0, rng.choice(("print('here')", "assert eps is None or True", "pass"))
        )
    made.names = _choose_names(made, rng)
    made.comments = _comments(made, habits, rng)
    return made


def _layers_by_habit(text, rng):
    """Keywords or none, one layer a line or all in one: as people write networks."""
    if rng.random() < 0.5:
        text = text.replace(", 3, padding=1", ", kernel_size=3, stride=1, padding=1")
    if rng.random() < 0.5:
        text = text.replace(", 2, stride=2", ", kernel_size=2, stride=2")
    if rng.random() < 0.6:
        text = re.sub(r", (?=nn\.)", ",\n            ", text)
    if rng.random() < 0.3:
        text = text.replace("self.decoder(self.encoder(x))", "self.decoder(z)").replace(
            "        return self.decoder(z)",
            "        z = self.encoder(x)\n        return self.decoder(z)",
        )
    return text


def _name_result(made, rng):
    last = made.statements[-1]
    if last.startswith("return ") and "\n" not in last:
        made.statements[-1:] = [f"result_ = {last[7:]}", "return result_"]
        if rng.random() < 0.3 and " * eps" in last:
            made.statements[-2:-2] = ["noise_part = eps"]
            made.statements[-2] = made.statements[-2].replace("* eps", "* noise_part")


def _locals(made):
    """Names that the function binds and may be renamed."""
    text = made.head + "\n" + textwrap.indent("\n".join(made.statements), "    ")
    if made.todo == "AutoEncoder":
        return []
    found = {
        n.id
        for n in ast.walk(ast.parse(text))
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return sorted(found - {"kept"})


def _choose_names(made, rng, avoid=()):
    chosen, taken = {}, set(re.findall(r"\w+", " ".join([made.head, *made.statements])))
    for name in _locals(made):
        if name in re.findall(r"\w+", made.head):
            continue  # arguments keep the names of the handout
        pool = _NAMES.get(name, "").split() or _FREE
        pool = [n for n in pool + _FREE if n not in taken and n not in avoid][
            : 8 if not avoid else 14
        ]
        if pool and (avoid or rng.random() < 0.8):
            chosen[name] = pool[min(int(rng.expovariate(0.4)), len(pool) - 1)]
            taken.add(chosen[name])
    return chosen


def _comments(made, habits, rng):
    found = {}
    for index, text in enumerate(made.statements):
        if rng.random() < habits.comments:
            topic = _topic(made.todo, text)
            found[index] = topic, _phrase(topic, habits, rng)
    return found


def _topic(todo, text):
    rules = {
        "rand": "noise",
        "predict_noise": "model",
        "[t]": "table",
        "where": "weight",
        ">": "weight",
    }
    rules |= {"exp(": "std", "sum": "sum", "mean": "sum", "nn.": "layers"}
    return next((topic for sign, topic in rules.items() if sign in text), "result")


def _phrase(topic, habits, rng):
    if habits.chinese:
        return "".join(rng.sample(_CHINESE, rng.choice((1, 1, 2))))
    words = [rng.choice(part.split()) for part in _TALK[topic].split("|") if rng.random() < 0.8]
    words += [rng.choice(_ODD)] if rng.random() < 0.35 else []
    return " ".join(words) or "ok"


# --- copies -----------------------------------------------------------------------------------


def disguised(original, habits, rng):
    """Somebody else's answers: every local renamed, comments in other words, another order."""
    made = copy.deepcopy(original)
    made.habits = copy.copy(habits)
    made.habits.comments = original.habits.comments
    for function in made.functions:
        function.names = _choose_names(function, rng, avoid=set(function.names.values()))
        for index, (topic, _) in list(function.comments.items()):
            function.comments[index] = topic, _phrase(topic, habits, rng)
            if rng.random() < 0.2:
                del function.comments[index]
        _reorder(function, rng)
    made.habits.order = tuple(rng.sample(range(3), 3))
    rng.shuffle(made.extra)
    return made


def _reorder(function, rng):
    """Swap neighbours that do not need one another; sums the other way round."""
    for i in range(len(function.statements) - 1):
        one, two = function.statements[i : i + 2]
        if all(re.fullmatch(r"\w+ = [^\n]+", s) for s in (one, two)) and rng.random() < 0.7:
            a, b = (s.split(" = ")[0] for s in (one, two))
            if not re.search(rf"\b{a}\b", two) and not re.search(rf"\b{b}\b", one):
                function.statements[i : i + 2] = [two, one]
    last = function.statements[-1]
    swapped = re.fullmatch(r"return (mu|ab\.sqrt\(\) \* x0|mean) \+ ([^+\n]+)", last)
    if swapped and rng.random() < 0.7:
        function.statements[-1] = f"return {swapped[2]} + {swapped[1]}"


# --- text -----------------------------------------------------------------------------------------


def _file(student, name):
    functions = [f for f in student.functions if f.todo in TODOS[name]]
    order = [i for i in student.habits.order if i < len(functions)]
    body = [_function(functions[i], student.habits) for i in order]
    if name == "diffusion.py":
        body = [_HEAD_DDPM + textwrap.indent("\n".join(body), "    ")]
    head = [
        "import paddle",
        "import paddle.nn.functional as F",
        "from paddle import nn",
        *student.extra,
    ]
    return "\n".join(head) + "\n\n\n" + "\n\n".join(body)


_HEAD_DDPM = """class DDPM:
    def __init__(self, predict_noise, beta):
        self.predict_noise = predict_noise
        self.beta = beta
        self.alpha = 1 - beta
        self.alpha_bar = paddle.cumprod(self.alpha, dim=0)
        alpha_bar_prev = paddle.concat([paddle.ones([1], dtype=beta.dtype), self.alpha_bar[:-1]])
        self.sigma_square = beta * (1 - alpha_bar_prev) / (1 - self.alpha_bar)

"""


def _function(function, habits):
    lines = []
    for index, text in enumerate(function.statements):
        comment = f"# {function.comments[index][1]}" if index in function.comments else ""
        text = _renamed(text, function.names)
        text = _spaced(text, habits.tight, f"{index} {text}")
        if comment and habits.end_comments and "\n" not in text:
            lines.append(f"{text}  {comment}")
        else:
            lines += [comment, text] if comment else [text]
    return f"{function.head}\n{textwrap.indent(chr(10).join(lines), '    ')}\n"


def _renamed(text, names):
    """Local names changed; attributes, keywords and strings as they are."""
    if not names:
        return text
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    pieces, last, depth, end = [], "", 0, 0
    tokens = list(tokenize.generate_tokens(io.StringIO(text + "\n").readline))
    for token, following in pairwise(tokens):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        is_key = depth > 0 and following.string == "=" and last in "(,"
        if token.type == tokenize.NAME and token.string in names and last != "." and not is_key:
            start = starts[token.start[0] - 1] + token.start[1]
            pieces += [text[end:start], names[token.string]]
            end = start + len(token.string)
        if token.string.strip():
            last = token.string
    return "".join(pieces) + text[end:]


def _spaced(text, tight, seed):
    rng = random.Random(seed)
    return re.sub(
        r"(?<=[\w)\]]) (\*\*|[-+*/=<>]) (?=[\w(])",
        lambda m: m[1] if rng.random() < tight else m[0],
        text,
    )
