"""All wrong answers: (todo, name) -> (hint ids that may be shown, source of the file).

An empty set means that no hint may be shown: every one would mislead.
"""

from tests.grading.wrong_answers import wrong_ae, wrong_ddpm, wrong_vae
from tests.grading.wrong_answers.templates import function, method

_TABLES = {
    "reparameterize": wrong_vae.REPARAMETERIZE,
    "kl_div_loss": wrong_vae.KL,
    "region_weighted_loss": wrong_vae.REGION,
    "add_noise": wrong_ddpm.ADD_NOISE,
    "remove_noise": wrong_ddpm.REMOVE_NOISE,
    "loss": wrong_ddpm.LOSS,
}


def _source(todo, body):
    if todo in ("reparameterize", "kl_div_loss", "region_weighted_loss"):
        return function(todo, body)
    return method(todo, body, tables=todo != "loss")


def _hints(text):
    return set(filter(None, text.split("|")))


WRONG = {
    ("AutoEncoder", name): (_hints(hints), source)
    for name, (hints, source) in wrong_ae.AUTOENCODER.items()
}
for _todo, _table in _TABLES.items():
    for _name, (_text, _body) in _table.items():
        WRONG[_todo, _name] = (_hints(_text), _source(_todo, _body))
