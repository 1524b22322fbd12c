"""The languages that code is highlighted in. Many of Pygments' 500 lexers take quadratic or exponential time on some input.

By the word after the fence, with Pygments' name for it.
"""

IN_COMMENTS = {
    "text": "text", "python": "python", "py": "python", "pycon": "pycon", "bash": "bash", "sh": "bash", "console": "console",
    "json": "json", "yaml": "yaml", "toml": "toml", "javascript": "javascript", "js": "javascript", "html": "html", "css": "css",
    "sql": "sql", "c": "c", "cpp": "cpp", "java": "java", "diff": "diff",
}  # fmt: skip
IN_LESSONS = IN_COMMENTS | {
    "python3": "python", "ipython": "python", "pytb": "pytb", "shell": "bash", "zsh": "bash", "powershell": "powershell",
    "typescript": "typescript", "ts": "typescript", "xml": "xml", "ini": "ini", "cfg": "ini", "csv": "text", "plain": "text",
    "c++": "cpp", "csharp": "csharp", "c#": "csharp", "go": "go", "rust": "rust", "kotlin": "kotlin", "swift": "swift", "r": "r",
    "julia": "julia", "matlab": "matlab", "lua": "lua", "ruby": "ruby", "php": "php", "scala": "scala", "latex": "tex", "tex": "tex",
    "make": "make", "cmake": "cmake", "cuda": "cuda", "numpy": "numpy", "markdown": "text", "md": "text", "output": "output",
}  # fmt: skip
# Longer code is shown without highlighting.
LONGEST_COLOURED = 20_000


def is_known(language: str) -> bool:
    """True if lessons highlight code in `language`."""
    return language in IN_LESSONS
