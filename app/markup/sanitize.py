"""The allow-list of HTML in user-written texts. Everything else is dropped by nh3."""

import re

import nh3

MATHML = {
    "math", "mi", "mn", "mo", "ms", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom",
    "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "mtable", "mtr", "mtd", "merror",
}  # fmt: skip
MATHML_ATTRIBUTES = {
    "display", "displaystyle", "scriptlevel", "lspace", "rspace", "stretchy", "symmetric", "accent", "accentunder", "minsize", "maxsize",
    "mathvariant", "linethickness", "width", "height", "depth", "voffset", "columnspan", "rowspan", "form", "fence", "separator", "largeop",
    "movablelimits", "intent", "arg",
}  # fmt: skip
TEXT = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "span", "em", "strong", "s", "sub", "sup",
    "a", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "img", "div", "section", "aside", "details", "summary", "dfn", "kbd",
}  # fmt: skip
SVG = {
    "svg", "g", "path", "line", "polyline", "polygon", "rect", "circle", "ellipse", "text", "tspan", "title", "desc", "defs", "marker",
    "linearGradient", "radialGradient", "stop", "clipPath", "pattern", "mask",
}  # fmt: skip
SVG_ATTRIBUTES = {
    "viewBox", "preserveAspectRatio", "id", "class", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "points",
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset",
    "stroke-opacity", "stroke-miterlimit", "opacity", "transform", "text-anchor", "dominant-baseline", "alignment-baseline", "baseline-shift",
    "font-size", "font-weight", "font-style", "letter-spacing", "dx", "dy", "rotate", "textLength", "lengthAdjust", "marker-start", "marker-mid",
    "marker-end", "markerWidth", "markerHeight", "refX", "refY", "orient", "markerUnits", "clip-path", "clip-rule", "offset", "stop-color", "stop-opacity",
    "gradientUnits", "gradientTransform", "patternUnits", "patternTransform", "mask", "role", "aria-label", "aria-hidden", "vector-effect", "paint-order",
    "color",
}  # fmt: skip

_ATTRIBUTES = {
    "*": {"class", "id", "lang"},
    "a": {"href", "title", "role", "aria-label"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "ol": {"start"},
    "th": {"align", "scope"},
    "td": {"align"},
    "details": {"open"},
    "dfn": {"tabindex", "data-term", "aria-describedby"},
    "span": {"role"},
    "pre": {"tabindex"},
    "div": {"tabindex", "role", "aria-label"},
} | {tag: MATHML_ATTRIBUTES | {"class"} for tag in MATHML}  # fmt: skip

_CLEANER = nh3.Cleaner(
    tags=TEXT | MATHML,
    attributes=_ATTRIBUTES,
    clean_content_tags={"script", "style"},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)


def clean_html(html: str) -> str:
    """HTML of a lesson without anything that runs, frames, or styles."""
    return _CLEANER.clean(html)


# Browsers parse CSS in these, which could fetch something: `mask="url(https://…)"`.
_WORDS = {"id", "class", "role", "aria-label", "aria-hidden"}
_FUNCTION = re.compile(r"([\w-]*)\(")
_SAFE_FUNCTIONS = {
    "var", "calc", "rgb", "rgba", "hsl", "hsla", "oklch", "oklab", "color-mix", "light-dark",
    "matrix", "translate", "scale", "rotate", "skewX", "skewY",
}  # fmt: skip
_OWN_PART = re.compile(r"url\(\s*#[\w-]+\s*\)")


def clean_svg(text: str) -> str:
    """An SVG drawing safe to inline in a page: shapes and text only, no script, link, style sheet or external picture.

    Raises ValueError if there is no drawing in it.
    """
    cleaned = nh3.clean(
        text,
        tags=SVG,
        attributes={"*": SVG_ATTRIBUTES},
        attribute_filter=_svg_attribute,
        clean_content_tags={"script", "style", "foreignObject", "foreignobject"},
    )
    start, end = cleaned.find("<svg"), cleaned.rfind("</svg>")
    if start < 0 or end < 0:
        raise ValueError("expected an <svg> element")
    return cleaned[start : end + len("</svg>")]


def _svg_attribute(_tag: str, name: str, value: str) -> str | None:
    if name in _WORDS:
        return value
    functions = set(_FUNCTION.findall(_OWN_PART.sub("", value)))
    return value if functions <= _SAFE_FUNCTIONS and "\\" not in value else None
