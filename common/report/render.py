"""Templates with texts in two languages; the filters that they use."""

import re
from pathlib import Path

from markupsafe import Markup, escape

from common import page
from common.files import write_text
from common.report import rules
from common.report.runner import clock
from common.report.text import Text, term

TEMPLATES = Path(__file__).with_name("templates")
WORDS = {
    rules.HOLDS: Text("holds", "成立"),
    rules.FAILS: Text("does not hold", "不成立"),
    rules.CLOSE: Text("too close", "难分高下"),
    rules.UNTESTED: Text("not tested in this profile", "当前配置未检验"),
    rules.UNTESTABLE: Text("cannot be tested", "无法检验"),
}
BRIEF = {rules.UNTESTED: Text("not tested", "未检验")}  # on the page, which names its profile
SIGNS = dict(zip(rules.VERDICTS, "✓✗≈–∅"))


def answer(verdict):
    """The answer in words; what was decided by argument says so."""
    by_argument = isinstance(verdict.item.rule, rules.ByArgument)
    return verdict.rule if by_argument else WORDS[verdict.verdict]


def number(value):
    """A number for a reader: 5 significant digits, whole numbers in full."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.1f}"
    return page.number(int(value) if isinstance(value, float) else value)


def both(text):
    """Text -> HTML in both languages, of which the page shows one; `code` becomes <code>."""
    text = term(text) if isinstance(text, str) else text
    if text.en == text.zh:
        return _inline(text.en)
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(
        _inline(text.en), _inline(text.zh)
    )


def _inline(text):
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def write(template, path, **context):
    """Write `path` from a template; HTML is escaped, Markdown is not."""
    options = {"autoescape": template.endswith(".html"), "trim_blocks": True, "lstrip_blocks": True}
    environment = page.environment(TEMPLATES, **options)
    environment.filters |= {"number": number, "both": both, "clock": clock, "answer": answer}
    environment.globals |= {"words": WORDS, "brief": BRIEF, "signs": SIGNS, "term": term}
    write_text(path, environment.get_template(template).render(**context))
