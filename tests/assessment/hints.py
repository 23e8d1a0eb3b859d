"""Hints by id, in English and Chinese: what the answer looks like, why it is wrong, what to read.

A hint is shown only when the values leave no other known explanation. It never holds the formula.
"""

from tests.assessment.hints_ae import AUTOENCODER
from tests.assessment.hints_diffusion import DDPM, LOSS
from tests.assessment.hints_vae import KL, REGION, REPARAMETERIZE

GENERAL = {
    "gradient_cut": (
        "The value may be right, but a gradient does not arrive, so nothing could be learnt. Look"
        " for detach, no_grad, numpy, float or new tensors made from old ones.",
        "数值也许正确，但梯度没有传到，什么也学不到。"
        "请查找 detach、no_grad、numpy、float 或由旧张量新建的张量。",
    ),
    "input_changed": (
        "An argument was changed in place. The caller still needs it: compute new tensors.",
        "参数被就地修改了。调用者还要用它：请计算出新的张量。",
    ),
    "in_place": (
        "A tensor that takes part in the gradient was changed in place; Paddle refuses that."
        " Compute a new tensor.",
        "就地修改了参与梯度的张量，Paddle 不允许。请计算出新的张量。",
    ),
    "dtype": (
        "The result is not float32. Numbers from NumPy are float64, comparisons are bool: something"
        " of the kind got into the computation.",
        "结果不是 float32。NumPy 的数是 float64，比较的结果是 bool：计算里混入了这类东西。",
    ),
    "one_element": (
        "The result has one element but also one dimension, [1]; a 0-D tensor is asked for. A mean"
        " over everything that is left has no dimension.",
        "结果只有一个元素，但形状是 [1]；要求 0-D 张量。",
    ),
    "returned_none": (
        "Nothing is returned. Does every way through the function end in a return?",
        "没有返回任何东西。函数的每条路径最后都有 return 吗？",
    ),
    "returned_other": (
        "A paddle Tensor is asked for. NumPy arrays and Python numbers carry no gradient.",
        "要求返回 paddle 张量。NumPy 数组和 Python 数不带梯度。",
    ),
    "returned_several": (
        "Several values are returned together; one Tensor is asked for, as the docstring says.",
        "返回了多个值；按文档字符串只要求一个张量。",
    ),
    "float_of_one_element": (
        "A tensor of shape [1] was turned into a Python number, which NumPy refuses. It should have"
        " no dimension.",
        "把形状为 [1] 的张量转成了 Python 数，NumPy 不允许。它不应有维度。",
    ),
    "numpy_on_tensor": (
        "A NumPy function was given a Paddle tensor. Paddle has functions of the same names that"
        " take tensors and carry the gradient.",
        "把 Paddle 张量传给了 NumPy 函数。Paddle 有同名函数，接受张量并传递梯度。",
    ),
    "bool_times_float": (
        "A comparison gives True and False; Paddle does not multiply them by floats. They have to"
        " become numbers first.",
        "比较的结果是真与假；Paddle 不能把它们与浮点数相乘，需要先转成数。",
    ),
    "signature": (
        "The function does not take the arguments that it is called with. Their number and order"
        " are fixed; their names are yours.",
        "函数接受的参数与调用不符。参数的个数与顺序是固定的，名字随你。",
    ),
    "not_in_paddle": (
        "Paddle has no function of that name; other libraries may. Look it up in Paddle's"
        " documentation.",
        "Paddle 没有这个名字的函数（别的库也许有）。请查 Paddle 的文档。",
    ),
}

HINTS = {**REPARAMETERIZE, **KL, **REGION, **DDPM, **LOSS, **AUTOENCODER, **GENERAL}
