"""The list of a class: who is called what, and who of them has handed in nothing."""

import codecs
import csv
import io
import json
import re
import unicodedata
from dataclasses import asdict, dataclass

from common.errors import UserError
from common.files import write_json

FILE = "roster.json"
MAX_BYTES = 16 * 2**20
HEADER_ROWS = 10  # a title may stand above the names of the columns
_HEADERS = {
    "id": """id student_id student_number student_no number sid id_number SIS_user_id SIS_id user_id
        matriculation matriculation_number username login login_id SIS_login_id
        学号 學號 学生学号 學生學號 学籍号 编号 編號 用户名 工号 考号""",
    "name": """name full_name student_name student display_name
        姓名 名字 学生姓名 學生姓名 学生 學生""",
    "first": "first_name given_name given first 名",
    "last": "last_name surname family_name family last 姓",
    "email": """email email_address mail student_email 邮箱 郵箱 电子邮箱 電子郵箱 邮件 电子邮件
        電子郵件 信箱 邮箱地址 邮件地址""",
}
_HEADERS = {
    key: [word.replace("_", "").casefold() for word in text.split()]
    for key, text in _HEADERS.items()
}


@dataclass(frozen=True)
class Person:
    """One line of the roster."""

    id: str
    name: str = ""
    email: str = ""


def save(out, people):
    """Keep the roster beside the gradebook, which is written anew by every run."""
    write_json(out / FILE, [asdict(p) for p in people])


def kept(out):
    """The people of the last `save`; empty where there is none."""
    try:
        data = json.loads((out / FILE).read_text(encoding="utf-8"))
        return [Person(str(p["id"]), str(p["name"]), str(p["email"])) for p in data]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def load(path):
    """The people in a .csv or .xlsx with a column for the id, and perhaps name and email.

    Names of columns in English or Chinese, in any order. Raises UserError.
    """
    people = _people(rows(path), path)
    if not people:
        raise UserError(f"{path}: no id in it; is it the right file?")
    seen = set()
    for person in people:
        if person.id.casefold() in seen:
            raise UserError(f"{path}: the id {person.id} stands there twice; keep one line")
        seen.add(person.id.casefold())
    return people


def rows(path):
    """The cells of the first sheet of a .csv or .xlsx, all as text. Raises UserError."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UserError(f"{path} is too large for a table of a class ({size} bytes)")
        return _workbook(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _table(path)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error


def _workbook(path):
    """The rows of the first sheet that has any, all as text."""
    import openpyxl  # only who gives an .xlsx waits for it

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # zipfile's, xml's, openpyxl's own
        raise UserError(f"{path} is no .xlsx that can be read; save it as .csv") from error
    try:
        for sheet in book.worksheets:
            rows = [[text(v) for v in row] for row in sheet.iter_rows(values_only=True)]
            if any(any(row) for row in rows):
                return rows
        return []
    finally:
        book.close()


def text(value):
    """A cell as a person reads it: 20260001.0 is "20260001"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _table(path):
    data = path.read_bytes()
    if data.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        raise UserError(f"{path} is a workbook; save it as .xlsx or .csv")
    content = data.decode(codec(data, path))
    rows = csv.reader(io.StringIO(content), delimiter=delimiter(content))
    return [[v.strip() for v in row] for row in rows]


def delimiter(content):
    """What separates the cells of a table: the most frequent one of its first line."""
    first = next((line for line in content.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def codec(data, path):
    """The encoding of a table's bytes. Raises UserError."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for name in ("utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8", "gb18030"):
        try:
            data.decode(name)
            return name
        except UnicodeDecodeError:
            continue
    raise UserError(f"{path} is neither UTF-8 nor GBK; save it as UTF-8")


def _people(rows, path):
    for number, row in enumerate(rows[:HEADER_ROWS]):
        columns = columns_of(row)
        if "id" in columns:
            people = [person(line, columns) for line in rows[number + 1 :]]
            return [p for p in people if p.id]
    top = next((row for row in rows if any(row)), [])
    names = ", ".join(v for v in top if v)[:200] or "nothing"
    raise UserError(f"{path}: no column called id or 学号; its first line has {names}")


def columns_of(row):
    """ "id", "name", ... -> index. Of several ids the first in the order of _HEADERS counts."""
    names = [bare(v) for v in row]
    found = {key: first(names, known) for key, known in _HEADERS.items()}
    return {key: at for key, at in found.items() if at is not None}


def bare(name):
    """The name of a column without what people write differently: case, spaces, signs."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold())


def first(names, known):
    """The index of the column that has the first one of the known names, or None."""
    return next((names.index(word) for word in known if word in names), None)


def person(row, columns):
    """The Person of a row; the id may be ""."""

    def value(key):
        at = columns.get(key)
        return row[at] if at is not None and at < len(row) else ""

    name = value("name") or " ".join(filter(None, [value("first"), value("last")]))
    return Person(value("id").lstrip("'"), name, value("email"))


# --- who is who -----------------------------------------------------------------------------------


def join(people, students):
    """Who of the roster each student is.

    Args:
        people: list of Person.
        students: list of str, the ids of submissions.

    Returns:
        dict student -> Person. A student whom nobody, or more than one, fits is not in it.
    """
    by_id = {_plain(p.id): p for p in people}
    by_name = _unique((key, p) for p in people for key in _names(p.name))
    by_mail = _unique((p.email.partition("@")[0].casefold(), p) for p in people if "@" in p.email)
    found = {}
    for student in students:
        whole = by_id.get(_plain(student))
        fitting = {whole} if whole else _by_words(student, by_id)
        if not whole:  # a platform's own number may be another one's id: then the two disagree
            fitting |= _by_name(student, by_name, by_mail)
        if len(fitting) == 1:
            found[student] = fitting.pop()
    return found


def _by_words(student, by_id):
    """People whose id is a word of what the student is called."""
    return {by_id[w] for w in _words(student) if w in by_id}


def _by_name(student, by_name, by_mail):
    """People of that name; "Ann Example_20011" is called Ann Example."""
    plain = re.sub(r" \(\d+ of \d+\)$", "", student)
    called = re.sub(r"[_\s]\d+$", "", plain)
    keys = {"".join(_words(text)) for text in (plain, called)}
    keys |= set(_words(plain)) if not plain.isascii() else set()
    fitting = {by_name[k] for k in keys if by_name.get(k)}
    return fitting or {by_mail[k] for k in (plain.casefold(),) if by_mail.get(k)}


def _plain(text):
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _words(text):
    """The pieces of a name: letters and digits of one kind of script; "20261张三" is two."""
    text = _plain(re.sub(r" \(\d+ of \d+\)$", "", text))
    pieces = re.findall(r"[^\W_]+", text)
    halves = [h for p in pieces for h in re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", p)]
    return list(dict.fromkeys(pieces + halves if len(halves) != len(pieces) else pieces))


def _names(name):
    """How a platform may write a name: "Ann Example", "Example, Ann", "exampleann"."""
    words = _words(name)
    if not words:
        return set()
    return {"".join(words), "".join(reversed(words)), "".join(words[-1:] + words[:-1])}


def _unique(pairs):
    """key -> value, without the keys that more than one value has."""
    found = {}
    for key, value in pairs:
        found[key] = value if found.get(key, value) == value else None
    return found
