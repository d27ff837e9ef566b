"""Elements of HTML as a tree: every text in a tree is escaped when it is written, whoever put it there."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from okx_doctor.secrets.foreign_text import visible

Node = ET.Element | str


def element(tag: str, *children: Node, **attributes: str) -> ET.Element:
    """An element. Text shows its control characters; ``class_`` and ``aria_label`` stand for ``class`` and so on."""
    made = ET.Element(tag, {name.strip("_").replace("_", "-"): visible(value) for name, value in attributes.items()})
    for child in children:
        if isinstance(child, ET.Element):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + visible(child)
        else:
            made.text = (made.text or "") + visible(child)
    return made


def document(root: ET.Element) -> str:
    """The tree as a page of HTML. Style sheets are written as they are: they are the product's own."""
    return f"<!doctype html>\n{ET.tostring(root, encoding='unicode', method='html')}\n"
