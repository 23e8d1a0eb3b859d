"""Adam with one kernel for all parameters, and that on each core."""

import functools

import paddle
from paddle import nn

from common.compute import environment, paddle_internals
from common.compute.checks import checked, close, numbers


def adam(lr, model, grad_clip=None):
    """`paddle.optimizer.Adam` of a model's parameters; lr, grad_clip: as there."""
    quick = paddle.device.get_device() == "cpu" and works()
    kind = FastAdam if quick else paddle.optimizer.Adam
    return kind(lr, parameters=model.parameters(), grad_clip=grad_clip)


class FastAdam(paddle.optimizer.Adam):
    """For the usual case, in which each parameter has a gradient and no settings of its own."""

    def __init__(self, lr, parameters, grad_clip=None):
        super().__init__(lr, parameters=parameters, grad_clip=grad_clip, use_multi_tensor=True)
        self.parameters, self.grad_clip = list(parameters), grad_clip
        self.updates = []  # of each core: its parameters, and how they are updated

    def step(self):
        gradients = {p.name: p.grad for p in self.parameters}
        usual = all(gradient is not None for gradient in gradients.values())
        if not (usual and self.updates):
            paddle_internals.use_one_kernel(self, usual)  # it can leave no parameter out
            super().step()  # the first time it makes the moments
            if usual:
                self._divide()
            return
        if self.grad_clip is not None:
            pairs = self.grad_clip([(p, gradients[p.name]) for p in self.parameters])
            gradients = {p.name: gradient for p, gradient in pairs}
        jobs = []
        for parameters, update in self.updates:
            jobs.append(functools.partial(update, [gradients[p.name] for p in parameters]))
        environment.side_by_side(jobs)

    def _divide(self):
        """Give each core its parameters."""
        parts = _even_parts(self.parameters)
        updates = [paddle_internals.adam_update(self, part) for part in parts]
        if None not in updates:
            self.updates = list(zip(parts, updates, strict=True))


FastAdam.__name__ = "Adam"  # Paddle has one kernel for optimizers of this class name


def _even_parts(parameters):
    """Lists of parameters, one for each core, of about the same number of elements."""
    parts = [[] for _ in range(environment.threads())]
    for p in sorted(parameters, key=lambda p: p.size, reverse=True):
        min(parts, key=lambda part: sum(q.size for q in part)).append(p)
    return [part for part in parts if part]


@checked("Adam", "one kernel for all parameters")
def works():
    """Whether three steps, with and without clipping, leave Paddle's weights and moments."""
    return all(
        all(close(a[key], b[key]) for key in a.keys() | b.keys())
        for clip in (None, nn.ClipGradByGlobalNorm(0.5))
        for a, b in [(_three_steps(paddle.optimizer.Adam, clip), _three_steps(FastAdam, clip))]
    )


@paddle.utils.unique_name.guard()  # the same names every time
def _three_steps(kind, clip):
    """{name: tensor}: two parameters and the optimizer's state after three steps."""
    layer = nn.Linear(3, 5)
    for p in layer.parameters():
        p.set_value(numbers(p.shape))
    optimizer = kind(0.01, parameters=layer.parameters(), grad_clip=clip)
    for step in range(3):
        optimizer.set_lr(0.1 / (1 + step))
        sum((numbers(p.shape, 3.0 + step) * p).sum() for p in layer.parameters()).backward()
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)
    state = optimizer.state_dict()
    tensors = {name: value for name, value in state.items() if paddle.is_tensor(value)}
    return {**layer.state_dict(), **tensors}
