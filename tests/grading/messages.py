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
        "it has too many members; hand in the three files only (a download of many: unpack it)",
        "其中的文件太多；请只提交三个文件（批量下载请先解开）",
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
    "archive_kind": (
        "{name} is a {kind} archive, which is not read here; pack the files as .zip",
        "{name} 是 {kind} 压缩包，这里不读取；请打包为 .zip",
    ),
    "in_archive": ("{name}: {why}", "{name}：{why}"),
    "not_opened": (
        "{name} is packed too deep, or one archive too many, and was not opened",
        "{name} 嵌套过深或压缩包过多，未打开",
    ),
    "unlisted": ("{name} cannot be looked into: {why}", "无法查看 {name}：{why}"),
    "not_all": (
        "there are more than {limit} files and folders; not all were looked at",
        "文件和文件夹超过 {limit} 个；未全部查看",
    ),
    "late": ("{platform} says: late", "{platform} 标记为迟交"),
    # what was found
    "found_instead": (
        "found: {names}; expected: {expected}",
        "找到：{names}；应为：{expected}",
    ),
    "found_nothing": (
        "nothing that can be marked was found; expected: {expected}",
        "没有找到可以评分的内容；应为：{expected}",
    ),
    "also_found": (" (found: {names})", "（找到：{names}）"),
    "not_used": ("found, but not used: {names}", "找到但未使用：{names}"),
    "other_name": (
        "marked, but it should be called as in brackets: {names}",
        "已评分，但文件名应如括号中所示：{names}",
    ),
    "as_notebook": ("marked from a notebook: {names}", "从笔记本评分：{names}"),
    "other_case": (
        "marked, but it must be called in small letters: {names}",
        "已评分，但文件名应为小写：{names}",
    ),
    "was_packed": (
        "marked, from an archive in the submission: {names}",
        "已评分，来自提交内的压缩包：{names}",
    ),
    "was_unwritten": (
        "no function is written in it, so the file in brackets was marked: {names}",
        "其中没有写好的函数，因此评分的是括号中的文件：{names}",
    ),
    "twice_same": (
        "there is more than one, all the same, and one of them was marked: {names}",
        "有不止一个，内容相同，只评了其中一个：{names}",
    ),
    # to the teacher, about a run
    "nobody": ("no submission: {names}", "不是提交：{names}"),
    "odd": (
        "{number} held something else than expected:",
        "{number} 份提交与预期不同：",
    ),
    "absent": ("{number} handed in nothing: {names}", "{number} 人没有提交：{names}"),
    "exported": ("{path}: {number} marks", "{path}：{number} 个成绩"),
    "not_exported": ("; not in it: {names}", "；其中没有：{names}"),
    "strangers": ("not on the roster: {names}", "不在名单上：{names}"),
    # notebooks
    "notebook_large": (
        "{name}: more than {limit} bytes without its outputs; hand in the code only",
        "{name}：去掉输出后仍超过 {limit} 字节；请只提交代码",
    ),
    "notebook_damaged": ("{name} is no notebook that can be read", "{name} 不是可读取的笔记本"),
    "cells_magic": (
        "{name}: magics and shell lines were left out (code cells {cells})",
        "{name}：略去了魔法命令和 shell 命令（代码单元 {cells}）",
    ),
    "cells_skipped": (
        "{name}: only imports, definitions and simple assignments count; "
        "other code was not run (code cells {cells})",
        "{name}：只取导入、定义和简单赋值；其他代码没有运行（代码单元 {cells}）",
    ),
    "cells_lost": (
        "{what} is set by code that was not run (code cell {cell})",
        "{what} 由没有运行的代码设置（代码单元 {cell}）",
    ),
    "cells_given": (
        "{names}: the grader puts its own in place of yours",
        "{names}：评分时使用评分程序自己的值",
    ),
    "cells_twice": (
        "{name} defines {what} more than once (code cells {cells}); the last one counts",
        "{name} 多次定义 {what}（代码单元 {cells}）；以最后一次为准",
    ),
    "cell_broken": (
        "{name}: code cell {cell} was left out, it is not Python (line {line}: {why})",
        "{name}：略去了代码单元 {cell}，它不是 Python（第 {line} 行：{why}）",
    ),
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
        "this happens with the hidden inputs only; reason and place are not shown",
        "只在隐藏的输入上出现；不显示原因和位置",
    ),
    "message_kept_back": (
        "(message not shown: it holds numbers of inputs that are not yours)",
        "（不显示消息：其中含有你看不到的输入的数值）",
    ),
    "threads": ("(too many threads)", "（线程过多）"),
    "ended": (
        "the program ended itself without an answer",
        "程序自行退出，没有返回结果",
    ),
    # the page of pairs that are alike, for the teacher
    "alike_title": ("What is rare in the class and shared by two", "班上少见而两人共有的写法"),
    "alike_what": (
        "Compared: {number} submissions, without handout and reference. What counts is how few in "
        "the class have it: the shape of the code with names and layout taken out, order of "
        "statements, names, numbers, words of comments, named mistakes.",
        "比较了 {number} 份提交，除去下发代码和参考答案。班上有的人越少，分量越重："
        "去掉名字和排版后的代码结构、"
        "语句顺序、名字、数值、注释用词、已知错误。",
    ),
    "alike_no_verdict": (
        "This is no verdict and changes no mark. Right answers to short functions are alike by "
        "nature; two may have worked together where that is allowed, or have the same source. "
        "Ask both to explain the lines before you think anything. For teachers only.",
        "这不是结论，也不改变任何分数。短函数的正确写法本来就相似；两人也可能在允许的范围内合作过，或参考了同一来源。"
        "下判断之前，请先让两人分别解释这些代码。仅供教师查看。",
    ),
    "alike_measured": (
        "Measured on {classes} made-up classes of {students} each, so in a real one it may be "
        "otherwise: of pairs that were copied and then renamed, reordered and commented anew, "
        "{recall} % are shown; of pairs that were not, {wrong} a class (most: {most}); in classes "
        "without copies {honest} (most: {honest_most}). Where only four of the seven functions "
        "were copied, {recall_of_four} % are shown.",
        "在 {classes} 个模拟班级（每班 {students} 人）上测得，真实班级可能不同："
        "抄袭后改名、调序、重写注释的，"
        "有 {recall} % 被列出；没有抄袭而被列出的，每班 {wrong} 对（最多 {most} 对）；"
        "没有抄袭的班级，每班 "
        "{honest} 对（最多 {honest_most} 对）。"
        "七个函数只抄了四个的，有 {recall_of_four} % 被列出。",
    ),
    "alike_few": (
        "Fewer than {smallest} submissions: nothing in them can be called rare, so none are "
        "compared.",
        "提交不足 {smallest} 份：谈不上哪种写法少见，因此不作比较。",
    ),
    "alike_none": ("No pair stands out.", "没有突出的相似对。"),
    "alike_chance": (
        "Pairs as alike as this that such a class has by chance: {chance}.",
        "这样的班级里，偶然出现如此相似的对数：{chance}。",
    ),
    "alike_where": ("where", "位置"),
    "alike_shared": ("shared", "相同之处"),
    "alike_number": (", {number} of {all} have it", "，{all} 人中有 {number} 人"),
    "alike_shape": ("shape of the code", "代码结构"),
    "alike_order": ("order of statements", "语句顺序"),
    "alike_name": ("name", "名字"),
    "alike_comment": ("comment", "注释"),
    "alike_literal": ("number or text", "数值或文本"),
    "alike_layout": ("layout", "排版"),
    "alike_mistake": ("mistake", "错误"),
    "alike_whole": ("(the body as a whole)", "（整个函数体）"),
    "alike_found": (
        "{number} pairs share what is rare in the class: {path}",
        "{number} 对提交有班上少见的相同写法：{path}",
    ),
    # late days and marks by hand
    "late_told": (
        "deadline {deadline}: {late} late, {unknown} unknown; times from: {origins}",
        "截止时间 {deadline}：迟交 {late} 份，不明 {unknown} 份；时间来源：{origins}",
    ),
    "manual_changed": (
        "marks by hand: {id}, {part}: {old} -> {new}",
        "人工评分：{id}，{part}：{old} -> {new}",
    ),
    "manual_unknown": (
        "marks by hand for nobody in the gradebook: {names}",
        "人工评分表中有成绩册里没有的人：{names}",
    ),
    "manual_template": (
        "{path} is there to be filled in: {number} rows",
        "已生成待填写的 {path}：{number} 行",
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
    "isolation_none": (
        "Marked without isolation: nothing kept this submission from reading the solution.",
        "未隔离评分：没有任何机制阻止该提交读取参考答案。",
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
