"""What is measured of samples without and with the class."""

from types import SimpleNamespace

from diffusion import compare_samplers, evaluate


def test_samples_are_judged_at_guidance_0_and_1_where_labels_were_hidden(monkeypatch):
    asked = []

    def quality(pipeline, classifier, data, count, **changes):
        asked.append((count, changes["guidance"]))
        names = ("conditional_accuracy", "fid_1000", "samples", "standard_error", "diversity")
        return dict.fromkeys(names, changes["guidance"])

    monkeypatch.setattr(evaluate, "sample_quality", quality)

    def found(label_dropout, samples, test):
        config = SimpleNamespace(label_dropout=label_dropout, samples=samples)
        data = SimpleNamespace(test=range(test))
        return compare_samplers.unguided(SimpleNamespace(config=config), None, data)

    assert [numbers["fid_1000"] for numbers in found(0.1, 1000, 2000).values()] == [0, 1]
    assert asked == [(1000, 0), (1000, 1)]
    assert found(0.0, 1000, 2000) == found(0.1, 200, 2000) == found(0.1, 1000, 300) == {}
    assert len(asked) == 2
