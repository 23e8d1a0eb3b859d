"""Numbers that say how good a model is, computed on held-out data."""

import numpy as np


def mse(x_hat, x):
    """Mean squared error per pixel value, on the scale of the arrays ([0, 1] for images)."""
    return float(np.mean((np.asarray(x_hat, np.float64) - np.asarray(x, np.float64)) ** 2))


def knn_accuracy(train_codes, train_labels, test_codes, test_labels, neighbours=5):
    """Accuracy of a k-nearest-neighbour classifier on codes: how well they keep the class.

    Args:
        train_codes, test_codes: [N, D] float32. train_labels, test_labels: [N] int64.
        neighbours: k; fewer if there are fewer training codes.

    Returns:
        float in [0, 1].
    """
    from sklearn.neighbors import KNeighborsClassifier  # slow to import, rarely needed

    k = min(neighbours, len(train_codes))
    classifier = KNeighborsClassifier(k).fit(train_codes, train_labels)
    return float(classifier.score(test_codes, test_labels))


def tsne(codes, seed, perplexity=30.0):
    """t-SNE of codes (van der Maaten & Hinton 2008), by scikit-learn.

    Args:
        codes: [N, D] float32. seed: of the embedding. perplexity: lowered to N / 4 if N is small.

    Returns:
        ([N, 2] float32, the perplexity that was used).
    """
    from sklearn.manifold import TSNE

    perplexity = min(perplexity, len(codes) / 4)
    model = TSNE(perplexity=perplexity, init="pca", random_state=seed)
    return model.fit_transform(np.asarray(codes, np.float32)), perplexity
