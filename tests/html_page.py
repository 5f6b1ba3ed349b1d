"""An HTML page as a browser would read it, or a failure where a browser would have to guess."""

from __future__ import annotations

from html.parser import HTMLParser

# https://html.spec.whatwg.org/multipage/syntax.html#void-elements, those that are used.
VOID = {"meta", "br", "img", "input", "link"}


class Node:
    def __init__(self, name: str, attributes: dict[str, str | None]) -> None:
        self.name, self.attributes = name, attributes
        self.children: list[Node | str] = []

    def all(self, name: str) -> list[Node]:
        """The elements of this name, in the order of the document, itself among them."""
        return [one for one in self.everything() if one.name == name]

    def text(self, *, without: str = "") -> str:
        """What is read: no script, no style, nothing that is in an element of the class ``without``."""
        parts = (
            child if isinstance(child, str) else "" if child.classed(without) else child.text(without=without)
            for child in self.children
        )
        return "" if self.name in {"script", "style"} else "".join(parts)

    def source(self) -> str:
        """Of a script or a style, as it stands in the file."""
        (found,) = self.children
        assert isinstance(found, str)
        return found

    def everything(self) -> list[Node]:
        """In the order of the document, itself first."""
        return [self, *(one for child in self.children if isinstance(child, Node) for one in child.everything())]

    def classed(self, name: str) -> bool:
        return name in (self.attributes.get("class") or "").split()


class Tree(HTMLParser):
    """Fails where a browser would have to guess: elements that are not closed, or not in the order opened."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        node = Node(tag, dict(attrs))
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parsed(text: str) -> Node:
    tree = Tree()
    tree.feed(text)
    tree.close()
    assert tree.open == [tree.root], "not closed"
    assert text.startswith("<!doctype html>\n")
    return tree.root
