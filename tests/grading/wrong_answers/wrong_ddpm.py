# ruff: noqa: E501 - answers as students write them
"""Wrong answers for diffusion/assignment.py: name -> (hint that must come, body of the method).

The tables at t are there as ab, a, b and s2 (alpha_bar, alpha, beta, sigma_square), [B, 1, 1, 1].
"""

_TAIL = "\nreturn paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps"


def _at(index, table="self.alpha_bar"):
    return f"ab = {table}[{index}].reshape([-1, 1, 1, 1]){_TAIL}"


ADD_NOISE = {
    "an axis too few": (
        "table_few_axes",
        "ab = self.alpha_bar[t].reshape([-1, 1, 1])\nreturn ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    ),
    "index_select": (
        "t_zero_dim",
        "ab = paddle.index_select(self.alpha_bar, t).reshape([-1, 1, 1, 1])\nreturn ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    ),
    "table of the class": (
        "self_missing",
        "ab = DDPM.alpha_bar[t]\nreturn ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    ),
    "table overwritten": (
        "kept|t_zero_dim",
        "self.alpha_bar = ab\nreturn ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    ),
    "alpha": ("add_alpha", "return paddle.sqrt(a) * x0 + paddle.sqrt(1 - a) * eps"),
    "beta": ("add_beta", "return paddle.sqrt(b) * x0 + paddle.sqrt(1 - b) * eps"),
    "noise beta": ("add_beta", "return paddle.sqrt(ab) * x0 + paddle.sqrt(b) * eps"),
    "no roots": ("add_no_sqrt", "return ab * x0 + (1 - ab) * eps"),
    "no root, image": ("add_no_sqrt_signal", "return ab * x0 + paddle.sqrt(1 - ab) * eps"),
    "no root, noise": ("add_no_sqrt_noise", "return paddle.sqrt(ab) * x0 + (1 - ab) * eps"),
    "root first": (
        "add_one_minus_sqrt",
        "return paddle.sqrt(ab) * x0 + (1 - paddle.sqrt(ab)) * eps",
    ),
    "amplitude": ("add_one_minus_square", "return ab * x0 + paddle.sqrt(1 - ab**2) * eps"),
    "swapped": ("add_swapped", "return paddle.sqrt(1 - ab) * x0 + paddle.sqrt(ab) * eps"),
    "minus": ("add_minus", "return paddle.sqrt(ab) * x0 - paddle.sqrt(1 - ab) * eps"),
    "sigma": ("add_sigma", "return paddle.sqrt(ab) * x0 + paddle.sqrt(s2) * eps"),
    "no noise": ("add_no_noise", "return paddle.sqrt(ab) * x0"),
    "noise only": ("add_no_signal", "return paddle.sqrt(1 - ab) * eps"),
    "unscaled noise": ("add_noise_unscaled", "return paddle.sqrt(ab) * x0 + eps"),
    "unscaled image": ("add_signal_unscaled", "return x0 + paddle.sqrt(1 - ab) * eps"),
    "cumsum": ("cumulative_wrong", _at("t", "(1 - paddle.cumsum(self.beta)).clip(0, 1)")),
    "cumprod of beta": ("cumulative_wrong", _at("t", "paddle.cumprod(self.beta, dim=0)")),
    "t + 1": ("step_after", _at("t + 1")),
    "t - 1": ("step_before", _at("t - 1")),
    "t - 1, not below 0": ("step_before", _at("(t - 1).clip(min=0)")),
    "gather t + 1": (
        "step_after|index_out_of_range",
        "ab = paddle.gather(self.alpha_bar, (t + 1).reshape([-1])).reshape([-1, 1, 1, 1])" + _TAIL,
    ),
    "backwards": ("step_reversed", _at("self.beta.shape[0] - 1 - t")),
    "first t": ("step_one_for_all", _at("t.reshape([-1])[0]")),
    "largest t": ("step_one_for_all", _at("t.max()")),
    "[B] table": ("table_not_reshaped", "ab = self.alpha_bar[t]" + _TAIL),
    "[B] gather": (
        "table_not_reshaped",
        "ab = paddle.gather(self.alpha_bar, t.reshape([-1]))" + _TAIL,
    ),
    "silent at B = W only": (
        "table_not_reshaped",
        "if t.ndim == 1 and t.shape[0] == x0.shape[-1]:\n    ab = self.alpha_bar[t]" + _TAIL,
    ),
    "indexed t": (
        "t_zero_dim",
        "ab = paddle.stack([self.alpha_bar[t[i]] for i in range(x0.shape[0])])"
        ".reshape([-1, 1, 1, 1])" + _TAIL,
    ),
    "loop over t": (
        "t_zero_dim",
        "ab = paddle.stack([self.alpha_bar[t[i]] for i in range(len(t))])"
        ".reshape([-1, 1, 1, 1])" + _TAIL,
    ),
    "B from t": ("t_zero_dim", "ab = self.alpha_bar[t].reshape([t.shape[0], 1, 1, 1])" + _TAIL),
    "new axes": (
        "t_zero_dim",
        "ab = self.alpha_bar[t][:, None, None, None]" + _TAIL,
    ),
    "one number": ("t_one_number", "ab = self.alpha_bar[int(t)]" + _TAIL),
    "item": ("t_one_number", "ab = self.alpha_bar[t.item()]" + _TAIL),
    "NumPy root": ("numpy_on_tensor", "return np.sqrt(ab) * x0 + np.sqrt(1 - ab) * eps"),
    "own schedule": (
        "schedule_rebuilt",
        "beta = paddle.linspace(1e-4, 0.02, self.beta.shape[0])\n"
        + _at("t", "paddle.cumprod(1 - beta, dim=0)"),
    ),
    "beta changed": (
        "tables_changed",
        "self.beta = 0 * self.beta\nreturn paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps",
    ),
    "seeded": (
        "seed_reset",
        "paddle.seed(0)\nreturn paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps",
    ),
    "squeezed": ("squeezed", "return (paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps).squeeze()"),
    "own 1000 steps": (
        "schedule_rebuilt",
        "beta = paddle.linspace(1e-4, 0.02, 1000)\n" + _at("t", "paddle.cumprod(1 - beta, dim=0)"),
    ),
    "minus and alpha": ("", "return paddle.sqrt(a) * x0 - paddle.sqrt(1 - a) * eps"),
    "no roots, minus": ("", "return ab * x0 - (1 - ab) * eps"),
    "swapped, no roots": ("", "return (1 - ab) * x0 + ab * eps"),
    "fresh noise": (
        "fresh_noise|argument_unused",
        "return paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * paddle.randn(x0.shape)",
    ),
    "x0 changed": (
        "input_changed",
        "return x0.multiply_(paddle.sqrt(ab)) + paddle.sqrt(1 - ab) * eps",
    ),
    "float64": (
        "dtype",
        "return (paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps).astype('float64')",
    ),
    "tuple": ("returned_several", "return paddle.sqrt(ab) * x0, paddle.sqrt(1 - ab) * eps"),
    "nothing": ("returned_none", "xt = paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps"),
    "cached table": (
        "state_kept",
        "global kept\nif 'kept' not in globals():\n    kept = self.alpha_bar\n" + _at("t", "kept"),
    ),
    "kept by shape": (
        "kept",
        "kept = self.__dict__.setdefault('kept', {})\n"
        "ab = kept.setdefault(tuple(x0.shape) + (t.ndim,), ab)" + _TAIL,
    ),
    "no self": (
        "self_missing",
        "return alpha_bar[t].sqrt() * x0 + (1 - alpha_bar[t]).sqrt() * eps",
    ),
    "another name": ("ddpm_attributes", _at("t", "self.alphas_cumprod")),
    "scaled again": ("add_rescaled", "x0 = 2 * x0 - 1" + _TAIL),
    "clipped": (
        "add_clipped",
        "return (paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps).clip(-1, 1)",
    ),
    "root of the product": (
        "nan_root",
        "return paddle.sqrt(ab * x0) + paddle.sqrt((1 - ab) * eps)",
    ),
    "not written": ("", "raise NotImplementedError('add_noise: todo')"),
}

_HEAD = "p = self.predict_noise(xt, t)\n"
_MEAN = "(xt - b / paddle.sqrt(1 - ab) * p) / paddle.sqrt(a)"
_NOISE = "paddle.sqrt(s2) * eps"
_LATE = "(t.reshape([-1, 1, 1, 1]) > 0).astype('float32')"


def _back(mean=_MEAN, noise=_NOISE):
    return f"{_HEAD}return {mean} + {noise}"


def _later(change):
    tables = "".join(
        f"{n} = self.{table}[{change}].reshape([-1, 1, 1, 1])\n"
        for n, table in (("ab", "alpha_bar"), ("a", "alpha"), ("b", "beta"), ("s2", "sigma_square"))
    )
    return tables + _back()


REMOVE_NOISE = {
    "beta": ("variance_beta", _back(noise=f"paddle.sqrt(b) * eps * {_LATE}")),
    "beta, also at 0": ("variance_beta", _back(noise="paddle.sqrt(b) * eps")),
    "sigma squared": ("remove_no_sqrt_sigma", _back(noise="s2 * eps")),
    "beta as std": ("remove_beta_std", _back(noise="b * eps")),
    "no noise": ("remove_no_noise", f"{_HEAD}return {_MEAN}"),
    "unscaled noise": ("remove_noise_unscaled", _back(noise="eps")),
    "unscaled, masked": ("remove_noise_unscaled", _back(noise=f"eps * {_LATE}")),
    "minus noise": ("remove_noise_minus", f"{_HEAD}return {_MEAN} - {_NOISE}"),
    "clipped sigma": (
        "remove_noise_at_zero",
        "s2 = self.sigma_square[t.clip(min=1)].reshape([-1, 1, 1, 1])\n" + _back(),
    ),
    "gate: first row": (
        "remove_noise_gate",
        f"{_HEAD}return {_MEAN} + ({_NOISE} if t.reshape([-1])[0] > 0 else 0 * eps)",
    ),
    "gate: all rows": (
        "remove_noise_gate",
        f"{_HEAD}return {_MEAN} + ({_NOISE} if bool((t > 0).all()) else 0 * eps)",
    ),
    "if t": (
        "remove_if_batch",
        f"{_HEAD}mean = {_MEAN}\nreturn mean + {_NOISE} if t > 0 else mean",
    ),
    "std of alpha_bar": (
        "remove_noise_std_ab",
        _back(noise=f"paddle.sqrt(1 - ab) * eps * {_LATE}"),
    ),
    "x0": (
        "remove_x0_estimate",
        f"{_HEAD}return (xt - paddle.sqrt(1 - ab) * p) / paddle.sqrt(ab)",
    ),
    "x0 plus noise": (
        "remove_x0_estimate",
        _back("(xt - paddle.sqrt(1 - ab) * p) / paddle.sqrt(ab)"),
    ),
    "x0 clipped": (
        "remove_x0_clipped",
        "before = paddle.concat([paddle.ones([1]), self.alpha_bar[:-1]])[t].reshape([-1, 1, 1, 1])\n"
        + _HEAD
        + "x0 = ((xt - paddle.sqrt(1 - ab) * p) / paddle.sqrt(ab)).clip(-1, 1)\n"
        "mean = before.sqrt() * b / (1 - ab) * x0 + a.sqrt() * (1 - before) / (1 - ab) * xt\n"
        f"return mean + {_NOISE}",
    ),
    "all at once": ("remove_minus_all", _back("(xt - p)")),
    "plus": ("remove_plus", _back(_MEAN.replace("xt -", "xt +"))),
    "no alpha": ("remove_no_alpha", _back("(xt - b / paddle.sqrt(1 - ab) * p)")),
    "alpha, no root": ("remove_alpha_no_sqrt", _back(_MEAN.replace("paddle.sqrt(a)", "a"))),
    "times alpha": (
        "remove_alpha_times",
        _back(_MEAN.replace("/ paddle.sqrt(a)", "* paddle.sqrt(a)")),
    ),
    "bracket": (
        "remove_alpha_only_xt",
        _back("xt / paddle.sqrt(a) - b / paddle.sqrt(1 - ab) * p"),
    ),
    "alpha_bar outside": (
        "remove_alpha_bar_outside",
        _back(_MEAN.replace("paddle.sqrt(a)", "paddle.sqrt(ab)")),
    ),
    "alpha inside": ("remove_alpha_inside", _back(_MEAN.replace("1 - ab", "1 - a"))),
    "no root inside": (
        "remove_one_minus_ab_no_sqrt",
        _back(_MEAN.replace("paddle.sqrt(1 - ab)", "(1 - ab)")),
    ),
    "root of beta": ("remove_sqrt_beta", _back(_MEAN.replace("b / ", "paddle.sqrt(b) / "))),
    "not one minus": ("remove_ab_not_one_minus", _back(_MEAN.replace("1 - ab", "ab"))),
    "alpha for beta": ("remove_alpha_for_beta", _back(_MEAN.replace("b / ", "a / "))),
    "sqrt(1 - ab)": (
        "remove_sqrt_one_minus_ab",
        _back("(xt - paddle.sqrt(1 - ab) * p) / paddle.sqrt(a)"),
    ),
    "eps for prediction": (
        "remove_eps_for_prediction",
        f"p = eps\nreturn {_MEAN}",
    ),
    "eps for both": ("remove_eps_for_prediction", f"p = eps\nreturn {_MEAN} + {_NOISE}"),
    "no prediction": ("remove_no_prediction", _back("xt / paddle.sqrt(a)")),
    "t + 1": ("step_after|index_out_of_range", "t = t + 1\n" + _later("t")),
    "tables at t + 1": ("step_after", _later("t + 1")),
    "tables at t - 1": ("step_before", _later("t - 1")),
    "first t": ("step_one_for_all", _later("t.reshape([-1])[0]")),
    "[B] tables": (
        "table_not_reshaped",
        "ab, a, b, s2 = (v[t] for v in (self.alpha_bar, self.alpha, self.beta,"
        " self.sigma_square))\n" + _back(),
    ),
    "network without t": (
        "model_without_t",
        f"p = self.predict_noise(xt)\nreturn {_MEAN} + {_NOISE}",
    ),
    "network arguments": (
        "model_arguments_swapped",
        f"p = self.predict_noise(t, xt)\nreturn {_MEAN} + {_NOISE}",
    ),
    "float t": (
        "model_t_float",
        f"p = self.predict_noise(xt, t.astype('float32'))\nreturn {_MEAN} + {_NOISE}",
    ),
    "t as [B, 1, 1, 1]": (
        "model_t_shape",
        f"p = self.predict_noise(xt, t.reshape([-1, 1, 1, 1]))\nreturn {_MEAN} + {_NOISE}",
    ),
    "network at t - 1": (
        "remove_model_step",
        f"p = self.predict_noise(xt, (t - 1).clip(min=0))\nreturn {_MEAN} + {_NOISE}",
    ),
    "network sees eps": (
        "remove_model_sees_eps",
        f"p = self.predict_noise(eps, t)\nreturn {_MEAN} + {_NOISE}",
    ),
    "noise from t = 2 on": (
        "remove_noise_too_late",
        _back(noise=_NOISE + " * (t.reshape([-1, 1, 1, 1]) > 1).astype('float32')"),
    ),
    "alpha_bar before is not 1": (
        "remove_noise_at_zero",
        "prev = paddle.concat([self.alpha_bar[:1], self.alpha_bar[:-1]])\n"
        "s2 = (self.beta * (1 - prev) / (1 - self.alpha_bar))[t].reshape([-1, 1, 1, 1])\n"
        + _back(),
    ),
    "fresh noise": ("fresh_noise|argument_unused", f"eps = paddle.randn(xt.shape)\n{_back()}"),
    "prediction called eps": (
        "argument_unused",
        "eps = self.predict_noise(xt, t)\n" + _back().replace("* p)", "* eps)"),
    ),
    "plus and beta": ("", _back(_MEAN.replace("xt -", "xt +"), "paddle.sqrt(b) * eps")),
    "no roots": ("remove_no_roots", _back("(xt - b / (1 - ab) * p) / a", "s2 * eps")),
    "variance and noise": ("remove_noise_added", _back(noise="s2 + eps")),
    "no alpha, no noise": ("argument_unused", f"{_HEAD}return xt - b / paddle.sqrt(1 - ab) * p"),
    "xt changed": (
        "input_changed",
        f"{_HEAD}return xt.subtract_(b / paddle.sqrt(1 - ab) * p) / paddle.sqrt(a) + {_NOISE}",
    ),
    "no self": ("self_missing", f"p = predict_noise(xt, t)\nreturn {_MEAN} + {_NOISE}"),
    "prediction kept": (
        "kept",
        "kept = self.__dict__.setdefault('kept', {})\n"
        f"{_HEAD}p = kept.setdefault(tuple(xt.shape) + (t.ndim,), p)\nreturn {_MEAN} + {_NOISE}",
    ),
    "alpha_bar[t - 1]": (
        "remove_wraps",
        "before = self.alpha_bar[t - 1].reshape([-1, 1, 1, 1])\n"
        + _HEAD
        + "x0 = (xt - paddle.sqrt(1 - ab) * p) / paddle.sqrt(ab)\n"
        "mean = before.sqrt() * b / (1 - ab) * x0 + a.sqrt() * (1 - before) / (1 - ab) * xt\n"
        f"return mean + {_NOISE}",
    ),
    "all steps": (
        "calls_itself",
        "for i in range(1000):\n    p = self.predict_noise(xt, t)\n"
        "    xt = self.remove_noise(xt, t - 1, eps)\nreturn xt",
    ),
    "not written": ("", "raise NotImplementedError('remove_noise: todo')"),
}

_XT = "xt = self.add_noise(x0, t, eps)\np = self.predict_noise(xt, t)\n"

LOSS = {
    "cross entropy": (
        "other_loss",
        "xt = self.add_noise(x0, t, eps)\nreturn F.cross_entropy(self.predict_noise(xt, t), eps)",
    ),
    "own steps": (
        "own_t",
        "t = paddle.randint(100, 1000, [x0.shape[0]])\nxt = self.add_noise(x0, t, eps)\nreturn (eps - self.predict_noise(xt, t)).square().mean()",
    ),
    "norm": (
        "loss_norm",
        "xt = self.add_noise(x0, t, eps)\nreturn paddle.norm(eps - self.predict_noise(xt, t))",
    ),
    "sees x0": ("loss_model_sees_x0", "return ((eps - self.predict_noise(x0, t)) ** 2).mean()"),
    "target x0": ("loss_target_x0", _XT + "return ((x0 - p) ** 2).mean()"),
    "target xt": ("loss_target_xt", _XT + "return F.mse_loss(p, xt)"),
    "plus": ("loss_plus", _XT + "return ((eps + p) ** 2).mean()"),
    "no target": ("loss_no_target", _XT + "return (p ** 2).mean()"),
    "sum": ("loss_sum", _XT + "return ((eps - p) ** 2).sum()"),
    "sum an image": (
        "loss_sum_per_image",
        _XT + "return ((eps - p) ** 2).sum(axis=[1, 2, 3]).mean()",
    ),
    "each image": ("loss_not_reduced", _XT + "return ((eps - p) ** 2).mean(axis=[1, 2, 3])"),
    "each pixel": ("loss_not_reduced", _XT + "return (eps - p) ** 2"),
    "absolute": ("loss_absolute", _XT + "return F.l1_loss(p, eps)"),
    "huber": ("loss_huber", _XT + "return F.smooth_l1_loss(p, eps)"),
    "root": ("loss_root", _XT + "return paddle.sqrt(((eps - p) ** 2).mean())"),
    "not squared": ("loss_not_squared", _XT + "return (eps - p).mean()"),
    "half": ("loss_half", _XT + "return 0.5 * ((eps - p) ** 2).mean()"),
    "minus": ("loss_sign", _XT + "return -((eps - p) ** 2).mean()"),
    "mean first": ("loss_square_of_mean", _XT + "return (eps - p).mean() ** 2"),
    "step 0": (
        "loss_step",
        "p = self.predict_noise(self.add_noise(x0, t, eps), paddle.zeros_like(t))\n"
        "return ((eps - p) ** 2).mean()",
    ),
    "step + 1": (
        "loss_step",
        "p = self.predict_noise(self.add_noise(x0, t, eps), t + 1)\nreturn ((eps - p) ** 2).mean()",
    ),
    "no step": (
        "model_without_t",
        "p = self.predict_noise(self.add_noise(x0, t, eps))\nreturn ((eps - p) ** 2).mean()",
    ),
    "float step": (
        "model_t_float",
        "p = self.predict_noise(self.add_noise(x0, t, eps), t / self.beta.shape[0])\n"
        "return ((eps - p) ** 2).mean()",
    ),
    "arguments": (
        "model_arguments_swapped",
        "p = self.predict_noise(t, self.add_noise(x0, t, eps))\nreturn ((eps - p) ** 2).mean()",
    ),
    "fresh noise": (
        "fresh_noise|argument_unused",
        "eps = paddle.randn(x0.shape)\n" + _XT + "return F.mse_loss(p, eps)",
    ),
    "fresh noise added": (
        "fresh_noise",
        "xt = self.add_noise(x0, t, paddle.randn(x0.shape))\n"
        "return F.mse_loss(self.predict_noise(xt, t), eps)",
    ),
    "fresh target": ("fresh_noise", _XT + "return F.mse_loss(p, paddle.randn(x0.shape))"),
    "no_grad": (
        "gradient_cut_network",
        "with paddle.no_grad():\n    xt = self.add_noise(x0, t, eps)\n"
        "    p = self.predict_noise(xt, t)\nreturn ((eps - p) ** 2).mean()",
    ),
    "detached": ("gradient_cut_network", _XT + "return ((eps - p.detach()) ** 2).mean()"),
    "number": ("returned_other", _XT + "return ((eps - p) ** 2).mean().item()"),
    "one element": ("one_element", _XT + "return ((eps - p) ** 2).mean().reshape([1])"),
    "sum, minus": ("", _XT + "return -((eps - p) ** 2).sum()"),
    "noise twice": (
        "",
        "xt = self.add_noise(self.add_noise(x0, t, eps), t, eps)\n"
        "return F.mse_loss(self.predict_noise(xt, t), eps)",
    ),
    "no noise added": (
        "",
        "xt = self.add_noise(x0, t, paddle.zeros_like(eps))\n"
        "return F.mse_loss(self.predict_noise(xt, t), eps)",
    ),
    "x0 and eps swapped": (
        "",
        "xt = self.add_noise(eps, t, x0)\nreturn F.mse_loss(self.predict_noise(xt, t), eps)",
    ),
    "report 001": ("loss_no_noise", "return F.mse_loss(self.predict_noise(x0, t), x0)"),
    "own wrong xt": (
        "",
        "ab = self.alpha_bar[t].reshape([-1, 1, 1, 1])\nxt = ab * x0 + (1 - ab) * eps\n"
        "return F.mse_loss(self.predict_noise(xt, t), eps)",
    ),
    "nothing": ("returned_none", _XT),
    "kept by shape": (
        "kept",
        "kept = self.__dict__.setdefault('kept', {})\n"
        + _XT
        + "p = kept.setdefault(tuple(x0.shape) + (t.ndim,), p)\nreturn ((eps - p) ** 2).mean()",
    ),
    "no self": (
        "self_missing",
        "xt = self.add_noise(x0, t, eps)\nreturn ((eps - predict_noise(xt, t)) ** 2).mean()",
    ),
    "order of add_noise": (
        "add_arguments_order",
        "xt = self.add_noise(x0, eps, t)\nreturn F.mse_loss(self.predict_noise(xt, t), eps)",
    ),
    "a class": ("class_called", _XT + "return nn.MSELoss(p, eps)"),
    "not written": ("", "raise NotImplementedError('loss: todo')"),
}
