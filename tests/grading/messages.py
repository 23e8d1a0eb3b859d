"""What the grader itself says to a student, in English and Chinese; texts.py has the checks'."""

TEXTS = {
    # a submission as a whole
    "is_link": (
        "it is a symbolic link; hand in the folder itself",
        "它是符号链接；请提交文件夹本身",
    ),
    "not_submission": (
        "it is neither a folder nor a .zip or .tar.gz",
        "它既不是文件夹，也不是 .zip 或 .tar.gz",
    ),
    "unreadable": ("it cannot be read: {why}", "无法读取：{why}"),
    "archive_large": (
        "the archive is too large; hand in the three files only",
        "压缩包太大；请只提交三个文件",
    ),
    "archive_many": (
        "it has too many members; hand in the three files only",
        "其中的文件太多；请只提交三个文件",
    ),
    "archive_damaged": (
        "the archive is damaged or of another kind than its name says",
        "压缩包已损坏，或与其扩展名不符",
    ),
    "archive_leads_out": (
        "the archive has a member that leads out of it: {name}",
        "压缩包里有指向外部的路径：{name}",
    ),
    "archive_encrypted": ("the archive is encrypted", "压缩包已加密"),
    # one file
    "missing_file": (
        "the submission has no {file} (nor {short}); not written yet",
        "提交中没有 {file}（也没有 {short}）；尚未完成",
    ),
    "file_twice": (
        "there is more than one {file}: {names}; keep one",
        "{file} 有不止一个：{names}；请只保留一个",
    ),
    "file_no_file": (
        "{name} is a link or no regular file; hand in the file itself",
        "{name} 是链接或不是普通文件；请提交文件本身",
    ),
    "file_case": (
        "{name} must be called {file} or {short}, in small letters",
        "{name} 应命名为 {file} 或 {short}（小写）",
    ),
    "file_large": ("{name} is larger than {limit} bytes", "{name} 超过 {limit} 字节"),
    "file_tight": ("{name} is packed too tightly to be text", "{name} 压缩率过高，不像文本"),
    "file_utf16": (
        "{name} is saved as UTF-16; save it as UTF-8",
        "{name} 以 UTF-16 保存；请存为 UTF-8",
    ),
    "file_nul": (
        "{name}: a NUL byte in line {line}, column {column}; save it as plain text",
        "{name}：第 {line} 行第 {column} 列有 NUL 字节；请存为纯文本",
    ),
    "file_codec": (
        "{name}: not {codec} in line {line}, column {column}; save it as UTF-8",
        "{name}：第 {line} 行第 {column} 列不是 {codec}；请存为 UTF-8",
    ),
    # the grader
    "not_finished": ("grading did not finish; run it again", "评分未完成；请重新运行"),
    "same_name": (
        "other submissions have the same name; this one is {path}",
        "有同名的其他提交；这一份是 {path}",
    ),
    "kept_back": (
        "(message not shown, as the inputs are hidden)",
        "（输入是隐藏的，因此不显示消息）",
    ),
    "ended": (
        "the program ended itself without an answer",
        "程序自行退出，没有返回结果",
    ),
    # the report
    "title": ("Report for {student}", "{student} 的评分报告"),
    "total": ("Total: {score} of {max_score} points", "总分：{score} / {max_score}"),
    "points": ("points", "分数"),
    "status": ("status", "状态"),
    "todo": ("TODO", "TODO"),
    "hint": ("Hint", "提示"),
    "next": ("Next step: `pytest tests/todo -k {todo}`", "下一步：`pytest tests/todo -k {todo}`"),
    "files": ("Files that were marked", "被评分的文件"),
    "how": ("How it was marked", "评分方式"),
    "isolation_all": (
        "Isolation: every layer was active.",
        "隔离：所有层均已启用。",
    ),
    "isolation_missing": ("Isolation, not active: {layers}.", "隔离，未启用：{layers}。"),
    "passed": ("passed", "通过"),
    "failed": ("failed", "未通过"),
    "error": ("error", "出错"),
    "timeout": ("timeout", "超时"),
    "crash": ("crash", "崩溃"),
    "memory": ("out of memory", "内存不足"),
    "missing": ("missing", "缺失"),
    "skipped": ("skipped", "跳过"),
}


def say(key, lang, **values):
    """The text `key` in "en" or "zh", with values filled in."""
    return TEXTS[key][lang == "zh"].format(**values)
