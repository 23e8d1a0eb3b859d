"""Texts in two languages."""

from typing import NamedTuple


class Text(NamedTuple):
    """The same sentence in English and in Chinese; `code` between backquotes."""

    en: str
    zh: str

    def format(self, **values):
        """Both languages with {names} filled in."""
        return Text(self.en.format(**values), self.zh.format(**values))


def same(text):
    """A text that reads the same in both languages: a name, a formula, a number."""
    return Text(text, text)
