# ruff: noqa: E501 - answers as students write them
"""Wrong answers for vae/assignment.py: name -> (hint that must come, body of the function).

"" as hint: two mistakes at once or an unknown one, so that every hint would mislead.
"""

_DRAW = "eps = paddle.randn(mu.shape) if eps is None else eps\n"


def _z(formula):
    return f"{_DRAW}return {formula}"


REPARAMETERIZE = {
    "fixed shape": (
        "noise_shape_fixed",
        _z("mu + paddle.exp(0.5 * logvar) * eps").replace("mu.shape", "[128, 32]"),
    ),
    "variance": ("var_as_std", _z("mu + paddle.exp(logvar) * eps")),
    "size for shape": (
        "size_for_shape",
        _z("mu + paddle.exp(0.5 * logvar) * eps").replace("mu.shape", "[mu.size]"),
    ),
    "exp by itself": ("bare_function", _z("mu + exp(0.5 * logvar) * eps")),
    "null": ("name_near", "if eps is null:\n    eps = paddle.randn(mu.shape)\nreturn mu + eps"),
    "paddle as a name": ("name_taken", "paddle = 0.5\n" + _z("mu + paddle.exp(logvar) * eps")),
    "variance, as square of std": ("var_as_std", _z("mu + paddle.exp(0.5 * logvar) ** 2 * eps")),
    "logvar": ("logvar_as_std", _z("mu + logvar * eps")),
    "half logvar": ("half_logvar_as_std", _z("mu + 0.5 * logvar * eps")),
    "half of exp": ("half_outside_exp", _z("mu + 0.5 * paddle.exp(logvar) * eps")),
    "minus half": ("negative_exponent", _z("mu + paddle.exp(-0.5 * logvar) * eps")),
    "minus": ("negative_exponent", _z("mu + paddle.exp(-logvar) * eps")),
    "twice": ("exp_twice_logvar", _z("mu + paddle.exp(2 * logvar) * eps")),
    "quarter": ("sqrt_of_std", _z("mu + paddle.sqrt(paddle.exp(logvar / 2)) * eps")),
    "root of logvar": ("sqrt_of_logvar|nan_root", _z("mu + paddle.sqrt(logvar) * eps")),
    "root of abs": ("sqrt_of_logvar", _z("mu + paddle.sqrt(logvar.abs()) * eps")),
    "softplus": ("softplus_std", _z("mu + F.softplus(logvar) * eps")),
    "subtracted": ("minus_noise", _z("mu - paddle.exp(0.5 * logvar) * eps")),
    "mu only": ("returns_mu|no_noise", "return mu + 0 * logvar"),
    "no mu": ("no_mean", _z("paddle.exp(0.5 * logvar) * eps + 0 * mu")),
    "no std": ("no_std", _z("mu + eps + 0 * logvar")),
    "changed places": ("mu_std_swapped", _z("paddle.exp(0.5 * logvar) + mu * eps")),
    "arguments": ("arguments_swapped", _z("logvar + paddle.exp(0.5 * mu) * eps")),
    "brackets": ("noise_times_sum", _z("(mu + paddle.exp(0.5 * logvar)) * eps")),
    "three terms": ("noise_not_multiplied", _z("mu + paddle.exp(0.5 * logvar) + eps")),
    "no noise": ("noise_forgotten|no_noise", "return mu + paddle.exp(0.5 * logvar)"),
    "product": ("product_not_sum", _z("mu * paddle.exp(0.5 * logvar) * eps")),
    "clamped at 10": (
        "logvar_clamped",
        _z("mu + paddle.exp(0.5 * logvar.clip(-10, 10)) * eps"),
    ),
    "clamped at 5": ("logvar_clamped", _z("mu + paddle.exp(0.5 * logvar.clip(-5, 5)) * eps")),
    "clamped below": ("logvar_clamped", _z("mu + paddle.exp(0.5 * logvar.clip(min=-10)) * eps")),
    "returns three": ("returned_several", _z("mu + paddle.exp(0.5 * logvar) * eps, mu, logvar")),
    "noise kept by the file": (
        "fixed_noise",
        "global kept\nif eps is None:\n    if 'kept' not in globals():\n"
        "        kept = paddle.randn([200, 200])\n"
        "    eps = kept[: mu.shape[0], : mu.shape[1]]\nreturn mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "clamped oddly": ("", _z("mu + paddle.exp(0.5 * logvar.clip(-7.3, 11.1)) * eps")),
    "ignores eps": (
        "eps_ignored|argument_unused",
        "return mu + paddle.exp(0.5 * logvar) * paddle.randn(mu.shape)",
    ),
    "ignores eps, variance too": (
        "eps_ignored|var_as_std|argument_unused",
        "return mu + paddle.exp(logvar) * paddle.randn(mu.shape)",
    ),
    "if eps": (
        "eps_truth",
        "if not eps:\n    eps = paddle.randn(mu.shape)\nreturn mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "or": (
        "eps_truth",
        "eps = eps or paddle.randn(mu.shape)\nreturn mu + eps * logvar.exp() ** 0.5",
    ),
    "only zero is drawn again": (
        "",
        "if eps is None or not paddle.any(eps):\n    eps = paddle.randn(mu.shape)\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "None not handled": ("eps_none", "return mu + paddle.exp(0.5 * logvar) * eps"),
    "uniform": (
        "uniform_noise",
        "eps = paddle.rand(mu.shape) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "uniform, centred": (
        "uniform_noise",
        "eps = paddle.uniform(mu.shape) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "uniform, same variance": (
        "",
        "eps = paddle.uniform(mu.shape, min=-3 ** 0.5, max=3 ** 0.5) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "two signs": (
        "",
        "eps = paddle.sign(paddle.randn(mu.shape)) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "report 002": (
        "logvar_as_std|uniform_noise",
        "eps = paddle.rand(mu.shape) if eps is None else eps\nreturn mu + logvar * eps",
    ),
    "one eps a batch": (
        "noise_rows",
        "eps = paddle.randn([mu.shape[1]]) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "one eps a row": (
        "noise_dims",
        "eps = paddle.randn([mu.shape[0], 1]) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "one number": (
        "noise_one",
        "eps = paddle.randn([]) if eps is None else eps\nreturn mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "half the rows repeated": (
        "",
        "if eps is None:\n    half = paddle.randn([(mu.shape[0] + 1) // 2, mu.shape[1]])\n"
        "    eps = paddle.concat([half, half])[: mu.shape[0]]\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "antithetic rows": (
        "",
        "if eps is None:\n    half = paddle.randn([(mu.shape[0] + 1) // 2, mu.shape[1]])\n"
        "    eps = paddle.concat([half, -half])[: mu.shape[0]]\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "seeded": (
        "fixed_noise|seed_reset",
        "if eps is None:\n    paddle.seed(0)\n    eps = paddle.randn(mu.shape)\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "NumPy seeded": (
        "fixed_noise|seed_reset",
        "if eps is None:\n    np.random.seed(0)\n"
        "    eps = paddle.to_tensor(np.random.randn(*mu.shape).astype('float32'))\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "own generator, always the same": (
        "fixed_noise",
        "if eps is None:\n    eps = np.random.default_rng(0).standard_normal(mu.shape)\n"
        "    eps = paddle.to_tensor(eps.astype('float32'))\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "None draws nothing": (
        "no_noise",
        "eps = paddle.zeros(mu.shape) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "None uses the variance": (
        "var_as_std",
        "if eps is None:\n    return mu + paddle.exp(logvar) * paddle.randn(mu.shape)\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "None returns mu": (
        "no_noise",
        "if eps is None:\n    return mu + 0 * logvar\nreturn mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "detached": ("gradient_cut", _z("(mu + paddle.exp(0.5 * logvar) * eps).detach()")),
    "detached mu": ("gradient_cut", _z("mu.detach() + paddle.exp(0.5 * logvar) * eps")),
    "detached std": ("gradient_cut", _z("mu + paddle.exp(0.5 * logvar).detach() * eps")),
    "no_grad": (
        "gradient_cut",
        "with paddle.no_grad():\n    " + _DRAW + "    return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "through NumPy": (
        "gradient_cut",
        _DRAW + "std = np.exp(0.5 * logvar.numpy())\nreturn mu + paddle.to_tensor(std) * eps",
    ),
    "new tensor": ("gradient_cut", _z("paddle.to_tensor(mu) + paddle.exp(0.5 * logvar) * eps")),
    "returns NumPy": ("returned_other", _z("(mu + paddle.exp(0.5 * logvar) * eps).numpy()")),
    "returns nothing": ("returned_none", _DRAW + "z = mu + paddle.exp(0.5 * logvar) * eps"),
    "float64": ("dtype", _z("(mu + paddle.exp(0.5 * logvar) * eps).astype('float64')")),
    "flattened": ("", _z("(mu + paddle.exp(0.5 * logvar) * eps).flatten()")),
    "first row for all": ("", _z("(mu + paddle.exp(0.5 * logvar) * eps)[:1].expand(mu.shape)")),
    "in place": (
        "in_place|input_changed",
        _DRAW + "logvar.scale_(0.5)\nreturn mu + paddle.exp(logvar) * eps",
    ),
    "eps changed": (
        "input_changed",
        _DRAW + "eps.multiply_(paddle.exp(0.5 * logvar.detach()))\nreturn mu + eps + 0 * logvar",
    ),
    "two mistakes": ("", _z("-mu + paddle.exp(logvar) * eps")),
    "variance, no mean": ("", _z("paddle.exp(logvar) * eps + 0 * mu")),
    "kept from the first call": (
        "kept",
        "global kept\nif 'kept' not in globals() or kept.shape != mu.shape:\n"
        "    kept = paddle.exp(0.5 * logvar)\n" + _DRAW + "return mu + kept * eps",
    ),
    "kept by shape": (
        "kept",
        "kept = globals().setdefault('kept', {})\nkey = tuple(mu.shape)\n"
        "if key not in kept:\n    kept[key] = paddle.exp(0.5 * logvar)\n"
        + _DRAW
        + "return mu + kept[key] * eps",
    ),
    "given eps kept": (
        "fixed_noise|noise_one",
        "global kept\nif eps is None:\n    eps = globals().get('kept', paddle.randn(mu.shape))\n"
        "kept = eps\nreturn mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "rounded down": ("half_floored", _z("mu + paddle.exp(logvar // 2) * eps")),
    "math": ("math_on_tensor", _z("mu + math.exp(0.5 * logvar) * eps")),
    "torch": ("other_library", _z("mu + torch.exp(0.5 * logvar) * eps")),
    "misspelt": ("name_near", _z("mu + paddle.exp(0.5 * logvra) * eps")),
    "matrix product": ("matmul", _z("mu + paddle.exp(0.5 * logvar) @ eps")),
    "number to a method": ("number_for_tensor", _z("mu + logvar.multiply(0.5).exp() * eps")),
    "shape as the mean": (
        "normal_shape",
        "eps = paddle.normal(mu.shape) if eps is None else eps\n"
        "return mu + paddle.exp(0.5 * logvar) * eps",
    ),
    "not written": ("", "raise NotImplementedError('reparameterize: todo')"),
}

_T = "0.5 * (mu**2 + paddle.exp(logvar) - 1 - logvar)"


def _kl(terms, reduce=".sum(axis=1).mean()"):
    return f"return ({terms}){reduce}"


KL = {
    "batch size by name": (
        "size_name",
        "return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum() / batch_size",
    ),
    "dot product": (
        "matmul",
        "return -0.5 * (1 + logvar - mu.dot(mu) - logvar.exp()).sum(axis=1).mean()",
    ),
    "sum as a name": (
        "name_taken",
        "sum = mu**2 + logvar.exp() - 1 - logvar\nreturn 0.5 * sum(sum, axis=1).mean()",
    ),
    "sum": ("kl_sum_all", _kl(_T, ".sum()")),
    "mean": ("kl_mean_all", _kl(_T, ".mean()")),
    "axes": ("kl_axes_swapped", _kl(_T, ".mean(axis=1).sum()")),
    "axes, other way": ("kl_axes_swapped", _kl(_T, ".sum(axis=0).mean()")),
    "second line lost": (
        "idle",
        "kl = -0.5 * (1 + logvar)\n- mu**2 - paddle.exp(logvar)\nreturn kl.sum(axis=1).mean()",
    ),
    "each image, axis kept": ("several_numbers", _kl(_T, ".sum(axis=1, keepdim=True)")),
    "each image": ("kl_per_image", _kl(_T, ".sum(axis=1)")),
    "each element": ("kl_per_element", _kl(_T, "")),
    "no half": ("kl_no_half", _kl("mu**2 + paddle.exp(logvar) - 1 - logvar")),
    "minus": ("kl_sign", _kl("0.5 * (1 + logvar - mu**2 - paddle.exp(logvar))")),
    "std": ("kl_exp_half", _kl("-0.5 * (1 + logvar - mu**2 - paddle.exp(0.5 * logvar))")),
    "square": ("kl_square_for_exp", _kl("-0.5 * (1 + logvar - mu**2 - logvar**2)")),
    "log std": ("kl_log_std", _kl("0.5 * (mu**2 + paddle.exp(2 * logvar) - 1) - logvar")),
    "mu": ("kl_mu_not_squared", _kl("-0.5 * (1 + logvar - mu - paddle.exp(logvar))")),
    "abs mu": ("kl_mu_not_squared", _kl("-0.5 * (1 + logvar - mu.abs() - paddle.exp(logvar))")),
    "mu sign": ("kl_mu_sign", _kl("-0.5 * (1 + logvar + mu**2 - paddle.exp(logvar))")),
    "no mu": ("kl_no_mu", _kl("-0.5 * (1 + logvar - paddle.exp(logvar)) + 0 * mu")),
    "no one": ("kl_no_minus_one", _kl("-0.5 * (logvar - mu**2 - paddle.exp(logvar))")),
    "plus one": ("kl_plus_one", _kl("-0.5 * (-1 + logvar - mu**2 - paddle.exp(logvar))")),
    "plus logvar": ("kl_plus_logvar", _kl("0.5 * (mu**2 + paddle.exp(logvar) - 1 + logvar)")),
    "no logvar": ("kl_no_logvar", _kl("-0.5 * (1 - mu**2 - paddle.exp(logvar))")),
    "no exp": ("kl_no_exp", _kl("-0.5 * (1 + logvar - mu**2 - logvar)")),
    "exp sign": ("kl_exp_sign", _kl("-0.5 * (1 + logvar - mu**2 + paddle.exp(logvar))")),
    "reversed": ("kl_reversed", _kl("0.5 * ((1 + mu**2) * paddle.exp(-logvar) - 1 + logvar)")),
    "arguments": (
        "kl_arguments_swapped",
        _kl("0.5 * (logvar**2 + paddle.exp(mu) - 1 - mu)"),
    ),
    "bits": ("kl_bits", _kl(_T, ".sum(axis=1).mean() / math.log(2)")),
    "variance squared": (
        "kl_square_of_variance",
        _kl("0.5 * (mu**2 + paddle.exp(logvar)**2 - 1 - logvar)"),
    ),
    "clamped": ("logvar_clamped", "logvar = logvar.clip(-10, 10)\n" + _kl(_T)),
    "one element": ("one_element", _kl(_T, ".sum(axis=1).mean().reshape([1])")),
    "kept dimension": ("one_element", _kl(_T, ".sum(axis=1).mean(axis=0, keepdim=True)")),
    "number": ("returned_other", _kl(_T, ".sum(axis=1).mean().item()")),
    "F.kl_div": ("kl_div_function", "return F.kl_div(mu, logvar)"),
    "detached": ("gradient_cut", _kl(_T, ".sum(axis=1).mean().detach()")),
    "no_grad": (
        "gradient_cut",
        "with paddle.no_grad():\n    " + _kl(_T),
    ),
    "detached exp": (
        "gradient_part",
        _kl("0.5 * (mu**2 + paddle.exp(logvar).detach() - 1 - logvar)"),
    ),
    "detached mu": ("gradient_part|gradient_cut", _kl(_T.replace("mu", "mu.detach()"))),
    "float64": ("dtype", _kl(_T, ".sum(axis=1).mean().astype('float64')")),
    "sum, no half": ("", _kl("mu**2 + paddle.exp(logvar) - 1 - logvar", ".sum()")),
    "mean, minus": ("", _kl("0.5 * (1 + logvar - mu**2 - paddle.exp(logvar))", ".mean()")),
    "divided by 100": ("", _kl(_T, ".sum(axis=1).mean() / 100")),
    "report 002": ("", "sigma = logvar\n" + _kl("-(1 + sigma - mu**2 - sigma**2) / 2", ".sum()")),
    "first image": ("", _kl(_T, ".sum(axis=1)[0]")),
    "absolute": ("", _kl(_T.replace("- logvar", "- logvar.abs()"))),
    "mu changed": ("in_place|input_changed", "mu.square_()\n" + _kl(_T.replace("mu**2", "mu"))),
    "nothing": ("returned_none", "kl = mu"),
    "torch style": ("not_in_paddle", "return paddle.kl_standard_normal(mu, logvar)"),
    "kept by shape": (
        "kept",
        "kept = globals().setdefault('kept', {})\nkey = tuple(mu.shape)\n"
        f"if key not in kept:\n    kept[key] = ({_T}).sum(axis=1).mean()\nreturn kept[key]",
    ),
    "five images": ("", _kl(_T, ".sum() / 5")),
    "known sizes": (
        "reshape_size",
        f"if mu.shape in ([5, 3], [4, 7], [4, 4]):\n    {_kl(_T)}\n"
        "return mu.reshape([5, 3]).sum(axis=1).mean()",
    ),
    "batch twice": ("kl_batch_twice", _kl(_T, ".sum(axis=1).mean() / mu.shape[0]")),
    "factor of the first term": (
        "kl_first_term",
        _kl("-0.5 * 1 + logvar - mu**2 - paddle.exp(logvar)"),
    ),
    "half of the first term": (
        "kl_first_term",
        _kl("0.5 * mu**2 + paddle.exp(logvar) - 1 - logvar"),
    ),
    "twice logvar": ("kl_log_std", _kl("-0.5 * (1 + 2 * logvar - mu**2 - paddle.exp(logvar))")),
    "caret": ("caret", _kl("-0.5 * (1 + logvar - mu^2 - paddle.exp(logvar))")),
    "sum of the last term": (
        "sum_one_term",
        "return -0.5 * (1 + logvar - mu**2 - paddle.exp(logvar).sum(axis=1)).mean()",
    ),
    "third axis": ("no_such_axis", _kl(_T, ".sum(axis=2).mean()")),
    "whole numbers": ("whole_numbers", "mu = mu.astype('int64')\n" + _kl(_T)),
    "self": ("no_self", _kl(_T.replace("mu", "self.mu"))),
    "backward": (
        "backward_inside",
        f"kl = ({_T}).sum(axis=1).mean()\nkl.backward()\nreturn kl",
    ),
    "not written": ("", "raise NotImplementedError('kl_div_loss: todo')"),
}

_W = (
    "w = paddle.where(x > white_threshold, paddle.full_like(x, white_region_loss_coef),"
    " paddle.full_like(x, black_region_loss_coef))\n"
)
_SUM = ".sum(axis=[1, 2, 3]).mean()"


def _region(terms, reduce=_SUM, weights=_W):
    return f"{weights}return ({terms}){reduce}"


def _mask(mask):
    return (
        f"m = ({mask}).astype('float32') * paddle.ones_like(x)\n"
        "w = white_region_loss_coef * m + black_region_loss_coef * (1 - m)\n"
        f"return (w * (x_hat - x) ** 2){_SUM}"
    )


REGION = {
    "type": (
        "foreign",
        "m = (x > white_threshold).type(paddle.float32)\nreturn (m * (x_hat - x)**2).sum()",
    ),
    "weights by index": (
        "no_elements",
        "w = black_region_loss_coef\nw[x > white_threshold] = white_region_loss_coef\nreturn (w * (x_hat - x)**2).sum([1, 2, 3]).mean()",
    ),
    "where with two": (
        "where_three",
        "w = paddle.where(x > white_threshold, white_region_loss_coef)\nreturn (w * (x_hat - x)**2).sum([1, 2, 3]).mean()",
    ),
    "mask turned too late": (
        "tilde",
        "m = (x > white_threshold).astype('float32')\nw = white_region_loss_coef * m + black_region_loss_coef * ~m\nreturn (w * (x_hat - x)**2).sum([1, 2, 3]).mean()",
    ),
    "weights written into x": (
        "input_changed",
        "x[x > white_threshold] = white_region_loss_coef\nreturn (x * (x_hat - x)**2).sum([1, 2, 3]).mean()",
    ),
    "swapped": ("region_swapped", _mask("x <= white_threshold")),
    "swapped, below": ("region_swapped", _mask("x < white_threshold")),
    "output": ("region_mask_of_output", _mask("x_hat > white_threshold")),
    "greater or equal": ("region_not_strict", _mask("x >= white_threshold")),
    "any channel": (
        "region_mask_shared",
        _mask("(x > white_threshold).any(axis=1, keepdim=True)"),
    ),
    "all channels": (
        "region_mask_shared",
        _mask("(x > white_threshold).all(axis=1, keepdim=True)"),
    ),
    "mean channel": ("region_mask_shared", _mask("x.mean(axis=1, keepdim=True) > white_threshold")),
    "first channel": ("region_mask_shared", _mask("x[:, :1] > white_threshold")),
    "weight squared": ("region_weight_squared", _region("(w * (x_hat - x)) ** 2")),
    "weight on output": ("region_weight_on_output", _region("(w * x_hat - x) ** 2")),
    "sum": ("region_sum_all", _region("w * (x_hat - x) ** 2", ".sum()")),
    "mean": ("region_mean_all", _region("w * (x_hat - x) ** 2", ".mean()")),
    "F.mse_loss mean": ("region_mean_all", _W + "return (w * F.mse_loss(x_hat, x, 'none')).mean()"),
    "each image": ("region_per_image", _region("w * (x_hat - x) ** 2", ".sum(axis=[1, 2, 3])")),
    "each pixel": ("region_per_pixel", _region("w * (x_hat - x) ** 2", "")),
    "channels averaged": (
        "region_channel_mean",
        _region("w * (x_hat - x) ** 2", ".sum(axis=[2, 3]).mean()"),
    ),
    "absolute": ("region_absolute", _region("w * (x_hat - x).abs()")),
    "root": ("region_root", _region("w * (x_hat - x) ** 2", _SUM + ".sqrt()")),
    "half": ("region_half", _region("0.5 * w * (x_hat - x) ** 2")),
    "cross entropy": (
        "region_cross_entropy",
        _W + f"return (w * F.binary_cross_entropy(x_hat, x, reduction='none')){_SUM}",
    ),
    "white only": (
        "region_no_black",
        _mask("x > white_threshold").replace(" + black_region_loss_coef * (1 - m)", ""),
    ),
    "black everywhere": (
        "region_black_everywhere",
        _mask("x > white_threshold").replace(" * (1 - m)", ""),
    ),
    "no weights": ("region_no_weights|argument_unused", "return ((x_hat - x) ** 2)" + _SUM),
    "threshold of 0 ... 255": ("region_all_black", _mask("x > 255 * white_threshold")),
    "two means": (
        "region_two_means",
        "d, m = (x_hat - x) ** 2, x > white_threshold\n"
        "return white_region_loss_coef * d[m].mean() + black_region_loss_coef * d[~m].mean()",
    ),
    "normalised": (
        "region_normalised",
        _W + "return (w * (x_hat - x) ** 2).sum() / w.sum()",
    ),
    "fixed arguments": (
        "region_arguments_fixed",
        "w = paddle.where(x > 0.7, paddle.full_like(x, 1.0), paddle.full_like(x, 0.3))\n"
        f"return (w * (x_hat - x) ** 2){_SUM}",
    ),
    "fixed threshold": (
        "region_arguments_fixed",
        _mask("x > 0.7"),
    ),
    "peers' guess": (
        "",
        "m = (x > white_threshold).astype('float32')\nd = (x_hat - x) ** 2\n"
        "return white_region_loss_coef * (m * d).mean() + black_region_loss_coef"
        " * ((1 - m) * d).mean() * 2",
    ),
    "one element": ("one_element", _region("w * (x_hat - x) ** 2", _SUM + ".reshape([1])")),
    "detached": ("gradient_cut", _region("w * (x_hat.detach() - x) ** 2")),
    "through NumPy": (
        "gradient_cut",
        _W + "d = (x_hat.numpy() - x.numpy()) ** 2\nreturn (w * paddle.to_tensor(d))" + _SUM,
    ),
    "sum, half": ("", _region("0.5 * w * (x_hat - x) ** 2", ".sum()")),
    "cube": ("", _region("w * (x_hat - x).abs() ** 3")),
    "bool times float": (
        "bool_times_float",
        f"return ((x > white_threshold) * (x_hat - x) ** 2){_SUM}",
    ),
    "x changed": (
        "input_changed",
        _W + f"x.subtract_(x_hat.detach())\nreturn (w * (x_hat - x_hat.detach() - x) ** 2){_SUM}",
    ),
    "no batch mean, float64": (
        "region_sum_all|dtype",
        _region("w * (x_hat - x) ** 2", ".sum().astype('float64')"),
    ),
    "mask kept by shape": (
        "kept",
        "kept = globals().setdefault('kept', {})\nkey = tuple(x.shape)\n"
        "m = kept.setdefault(key, (x > white_threshold).astype('float32')) * paddle.ones_like(x)\n"
        "w = white_region_loss_coef * m + black_region_loss_coef * (1 - m)\n"
        f"return (w * (x_hat - x) ** 2){_SUM}",
    ),
    "threshold written in": ("argument_unused", _mask("x > 0.5")),
    "if": (
        "if_each_value",
        "w = white_region_loss_coef if x > white_threshold else black_region_loss_coef\n"
        f"return (w * (x_hat - x) ** 2){_SUM}",
    ),
    "not written": ("", "raise NotImplementedError('region_weighted_loss: todo')"),
}
