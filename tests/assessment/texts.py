"""What the student reads, in English and Chinese: reasons, titles of checks, hints.

The texts stand in texts/*.json by id; here is what chooses among them.
"""

import json
import locale
import os
import re
from pathlib import Path

LANGUAGES = ("en", "zh")

FOLDER = Path(__file__).parent / "texts"


def read(*names):
    """The texts of these files in `texts/`, as one table: id -> {"en": text, "zh": text}."""
    table = {}
    for name in names:
        table |= json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return table


# A hint says what the answer looks like, why it is wrong and what to read, never the formula. It
# is shown only when the values leave no other known explanation.
HINTS = read("hints_ae", "hints_vae", "hints_diffusion", "hints_general")
REASONS = read("reasons")
TITLES = read("titles")
DESK = read("desk")

# What probes.py says about an answer, and the same in Chinese.
_ANSWERS_IN_CHINESE = (
    (
        r"(\w+) must return a paddle Tensor, it returned (\w+)",
        "{0} 应返回 paddle 张量，却返回了 {1}",
    ),
    (r"the file does not define (\w+)", "文件中没有定义 {0}"),
    (r"the file defines neither (\S+) nor a function \w+", "文件中没有定义 {0}"),
    (r"no layer found for: (.+)", "找不到这些层：{0}"),
)

# (exception type, pattern in its message, TODOs or None for all, hint id)
_DIFFUSION = ("add_noise", "remove_noise", "loss")
_FAILURE_HINTS = (
    ("AssertionError", r"used as the condition of if", ("reparameterize",), "eps_truth"),
    ("ValueError", r"used as the condition|truth value", ("reparameterize",), "eps_truth"),
    ("AssertionError", r"used as the condition of if", ("remove_noise",), "remove_if_batch"),
    ("ValueError", r"truth value|ambiguous", ("remove_noise",), "remove_if_batch"),
    ("TypeError", r"NoneType", ("reparameterize",), "eps_none"),
    ("TypeError", r"forward\(\) missing .* 't'", _DIFFUSION, "model_without_t"),
    ("TypeError", r"predict_noise: x must be .*int(64|32)", _DIFFUSION, "model_arguments_swapped"),
    ("TypeError", r"predict_noise: t must be whole", _DIFFUSION, "model_t_float"),
    ("ValueError", r"predict_noise: t must be \[B\]", _DIFFUSION, "model_t_shape"),
    ("IndexError", r"predict_noise: t must be 0", _DIFFUSION, "index_out_of_range"),
    ("IndexError", r"must be less than the size of input dim", _DIFFUSION, "index_out_of_range"),
    (
        "IndexError",
        r"in 0-th axis|\[0, 0\)|0-D|too many ind",
        _DIFFUSION,
        "t_zero_dim",
    ),
    ("AssertionError", r"only one element variable", _DIFFUSION[:2], "t_one_number"),
    ("ValueError", r"only one element tensors", _DIFFUSION[:2], "t_one_number"),
    ("TypeError", r"'Tensor' does not support ufuncs", None, "numpy_on_tensor"),
    ("ValueError", r"can't use inplace strategy", None, "in_place"),
    ("TypeError", r"0-dimensional arrays can be converted", None, "float_of_one_element"),
    ("TypeError", r"Type promotion only support.*bool", None, "bool_times_float"),
    ("TypeError", r"positional arguments? but|missing \d+ required positional", None, "signature"),
    ("AttributeError", r"module 'paddle[\w.]*' has no attribute", None, "not_in_paddle"),
)


def language():
    """ "en" or "zh": GENMODELS_LANG, else the locale of the system."""
    chosen = os.environ.get("GENMODELS_LANG", "").lower()[:2]
    if chosen in LANGUAGES:
        return chosen
    names = [os.environ.get(n, "") for n in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((n for n in names if n), locale.getlocale()[0] or "")
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def reason(name, lang, **numbers):
    """A reason in one language. Numbers that are kept secret come as empty strings."""
    if name == "value" and not numbers.get("want"):
        name = "value_hidden"
    return REASONS[name][lang].format_map(_Numbers(numbers))


class _Numbers(dict):
    """What a reason shows; "?" for what did not come."""

    def __missing__(self, _):
        return "?"


def hint(name, lang):
    """A hint in one language, "" for no hint."""
    return HINTS[name][lang] if name else ""


def title(check_id, lang):
    """What a check asks, in a few words. check_id: "<todo>/<name>"."""
    pair = TITLES.get(check_id) or TITLES[check_id.rpartition("/")[2]]
    return pair[lang]


def desk(name, lang, **numbers):
    """A line of the student's own report."""
    return DESK[name][lang].format(**numbers)


def failure_message(failure, lang):
    """The student's exception in one short line; of Paddle's long ones the part that matters."""
    for english, chinese in _ANSWERS_IN_CHINESE if lang == "zh" else ():
        found = re.fullmatch(english, failure.message)
        if failure.kind == "bad_answer" and found:
            return chinese.format(*found.groups())
    lines = [line.strip() for line in failure.message.splitlines()]
    useful = [la for la in lines if la and not la.startswith(("---", "[Hint", "C++", "Error Mess"))]
    text = " ".join(useful) if len(useful) < 3 else useful[0]
    return text[:240]


def hint_for_failure(todo, failure, probe):
    """The hint id that a failure's type and message point to without doubt, or ""."""
    if failure.kind == "bad_answer":
        return _bad_answer_hint(failure.message)
    if failure.kind == "crash" and todo in _DIFFUSION:
        return "crash"
    if failure.kind != "exception":
        return ""
    if todo in _DIFFUSION and _lies_along_width(failure.message, probe):
        return "table_not_reshaped"
    if todo in _DIFFUSION and _needs_a_dimension(failure.message, probe):
        return "t_zero_dim"
    for kind, pattern, todos, name in _FAILURE_HINTS:
        meant = failure.type == kind and (todos is None or todo in todos)
        if meant and re.search(pattern, failure.message, re.S):
            return name
    return ""


def _bad_answer_hint(message):
    if message.endswith("it returned None"):
        return "returned_none"
    several = message.endswith(("returned tuple", "returned list", "returned dict"))
    other = "returned_other" if "it returned " in message else ""
    return "returned_several" if several else other


# What Python and Paddle say when something is asked of a dimension that a 0-D tensor has not.
_NO_DIMENSION = re.compile(
    r"(list|tuple) index out of range|too many indices|out of bounds in tensor 0-th axis|"
    r"len\(\) of a 0-D|'int' object is not iterable|X's shape = \[\]|insert dimension value",
    re.I,
)


def _needs_a_dimension(message, probe):
    """Such a message from a probe in which every t is 0-D."""
    steps = [a for n, a in probe["arrays"].items() if n[0] == "t" and a.dtype.kind == "i"]
    return all(a.ndim == 0 for a in steps) and bool(_NO_DIMENSION.search(message))


def _lies_along_width(message, probe):
    """A broadcast of shape [B] against [B, C, H, W], with B that of one of the probe's calls."""
    found = re.search(r"shape of X = \[([\d, ]+)\] and the shape of Y = \[([\d, ]+)\]", message)
    if "Broadcast dimension mismatch" not in message or not found:
        return False
    shapes = sorted(([int(n) for n in s.split(",")] for s in found.groups()), key=len)
    batches = {a.shape[0] for n, a in probe["arrays"].items() if n[0] == "t" and a.ndim == 1}
    return (
        [len(s) for s in shapes] == [1, 4]
        and shapes[0] == shapes[1][:1]
        and (shapes[0][0] in batches)
    )
