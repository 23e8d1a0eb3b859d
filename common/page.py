"""HTML pages from templates in common/templates, by Jinja2 (which escapes what it prints)."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from common.files import write_text
from common.language import language, translate

TEMPLATES = Path(__file__).with_name("templates")


def number(value):
    """A number as a reader wants it: 4 significant digits, thousands separated, True as yes."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def render(template, path, **context):
    """Write the page `path` from a template, atomically."""
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters |= {"number": number, "translate": translate}
    environment.globals["language"] = language()
    write_text(path, environment.get_template(template).render(**context))
