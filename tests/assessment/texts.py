"""What the student reads, in English and Chinese: reasons, titles of checks, hints by failure."""

import locale
import os
import re

from tests.assessment.hints import HINTS

LANGUAGES = ("en", "zh")

REASONS = {
    "no_value": ("no value came back for “{what}”", "“{what}”没有返回值"),
    "not_numbers": ("the answer does not hold numbers", "返回的不是数"),
    "shape": ("expected shape {want}, got {got}", "应为形状 {want}，得到 {got}"),
    "dtype": ("expected {want}, got {got}", "应为 {want}，得到 {got}"),
    "not_finite": ("{count} values are NaN or infinite", "有 {count} 个值是 NaN 或无穷大"),
    "value": (
        "{what}{where}: expected {want}, got {got} ({wrong} of {total} values differ)",
        "{what}{where}：应为 {want}，得到 {got}（{total} 个值中有 {wrong} 个不同）",
    ),
    "value_hidden": (
        "{wrong} of {total} values differ from the expected ones",
        "{total} 个值中有 {wrong} 个与应有的不同",
    ),
    "gradient": ("the gradient differs, or does not arrive", "梯度不对，或没有传到"),
    "gradient_drawn": (
        "without eps the gradient differs, or does not arrive",
        "不给 eps 时梯度不对，或没有传到",
    ),
    "input_changed": ("an argument was changed in place", "参数被就地修改"),
    "state_kept": (
        "the answer differs after a call with another schedule",
        "用另一个噪声表调用过之后，结果不对",
    ),
    "eps_ignored": ("the same eps, two different answers", "同一个 eps，两次结果不同"),
    "not_repeated": ("the same arguments, two different answers", "相同参数，两次结果不同"),
    "repeated": ("two answers are equal that should differ", "两个结果本应不同却相同"),
    "range": ("expected other values, got {low} ... {high}", "数值范围不对：{low} … {high}"),
    "noise_shape": ("without eps the shape is not that of mu", "不给 eps 时形状与 mu 不同"),
    "noise_not_finite": ("without eps values are NaN or infinite", "不给 eps 时出现 NaN 或无穷大"),
    "noise_mean": ("without eps the mean of the draws is not mu", "不给 eps 时样本均值不是 mu"),
    "noise_std": (
        "without eps the draws have another variance than exp(logvar) says",
        "不给 eps 时样本方差与 logvar 不符",
    ),
    "noise_shape_of_distribution": (
        "without eps the draws are not normally distributed",
        "不给 eps 时样本不服从正态分布",
    ),
    "noise_repeats": ("two calls draw the same noise", "两次调用抽到相同的噪声"),
    "noise_shared": (
        "without eps the draws of rows or dimensions are not independent",
        "不给 eps 时各行或各维的样本不独立",
    ),
    "seed_reset": ("a global random seed is reset", "重置了全局随机种子"),
    "layers": (
        "the layers differ from the class docstring; missing: {missing}; not expected: {extra}",
        "层与类文档字符串不同；缺少：{missing}；多余：{extra}",
    ),
    "parts": (
        "encoder and decoder must be nn.Sequential",
        "encoder 和 decoder 必须是 nn.Sequential",
    ),
    "ae_code": ("expected the code [B, 32, 16, 16]", "编码形状应为 [B, 32, 16, 16]"),
    "ae_parameters": (
        "expected 7,475 trainable parameters, got {got}",
        "应有 7,475 个可训练参数，得到 {got}",
    ),
    "ae_frozen": ("{got} parameters are frozen", "有 {got} 个参数被冻结"),
    "ae_shared": ("two networks share {got} parameters tensors", "两个网络共用了 {got} 个参数张量"),
    "ae_range": (
        "expected values in [0, 1], got {low} ... {high}",
        "数值应在 [0, 1] 内，得到 {low} … {high}",
    ),
    "ae_rows": (
        "an image alone gives another result than in a batch",
        "单张图像与在批次中结果不同",
    ),
    "ae_not_repeated": ("the same input gives two different outputs", "相同输入得到两个不同输出"),
    "ae_statistics": (
        "the running statistics of a batch norm do not move in training mode",
        "训练模式下批归一化的滑动统计量没有更新",
    ),
    "skipped": ("not asked: first “{needed}” has to pass", "未检查：需先通过“{needed}”"),
    "line": ("line {line}", "第 {line} 行"),
    "exception": ("stopped with {type}: {message}{where}", "运行出错 {type}：{message}{where}"),
    "unfinished": ("not written yet: {message}", "尚未完成：{message}"),
    "bad_answer": ("{message}", "{message}"),
    "missing": ("the file or the function is missing", "缺少文件或函数"),
    "syntax": (
        "Python cannot read the file: {message}{where}",
        "无法读取文件：{message}{where}",
    ),
    "timeout": ("took too long and was stopped", "运行时间过长，已被停止"),
    "memory": ("used too much memory and was stopped", "占用内存过多，已被停止"),
    "crash": ("the program crashed {message}", "程序崩溃 {message}"),
    "output": ("the answer is far too large", "返回的数据过大"),
    "malformed": ("no readable answer came back", "没有得到可读的结果"),
}

TITLES = {
    "values": ("values", "数值"),
    "curve": ("the whole range, step by step", "整个取值范围"),
    "single": ("one image, one dimension, eps = 0", "单张图像、单个维度、eps = 0"),
    "form": ("shape, dtype, arguments unchanged", "形状、类型、参数不变"),
    "gradient": ("gradient", "梯度"),
    "noise": ("the noise that is drawn without eps", "不给 eps 时抽取的噪声"),
    "seeding": ("random seeds are left alone", "不改动随机种子"),
    "range": ("large and small values", "很大和很小的值"),
    "AutoEncoder/range": ("output in [0, 1]", "输出在 [0, 1] 内"),
    "zero": ("zero, and a batch of one", "零值与单张图像"),
    "coefficients": ("other threshold and coefficients", "其他阈值与系数"),
    "threshold": ("values equal to the threshold", "等于阈值的值"),
    "one_region": ("all black, all white, one image", "全黑、全白、单张图像"),
    "state": ("two objects with different schedules", "两个不同噪声表的对象"),
    "square": ("batch size equal to image width", "批大小等于图像宽度"),
    "scalar": ("t without a dimension (0-D)", "t 为 0-D"),
    "ends": ("first and last step, a batch of one", "首末两步与单张图像"),
    "first_step": ("t = 0", "t = 0"),
    "shapes": ("t as 0-D, a batch of one", "t 为 0-D、单张图像"),
    "interface": ("encoder, decoder, shapes", "编码器、解码器与形状"),
    "layers": ("layers and parameters", "层与参数"),
    "rows": ("images do not affect one another", "图像之间互不影响"),
    "training": ("training mode", "训练模式"),
}

DESK = {
    "failed": (
        "{todo}: {bad} of {all} checks do not pass",
        "{todo}：{all} 项中有 {bad} 项未通过",
    ),
    "hint": ("Likely mistake: {hint}", "可能的错误：{hint}"),
    "unfinished": (
        "{todo} is not written yet. Write it in {file}, then run  pytest tests/todo -k {todo}",
        "{todo} 尚未完成。请在 {file} 中编写，然后运行  pytest tests/todo -k {todo}",
    ),
    "next": (
        "Next: change {file}, then run  pytest tests/todo -k {todo}",
        "下一步：修改 {file}，然后运行  pytest tests/todo -k {todo}",
    ),
    "skipped": ("not asked yet: {names}", "尚未检查：{names}"),
    "note": ("Note: {note}", "注意：{note}"),
}

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
    return REASONS[name][LANGUAGES.index(lang)].format_map(_Numbers(numbers))


class _Numbers(dict):
    """What a reason shows; "?" for what did not come."""

    def __missing__(self, _):
        return "?"


def hint(name, lang):
    """A hint in one language, "" for no hint."""
    return HINTS[name][LANGUAGES.index(lang)] if name else ""


def title(check_id, lang):
    """What a check asks, in a few words. check_id: "<todo>/<name>"."""
    pair = TITLES.get(check_id) or TITLES[check_id.rpartition("/")[2]]
    return pair[LANGUAGES.index(lang)]


def desk(name, lang, **numbers):
    """A line of the student's own report."""
    return DESK[name][LANGUAGES.index(lang)].format(**numbers)


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
