# ruff: noqa: E501 - answers as students write them
"""Unusual right answers, all to be accepted: (todo, name) -> source of the file."""

from tests.grading.wrong_answers.templates import CONSTRUCTOR, autoencoder, file, function, method

_DRAW = "if eps is None:\n    eps = paddle.randn(mu.shape)\n"

_REPARAMETERIZE = {
    "class of its own": "class Gauss:\n    def __call__(self, e):\n"
    "        return mu + (0.5 * logvar).exp() * e\n\n"
    "return Gauss()(paddle.randn(mu.shape) if eps is None else eps)",
    "root of exp": _DRAW + "return mu + paddle.sqrt(paddle.exp(logvar)) * eps",
    "report 000": _DRAW + "std = paddle.sqrt(paddle.exp(logvar) + 1e-8)\nreturn mu + std * eps",
    "power": _DRAW + "return mu + paddle.exp(logvar) ** 0.5 * eps",
    "expm1": _DRAW + "return mu + eps + paddle.expm1(logvar / 2) * eps",
    "einsum": _DRAW + "return mu + paddle.einsum('bz,bz->bz', (logvar / 2).exp(), eps)",
    "loop": _DRAW
    + "rows = [mu[i] + (0.5 * logvar[i]).exp() * eps[i] for i in range(mu.shape[0])]\n"
    "return paddle.stack(rows)",
    "clamped wide": _DRAW + "return mu + (0.5 * logvar.clip(-20, 20)).exp() * eps",
    "clamped at 30": _DRAW + "return mu + (0.5 * paddle.clip(logvar, -30.0, 20.0)).exp() * eps",
    "distribution": "if eps is None:\n"
    "    return paddle.distribution.Normal(mu, (0.5 * logvar).exp()).rsample()\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "paddle.normal with tensors": "if eps is None:\n"
    "    return paddle.normal(mu, (0.5 * logvar).exp())\nreturn mu + (0.5 * logvar).exp() * eps",
    "sample": "if eps is None:\n"
    "    return paddle.distribution.Normal(mu, (0.5 * logvar).exp()).sample()\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "paddle.normal": "eps = paddle.normal(shape=mu.shape) if eps is None else eps\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "standard_normal": "eps = paddle.standard_normal(mu.shape) if eps is None else eps\n"
    "return paddle.add(mu, paddle.multiply(paddle.exp(logvar * 0.5), eps))",
    "NumPy noise": "if eps is None:\n    eps = paddle.to_tensor(np.random.randn(*mu.shape))\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "NumPy noise, float32": "if eps is None:\n"
    "    eps = paddle.to_tensor(np.random.normal(size=mu.shape).astype('float32'))\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "generator of its own": "if eps is None:\n"
    "    eps = paddle.to_tensor(np.random.default_rng().standard_normal(mu.shape), dtype='float32')\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "python noise": "if eps is None:\n    n = mu.shape[0] * mu.shape[1]\n"
    "    eps = paddle.to_tensor([random.gauss(0, 1) for _ in range(n)]).reshape(mu.shape)\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "minus own noise": "if eps is None:\n    eps = -paddle.randn(mu.shape)\n"
    "return mu + (0.5 * logvar).exp() * eps",
    "noise without gradient": "if eps is None:\n    with paddle.no_grad():\n"
    "        eps = paddle.randn(mu.shape)\nreturn mu + (0.5 * logvar).exp() * eps",
    "printing": "import warnings\nprint('mu', mu)\nwarnings.warn('look')\n"
    + _DRAW
    + "return mu + (0.5 * logvar).exp() * eps",
    "== None": "if eps == None:\n    eps = paddle.randn(mu.shape)\nreturn mu + (logvar / 2).exp() * eps",
    "empty_like": _DRAW.replace("randn(mu.shape)", "empty_like(mu).normal_()")
    + "return mu + (logvar / 2).exp() * eps",
    "seed at the start only": _DRAW + "return mu + (0.5 * logvar).exp() * eps\n\npaddle.seed(7)",
    "randn_like": _DRAW.replace("paddle.randn(mu.shape)", "paddle.randn_like(mu)")
    + "return mu + (0.5 * logvar).exp() * eps",
    "exp2": _DRAW + "return mu + paddle.pow(paddle.full([], 2.0), logvar / 2 / math.log(2)) * eps",
}

_KL = {
    "stacked terms": "one = paddle.ones_like(mu)\n"
    "terms = paddle.stack([mu**2, logvar.exp(), -one, -logvar])\n"
    "return terms.sum(0).sum(-1).mean() / 2",
    "matrix of ones": "k = -0.5 * (1 + logvar - mu**2 - logvar.exp())\n"
    "return paddle.matmul(k, paddle.ones([mu.shape[1], 1])).mean()",
    "batch first": "return 0.5 * (mu.square() + paddle.expm1(logvar) - logvar).mean(axis=0).sum()",
    "as in the paper": "return -0.5 * paddle.sum(1 + logvar - mu.pow(2) - logvar.exp(), axis=1).mean()",
    "sum over batch size": "return -0.5 * paddle.sum(1 + logvar - mu**2 - logvar.exp()) / mu.shape[0]",
    "mean times Z": "return -0.5 * paddle.mean(1 + logvar - mu**2 - logvar.exp()) * mu.shape[1]",
    "expm1": "return (0.5 * (mu * mu + paddle.expm1(logvar) - logvar)).sum(-1).mean()",
    "distribution": "q = paddle.distribution.Normal(mu, (0.5 * logvar).exp())\n"
    "p = paddle.distribution.Normal(paddle.zeros_like(mu), paddle.ones_like(mu))\n"
    "return paddle.distribution.kl_divergence(q, p).sum(axis=1).mean()",
    "standard deviation": "std = (0.5 * logvar).exp()\n"
    "return (-std.log() + (std**2 + mu**2) / 2 - 0.5).sum(axis=-1).mean()",
    "report 000's std": "std = paddle.sqrt(paddle.exp(logvar) + 1e-8)\n"
    "return 0.5 * (mu**2 + std**2 - 1 - logvar).sum(axis=1).mean()",
    "loop": "total = 0\nfor m, lv in zip(mu, logvar):\n"
    "    total = total + 0.5 * (m**2 + lv.exp() - 1 - lv).sum()\nreturn total / len(mu)",
    "double loop": "total = paddle.zeros([])\nfor i in range(mu.shape[0]):\n"
    "    for j in range(mu.shape[1]):\n        m, lv = mu[i, j], logvar[i, j]\n"
    "        total = total + 0.5 * (m * m + lv.exp() - 1 - lv)\nreturn total / mu.shape[0]",
    "einsum": "t = mu**2 + logvar.exp() - 1 - logvar\n"
    "return 0.5 * paddle.einsum('bz->', t) / t.shape[0]",
    "clamped wide": "logvar = logvar.clip(-30, 20)\n"
    "return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()",
    "float64 inside": "m, lv = mu.astype('float64'), logvar.astype('float64')\n"
    "return (0.5 * (m**2 + lv.exp() - 1 - lv).sum(1).mean()).astype('float32')",
    "linear algebra": "ones = paddle.ones([mu.shape[1]])\n"
    "return paddle.matmul(0.5 * (mu**2 + logvar.exp() - 1 - logvar), ones).mean()",
}

_MEAN = "\nreturn (w * (x_hat - x) ** 2).sum(axis=[1, 2, 3]).mean()"
_REGION = {
    "weights by index": "w = paddle.full_like(x, black_region_loss_coef)\n"
    "w[x > white_threshold] = white_region_loss_coef\n"
    "return (w * (x_hat - x)**2).sum([1, 2, 3]).mean()",
    "sign": "m = F.relu(paddle.sign(x - white_threshold))\n"
    "w = black_region_loss_coef + (white_region_loss_coef - black_region_loss_coef) * m\n"
    "return paddle.sum(w * paddle.square(x_hat - x)) / len(x)",
    "F.mse_loss": "m = (x > white_threshold).astype('float32')\n"
    "w = m * white_region_loss_coef + (1 - m) * black_region_loss_coef\n"
    "return (w * F.mse_loss(x_hat, x, reduction='none')).sum() / x.shape[0]",
    "where": "w = paddle.where(x > white_threshold, paddle.to_tensor(float(white_region_loss_coef)),"
    " paddle.to_tensor(float(black_region_loss_coef)))" + _MEAN,
    "masked": "d, m = (x_hat - x) ** 2, x > white_threshold\n"
    "return (white_region_loss_coef * d[m].sum() + black_region_loss_coef * d[~m].sum())"
    " / x.shape[0]",
    "masked_select": "d, m = (x_hat - x) ** 2, x > white_threshold\n"
    "return (white_region_loss_coef * paddle.masked_select(d, m).sum()"
    " + black_region_loss_coef * paddle.masked_select(d, ~m).sum()) / len(x)",
    "two losses": "m = paddle.cast(x > white_threshold, 'float32')\n"
    "white = F.mse_loss(x_hat * m, x * m, reduction='sum')\n"
    "black = F.mse_loss(x_hat * (1 - m), x * (1 - m), reduction='sum')\n"
    "return (white_region_loss_coef * white + black_region_loss_coef * black) / x.shape[0]",
    "roots of weights": "w = paddle.where(x > white_threshold,"
    " paddle.full_like(x, white_region_loss_coef), paddle.full_like(x, black_region_loss_coef))\n"
    "return ((w.sqrt() * x_hat - w.sqrt() * x) ** 2).flatten(1).sum(1).mean()",
    "flattened": "w = black_region_loss_coef + (white_region_loss_coef - black_region_loss_coef)"
    " * (x > white_threshold).astype(x.dtype)\n"
    "return (w * paddle.square(x_hat - x)).reshape([x.shape[0], -1]).sum(axis=-1).mean()",
    "loop": "total = 0.0\nfor p, y in zip(x_hat, x):\n"
    "    w = (y > white_threshold).astype('float32')\n"
    "    w = w * white_region_loss_coef + (1 - w) * black_region_loss_coef\n"
    "    total = total + (w * (p - y) ** 2).sum()\nreturn total / x.shape[0]",
    "not greater": "w = paddle.where(x <= white_threshold, black_region_loss_coef * paddle.ones_like(x),"
    " white_region_loss_coef * paddle.ones_like(x))" + _MEAN,
    "NumPy mask": "m = paddle.to_tensor((x.numpy() > np.float32(white_threshold)).astype('float32'))\n"
    "w = m * white_region_loss_coef + (1 - m) * black_region_loss_coef" + _MEAN,
    "target without gradient": "x = x.detach()\nm = (x > white_threshold).astype('float32')\n"
    "w = m * white_region_loss_coef + (1 - m) * black_region_loss_coef" + _MEAN,
    "mean times pixels": "m = (x > white_threshold).astype('float32')\n"
    "w = m * white_region_loss_coef + (1 - m) * black_region_loss_coef\n"
    "return (w * (x_hat - x) ** 2).mean() * (x.shape[1] * x.shape[2] * x.shape[3])",
    "pixel loop": "total = 0\nshape = x.shape\nn = shape[1] * shape[2] * shape[3]\n"
    "p, y = x_hat.reshape([-1]), x.reshape([-1])\nfor i in range(p.shape[0]):\n"
    "    w = white_region_loss_coef if float(y[i]) > white_threshold else black_region_loss_coef\n"
    "    total = total + w * (p[i] - y[i]) ** 2\nreturn total / shape[0]",
}

_ADD = {
    "own table": "ab = paddle.cumprod(1 - self.beta, dim=0)[t]\nwhile ab.ndim < x0.ndim:\n"
    "    ab = ab.unsqueeze(-1)\nreturn paddle.sqrt(ab) * x0 + paddle.sqrt(1 - ab) * eps",
    "gather": "ab = paddle.gather(self.alpha_bar, t.flatten()).reshape([-1, 1, 1, 1])\n"
    "return ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    "take": "ab = paddle.take(self.alpha_bar, t).reshape([-1, 1, 1, 1])\n"
    "return ab**0.5 * x0 + (1 - ab) ** 0.5 * eps",
    "index_select": "ab = paddle.index_select(self.alpha_bar, t.reshape([-1]))[:, None, None, None]\n"
    "return paddle.sqrt(ab) * x0 + paddle.sqrt(1.0 - ab) * eps",
    "unsqueeze": "ab = self.alpha_bar[t]\nif ab.ndim:\n    ab = ab.unsqueeze([1, 2, 3])\n"
    "return ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    "loop": "rows = []\nfor i in range(x0.shape[0]):\n    step = int(t) if t.ndim == 0 else int(t[i])\n"
    "    ab = self.alpha_bar[step]\n    rows.append(ab.sqrt() * x0[i] + (1 - ab).sqrt() * eps[i])\n"
    "return paddle.stack(rows)",
    "one hot": "h = F.one_hot(t.reshape([-1]), self.beta.shape[0])\n"
    "ab = paddle.matmul(h, self.alpha_bar).reshape([-1, 1, 1, 1])\n"
    "return ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    "no_grad": "with paddle.no_grad():\n    ab = self.alpha_bar[t].reshape([-1, 1, 1, 1])\n"
    "    return ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    "log sum": "lb = paddle.cumsum(paddle.log(1 - self.beta))[t].reshape([-1, 1, 1, 1])\n"
    "return paddle.exp(0.5 * lb) * x0 + paddle.sqrt(1 - paddle.exp(lb)) * eps",
    "expm1": "lb = paddle.cumsum(paddle.log1p(-self.beta))[t].reshape([-1, 1, 1, 1])\n"
    "return paddle.exp(0.5 * lb) * x0 + paddle.sqrt(-paddle.expm1(lb)) * eps",
    "float64 inside": "ab = paddle.cumprod(1 - self.beta.astype('float64'), dim=0)[t]\n"
    "ab = ab.reshape([-1, 1, 1, 1])\n"
    "return (ab.sqrt() * x0 + (1 - ab).sqrt() * eps).astype('float32')",
    "NumPy table": "ab = paddle.to_tensor(self.alpha_bar.numpy()[t.numpy()]).reshape([-1, 1, 1, 1])\n"
    "return ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    "expanded": "t = t.expand([x0.shape[0]]) if t.ndim == 0 else t\n"
    "ab = self.alpha_bar[t].reshape([-1, 1, 1, 1]).expand_as(x0)\n"
    "return ab.sqrt() * x0 + (1 - ab).sqrt() * eps",
    "lerp of variances": "ab = self.alpha_bar[t].reshape([-1, 1, 1, 1])\n"
    "return paddle.sqrt(ab) * (x0 + paddle.sqrt(1 / ab - 1) * eps)",
    "einsum": "ab = self.alpha_bar[t].reshape([-1]).expand([x0.shape[0]])\n"
    "return paddle.einsum('b,bchw->bchw', ab.sqrt(), x0)"
    " + paddle.einsum('b,bchw->bchw', (1 - ab).sqrt(), eps)",
}

_HEAD = (
    "ab, a, b, s2 = (v[t].reshape([-1, 1, 1, 1]) for v in (self.alpha_bar, self.alpha, self.beta,"
    " self.sigma_square))\np = self.predict_noise(xt, t)\n"
)
_REMOVE = {
    "posterior of x0": _HEAD + "x0 = (xt - (1 - ab).sqrt() * p) / ab.sqrt()\nbefore = ab / a\n"
    "mean = before.sqrt() * b / (1 - ab) * x0 + a.sqrt() * (1 - before) / (1 - ab) * xt\n"
    "return mean + s2.sqrt() * eps",
    "one minus alpha": _HEAD
    + "mean = 1 / a.sqrt() * (xt - (1 - a) / (1 - ab).sqrt() * p)\nreturn mean + s2**0.5 * eps",
    "masked": _HEAD + "late = (t > 0).astype('float32').reshape([-1, 1, 1, 1])\n"
    "return (xt - b / (1 - ab).sqrt() * p) / a.sqrt() + late * s2.sqrt() * eps",
    "where": _HEAD + "mean = (xt - b / (1 - ab).sqrt() * p) / a.sqrt()\n"
    "return paddle.where((t > 0).reshape([-1, 1, 1, 1]), mean + s2.sqrt() * eps, mean)",
    "if all at 0": _HEAD + "mean = (xt - b / (1 - ab).sqrt() * p) / a.sqrt()\n"
    "if bool((t == 0).all()):\n    return mean\nreturn mean + s2.sqrt() * eps",
    "variance of its own": _HEAD
    + "before = paddle.concat([paddle.ones([1]), self.alpha_bar[:-1]])[t].reshape([-1, 1, 1, 1])\n"
    "mean = (xt - b * (1 - ab).rsqrt() * p) * a.rsqrt()\n"
    "return mean + (b * (1 - before) / (1 - ab)).sqrt() * eps",
    "log variance": _HEAD + "logvar = paddle.log(s2.clip(min=1e-20))\n"
    "return (xt - b / (1 - ab).sqrt() * p) / a.sqrt() + (0.5 * logvar).exp() * eps",
    "no_grad": "with paddle.no_grad():\n    "
    + _HEAD.replace("\n", "\n    ")
    + "return (xt - b / (1 - ab).sqrt() * p) / a.sqrt() + s2.sqrt() * eps",
    "row by row": "rows = []\nfor i in range(xt.shape[0]):\n"
    "    k = t if t.ndim == 0 else t[i]\n    p = self.predict_noise(xt[i:i + 1], k)[0]\n"
    "    mean = (xt[i] - self.beta[k] / (1 - self.alpha_bar[k]).sqrt() * p) / self.alpha[k].sqrt()\n"
    "    rows.append(mean + self.sigma_square[k].sqrt() * eps[i] if int(k) > 0 else mean)\n"
    "return paddle.stack(rows)",
    "row by row, t as [1]": "rows = []\nt = t.reshape([-1]).expand([xt.shape[0]])\n"
    "for i in range(xt.shape[0]):\n    k = int(t[i])\n"
    "    p = self.predict_noise(xt[i:i + 1], t[i:i + 1])\n"
    "    mean = (xt[i:i + 1] - self.beta[k] / (1 - self.alpha_bar[k]) ** 0.5 * p)"
    " / self.alpha[k] ** 0.5\n"
    "    rows.append(mean + self.sigma_square[k] ** 0.5 * eps[i:i + 1])\nreturn paddle.concat(rows)",
    "t expanded for the network": "t = t.expand([xt.shape[0]]) if t.ndim == 0 else t\n"
    + _HEAD
    + "return (xt - b / (1 - ab).sqrt() * p) / a.sqrt() + s2.sqrt() * eps",
    "keyword": _HEAD.replace("(xt, t)", "(xt, t=t)")
    + "return (xt - b / (1 - ab).sqrt() * p) / a.sqrt() + s2.sqrt() * eps",
}

_LOSS = {
    "square_error_cost": "xt = self.add_noise(x0, t, eps)\n"
    "return paddle.mean(F.square_error_cost(self.predict_noise(xt, t), eps))",
    "F.mse_loss": "return F.mse_loss(self.predict_noise(self.add_noise(x0, t, eps), t), eps)",
    "own xt": "ab = self.alpha_bar[t].reshape([-1, 1, 1, 1])\n"
    "xt = ab.sqrt() * x0 + (1 - ab).sqrt() * eps\n"
    "return paddle.mean(paddle.square(eps - self.predict_noise(xt, t)))",
    "row by row": "total = 0\nfor i in range(x0.shape[0]):\n    k = t if t.ndim == 0 else t[i:i + 1]\n"
    "    xt = self.add_noise(x0[i:i + 1], k, eps[i:i + 1])\n"
    "    total = total + ((eps[i:i + 1] - self.predict_noise(xt, k)) ** 2).mean()\n"
    "return total / x0.shape[0]",
    "row by row, 0-D": "total = 0\nfor i in range(x0.shape[0]):\n    k = t if t.ndim == 0 else t[i]\n"
    "    xt = self.add_noise(x0[i:i + 1], k, eps[i:i + 1])\n"
    "    total = total + F.mse_loss(self.predict_noise(xt, k), eps[i:i + 1])\n"
    "return total / x0.shape[0]",
    "whole numbers": "total = 0\nfor i in range(x0.shape[0]):\n"
    "    k = int(t) if t.ndim == 0 else int(t[i])\n"
    "    xt = self.add_noise(x0[i:i + 1], paddle.to_tensor([k]), eps[i:i + 1])\n"
    "    total = total + F.mse_loss(self.predict_noise(xt, k), eps[i:i + 1])\n"
    "return total / x0.shape[0]",
    "norm": "d = eps - self.predict_noise(self.add_noise(x0, t, eps), t)\n"
    "return (d.flatten() @ d.flatten()) / d.size",
    "images, then batch": "d = (eps - self.predict_noise(self.add_noise(x0, t, eps), t)) ** 2\n"
    "return d.flatten(1).mean(axis=1).mean()",
    "t expanded": "t = t.expand([x0.shape[0]]) if t.ndim == 0 else t\n"
    "return F.mse_loss(self.predict_noise(self.add_noise(x0, t, eps), t), eps)",
    "no gradient to xt": "with paddle.no_grad():\n    xt = self.add_noise(x0, t, eps)\n"
    "return ((eps - self.predict_noise(xt, t)) ** 2).mean()",
    "detached xt": "xt = self.add_noise(x0, t, eps).detach()\n"
    "return ((self.predict_noise(xt, t) - eps) ** 2).mean()",
    "called twice": "xt = self.add_noise(x0, t, eps)\nself.predict_noise(xt, t)\n"
    "return ((self.predict_noise(xt, t) - eps) ** 2).mean()",
    "clone": "xt = self.add_noise(x0.clone(), t.clone(), eps.clone())\n"
    "return ((self.predict_noise(xt, t) - eps) ** 2).mean()",
    "paddle.nn.MSELoss": "return nn.MSELoss()(self.predict_noise(self.add_noise(x0, t, eps), t), eps)",
    "class method": "xt = type(self).add_noise(self, x0, t, eps)\n"
    "return ((self.predict_noise(xt, t) - eps) ** 2).mean()",
}

_NOTEBOOK = """
def add_noise(x0, t, eps):
    xt = paddle.sqrt(alpha_bar[t]) * x0 + paddle.sqrt(1 - alpha_bar[t]) * eps
    return xt

def remove_noise(xt, t, eps):
    pred = predict_noise(xt, t)
    mean = 1 / paddle.sqrt(alpha[t]) * (xt - beta[t] / paddle.sqrt(1 - alpha_bar[t]) * pred)
    return mean + paddle.sqrt(sigma_square[t]) * eps

def loss(x0, t, eps):
    xt = add_noise(x0, t, eps)
    return paddle.mean((eps - predict_noise(xt, t)) ** 2)
"""

_OWN_CLASS = """
class Steps:
    def __init__(self, model, betas, *, clip=False):
        self.net, self.clip = model, clip
        a = 1 - betas
        ab = paddle.exp(paddle.cumsum(paddle.log(a)))
        before = F.pad(ab[:-1], [1, 0], value=1.0) if False else paddle.concat([ab[:1] / a[:1], ab[:-1]])
        self.tables = {n: v.reshape([-1, 1, 1, 1]) for n, v in
                       dict(a=a, ab=ab, b=betas, s2=betas * (1 - before) / (1 - ab)).items()}
        self.tables["s2"] = paddle.where(paddle.arange(len(betas)).reshape([-1, 1, 1, 1]) > 0,
                                         self.tables["s2"], paddle.zeros([1]))

    def at(self, name, step):
        return self.tables[name][step.reshape([-1])]

    def add_noise(self, clean, step, noise, extra=None):
        ab = self.at("ab", step)
        return ab.sqrt() * clean + (1 - ab).sqrt() * noise

class DDPM(Steps):
    def remove_noise(self, noisy, step, noise):
        a, ab, b, s2 = (self.at(n, step) for n in ("a", "ab", "b", "s2"))
        return (noisy - b / (1 - ab).sqrt() * self.net(noisy, step)) / a.sqrt() + s2.sqrt() * noise

    def loss(self, clean, step, noise):
        noisy = super().add_noise(clean=clean, step=step, noise=noise)
        return ((noise - self.net(noisy, step)) ** 2).mean()
"""

_LAYER_CLASS = (
    "class DDPM(nn.Layer):"
    + CONSTRUCTOR.replace(
        "self.predict_noise = ", "super().__init__()\n        self.predict_noise = "
    )
    + """
    def _at(self, table, t):
        return table[t.reshape([-1])].reshape([-1, 1, 1, 1])

    def add_noise(self, x0, t, eps):
        ab = self._at(self.alpha_bar, t)
        return ab.sqrt() * x0 + (1 - ab).sqrt() * eps

    def remove_noise(self, xt, t, eps):
        a, ab, b = (self._at(v, t) for v in (self.alpha, self.alpha_bar, self.beta))
        s2 = self._at(self.sigma_square, t)
        return (xt - b / (1 - ab).sqrt() * self.predict_noise(xt, t)) / a.sqrt() + s2.sqrt() * eps

    def loss(self, x0, t, eps):
        return F.mse_loss(self.predict_noise(self.add_noise(x0=x0, t=t, eps=eps), t), eps)
"""
)

_DECORATED = """
import functools
from typing import Optional

def logged(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        print("calling", function.__name__)
        return function(*args, **kwargs)
    return inner

@logged
def reparameterize(m: paddle.Tensor, lv: paddle.Tensor, noise: Optional[paddle.Tensor] = None,
                   scale: float = 1.0) -> paddle.Tensor:
    noise = paddle.randn(m.shape) if noise is None else noise
    return m + scale * paddle.exp(lv / 2) * noise

@logged
def kl_div_loss(m, lv, weight=1.0, *, reduction="mean"):
    return weight * 0.5 * (m**2 + paddle.exp(lv) - 1 - lv).sum(axis=1).mean()

@logged
def region_weighted_loss(a, b, threshold=0.7, white=1.0, black=0.3, eps=0.0):
    w = paddle.where(b > threshold, paddle.full_like(b, white), paddle.full_like(b, black))
    return (w * (a - b) ** 2).sum(axis=[1, 2, 3]).mean()
"""

_CVAE = """
class CVAE(nn.Layer):
    def __init__(self, channels, size, latent, classes):
        super().__init__()
        self.fc = nn.Linear(latent, latent)

    def reparameterize(self, mu, logvar, eps=None):
        std = paddle.sqrt(paddle.exp(logvar) + 1e-8)
        if eps is None:
            eps = paddle.randn(mu.shape)
        return mu + eps * std
"""

_LONG_AUTOENCODER = """
class Block(nn.Layer):
    def __init__(self, i, o):
        super().__init__()
        self.norm = nn.BatchNorm2D(o)
        self.conv = nn.Conv2D(i, o, 3, 1, 1)

    def forward(self, x):
        return F.max_pool2d(self.norm(F.relu(self.conv(x))), 2)

class AutoEncoder(nn.Layer):
    def __init__(self, base=16):
        super(AutoEncoder, self).__init__()
        self.decoder = nn.Sequential(
            nn.Sequential(nn.Conv2DTranspose(2 * base, base, 2, 2), nn.ReLU(), nn.BatchNorm2D(base)),
            nn.Conv2DTranspose(base, 3, 2, 2))
        self.encoder = nn.Sequential(Block(3, base), Block(base, 2 * base))

    def forward(self, x):
        z = self.encode(x)
        return F.sigmoid(self.decoder(z))

    def encode(self, x):
        return self.encoder(x)
"""

_LAYER_BY_LAYER = """
for layer in self.encoder:
    x = layer(x)
    if isinstance(layer, nn.Conv2D):
        x = F.relu(x)
return self.decoder(x)"""

_AUTOENCODER = {
    "sigmoid in forward": autoencoder(
        decoder="trbt", forward="return F.sigmoid(self.decoder(self.encoder(x)))"
    ),
    "ReLU as function": autoencoder("cbpcbp", forward=_LAYER_BY_LAYER),
    "pool before ReLU": autoencoder("cprbcprb")
    .replace(
        "nn.MaxPool2D(2), nn.ReLU(), nn.BatchNorm2D(16)",
        "nn.ReLU(), nn.BatchNorm2D(16), nn.MaxPool2D(2)",
    )
    .replace(
        "nn.MaxPool2D(2), nn.ReLU(), nn.BatchNorm2D(32)",
        "nn.ReLU(), nn.BatchNorm2D(32), nn.MaxPool2D(2)",
    ),
    "blocks": file(_LONG_AUTOENCODER),
    "momentum": autoencoder().replace("nn.BatchNorm2D(16)", "nn.BatchNorm2D(16, momentum=0.99)"),
    "momentum 0.5": autoencoder().replace("BatchNorm2D(16)", "BatchNorm2D(16, momentum=0.5)"),
    "epsilon": autoencoder().replace("nn.BatchNorm2D(16)", "nn.BatchNorm2D(16, epsilon=1e-3)"),
    "identity layers": autoencoder("icrbpicrbp"),
    "BatchNorm": autoencoder().replace("nn.BatchNorm2D(", "nn.BatchNorm("),
    "layers as attributes too": autoencoder().replace(
        "self.encoder = nn.Sequential(nn.Conv2D(3, 16, 3, padding=1),",
        "self.conv1 = nn.Conv2D(3, 16, 3, padding=1)\n"
        "        self.encoder = nn.Sequential(self.conv1,",
    ),
    "named layers": autoencoder()
    .replace(
        "nn.Sequential(nn.Conv2DTranspose(32, 16, 2, stride=2), nn.ReLU(), nn.BatchNorm2D(16),",
        "nn.Sequential(('up', nn.Sequential(nn.Conv2DTranspose(32, 16, 2, stride=2), nn.ReLU(),"
        " nn.BatchNorm2D(16))), ('end', nn.Sequential(",
    )
    .replace("nn.Sigmoid())", "nn.Sigmoid())))"),
    "initialised": autoencoder().replace(
        "nn.Conv2D(3, 16, 3, padding=1)",
        "nn.Conv2D(3, 16, 3, padding='SAME', weight_attr=nn.initializer.KaimingNormal())",
    ),
    "printing": autoencoder(forward="print(x.shape)\nreturn self.decoder(self.encoder(x))"),
    "seeded": autoencoder().replace(
        "super().__init__()", "super().__init__()\n        paddle.seed(3)"
    ),
}

RIGHT = {
    **{("AutoEncoder", n): source for n, source in _AUTOENCODER.items()},
    **{("reparameterize", n): function("reparameterize", b) for n, b in _REPARAMETERIZE.items()},
    **{("kl_div_loss", n): function("kl_div_loss", b) for n, b in _KL.items()},
    **{
        ("region_weighted_loss", n): function("region_weighted_loss", b) for n, b in _REGION.items()
    },
    **{("add_noise", n): method("add_noise", b, tables=False) for n, b in _ADD.items()},
    **{("remove_noise", n): method("remove_noise", b, tables=False) for n, b in _REMOVE.items()},
    **{("loss", n): method("loss", b, tables=False) for n, b in _LOSS.items()},
    ("reparameterize", "CVAE of report 000"): file(_CVAE),
}
for _todo in ("reparameterize", "kl_div_loss", "region_weighted_loss"):
    RIGHT[_todo, "decorated"] = file(_DECORATED)
for _todo in ("add_noise", "remove_noise", "loss"):
    RIGHT[_todo, "notebook of report 000"] = file(_NOTEBOOK)
    RIGHT[_todo, "subclass, own constructor"] = file(_OWN_CLASS)
    RIGHT[_todo, "nn.Layer, keywords"] = file(_LAYER_CLASS)
