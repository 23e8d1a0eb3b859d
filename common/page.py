"""HTML pages from templates in common/templates, by Jinja2 (which escapes what it prints)."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from common.files import write_text
from common.language import chinese, language, translate

TEMPLATES = Path(__file__).with_name("templates")


def number(value):
    """A number as a reader wants it: 4 significant digits, thousands separated, True as yes."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def both(text):
    """A text as HTML in both languages, of which the page shows one."""
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(text, chinese(text))


def environment(*folders, **options):
    """The Jinja2 environment of a page: templates of its own folders, else those of common.

    options: of jinja2.Environment, over those that escape and that allow no unknown name.
    """
    options = {"autoescape": True, "undefined": StrictUndefined, **options}
    found = Environment(loader=FileSystemLoader([*folders, TEMPLATES]), **options)
    found.filters |= {"number": number, "translate": translate, "chinese": chinese, "both": both}
    found.globals["language"] = language()
    return found


def render(template, path, **context):
    """Write the page `path` from a template, atomically."""
    write_text(path, environment().get_template(template).render(**context))
