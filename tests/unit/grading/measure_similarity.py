"""Measures what the similarity page says of itself, on made-up classes.

python -m tests.unit.grading.measure_similarity     writes tests/grading/similarity_measured.json
"""

from common.files import write_json
from tests.grading import similarity
from tests.unit.grading import simulated_class

CLASSES, STUDENTS, PAIRS = 10, 300, 10


def found(students):
    """What similarity.pairs takes, of simulated students."""
    return [similarity.compared(s.files(), s.mistakes()).found for s in students]


def shown(students):
    """{(i, j)} of the pairs that are shown, i < j."""
    return {(pair.one, pair.two) for pair in similarity.pairs(found(students))}


def measure(classes=CLASSES, students=STUDENTS, pairs=PAIRS):
    """Recall in percent, and other pairs a class, with copies and without."""
    hits, some, wrong, honest = 0, 0, [], []
    for seed in range(classes):
        made, planted = simulated_class.with_copies(students, pairs, 1000 + seed)
        got = shown(made)
        hits += len(got & set(planted))
        wrong.append(len(got - set(planted)))
        made, planted = simulated_class.with_copies(students, pairs, 3000 + seed, functions=4)
        some += len(shown(made) & set(planted))
        honest.append(len(shown(simulated_class.honest(students, 2000 + seed))))
    return {
        "classes": 3 * classes,
        "students": students,
        "recall": round(100 * hits / (classes * pairs)),
        "recall_of_four": round(100 * some / (classes * pairs)),
        "wrong": sum(wrong) / classes,
        "most": max(wrong),
        "honest": sum(honest) / classes,
        "honest_most": max(honest),
    }


if __name__ == "__main__":
    measured = measure()
    write_json(similarity.MEASURED, measured)
    print(measured)
