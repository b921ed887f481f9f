"""SVG as text: elements whose attributes and words are escaped, on paper that is light or dark as its reader is."""

from xml.sax.saxutils import escape, quoteattr

from podium.base.text import clean_line

_FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
_STYLE = f"""
text {{ font-family: {_FONT}; font-size: 12px; fill: #24292f; }}
.title {{ font-size: 15px; font-weight: 600; }}
.small {{ font-size: 10px; }}
.quiet {{ fill: #57606a; }}
.paper {{ fill: #ffffff; }}
.grid {{ stroke: #d8dee4; stroke-width: 1; }}
.axis {{ stroke: #57606a; stroke-width: 1; }}
.label {{ stroke: #ffffff; stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #e6edf3; }}
  .quiet {{ fill: #9198a1; }}
  .paper {{ fill: #0d1117; }}
  .grid {{ stroke: #2d333b; }}
  .axis {{ stroke: #9198a1; }}
  .label {{ stroke: #0d1117; }}
}}
"""

Value = str | float | int


def element(tag: str, *children: str, **attributes: Value) -> str:
    """One element. `children` are elements already; `stroke_width` is written stroke-width, and `class_` class."""
    named = "".join(f" {_name(name)}={quoteattr(_value(value))}" for name, value in attributes.items())
    return f"<{tag}{named}>{''.join(children)}</{tag}>" if children else f"<{tag}{named}/>"


def words(content: object) -> str:
    """Foreign text as what stands in an element."""
    return escape(clean_line(str(content), limit=400))


def text(x: float, y: float, content: object, **attributes: Value) -> str:
    return element("text", words(content), x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Value) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def titled(content: object) -> str:
    """What is shown where the pointer rests on the element that holds it."""
    return element("title", words(content))


def picture(width: float, height: float, *children: str, title: str) -> str:
    """A whole file: paper, title, and what is drawn on it."""
    return element(
        "svg", titled(title), element("style", _STYLE), element("rect", class_="paper", width=width, height=height),
        text(16, 26, title, class_="title"), *children,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_value(width)} {_value(height)}", width=width, height=height, role="img",
    ) + "\n"  # fmt: skip


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-") if name != "viewBox" else name


def _value(value: Value) -> str:
    """Tenths of a pixel are enough; what is text is made harmless.

    >>> _value(3.14159), _value(2.0), _value(7)
    ('3.1', '2', '7')
    """
    if isinstance(value, str):
        return clean_line(value, limit=20_000)
    return f"{value:.1f}".removesuffix(".0")
