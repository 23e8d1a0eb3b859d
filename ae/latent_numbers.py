"""Numbers of the space of the codes: are the classes apart in it, and does it have holes?"""

import paddle

from ae.evaluate import encode
from common.evaluation import latent_metrics
from common.evaluation.classifier import load_classifier


def measure(trained):
    """The keys of latent_metrics.separation and, with a classifier, latent_metrics.holes.

    trained: Trained.
    """
    model, data = trained.model, trained.data
    train_codes, train_labels = encode(model, data.train.first(latent_metrics.TRAIN))
    codes, labels = encode(model, data.test.first(latent_metrics.TEST))
    return {
        **latent_metrics.separation(train_codes, train_labels, codes, labels),
        **_holes(trained, train_codes, codes),
    }


@paddle.no_grad()
def _holes(trained, train_codes, codes):
    """What the decoder makes of codes that belong to no image (latent_metrics.holes)."""
    model, data, config = trained.model, trained.data, trained.config
    classifier = load_classifier(config, data) if config.samples else None
    if not classifier:
        return {}
    shape = model.encoder(paddle.to_tensor(data.test.batch(slice(0, 1))[0])).shape[1:]

    def decode(z):
        return model.decoder(paddle.to_tensor(z).reshape([-1, *shape])).numpy()

    judge = (classifier, data, config.samples, config.seed)
    return latent_metrics.holes(decode, train_codes, codes, *judge)
