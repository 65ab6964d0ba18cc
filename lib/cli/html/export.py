"""Writes notebooks as HTML that needs no network: formulas as MathML, figures interactive, tables that fit a telephone.

    python export.py FOLDER SOURCE...

Writes FOLDER/<notebook>.html for each notebook and, once beside them, plotly.min.js. A Markdown file becomes
FOLDER/index.html, with its pictures beside it and its links to notebooks leading to their pages. Exit status: 0 written,
1 refused.
"""

import html
import json
import os
import re
import sys
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Ctrl-C is no fault to be traced, also while modules are loaded, which takes seconds.
sys.excepthook = lambda kind, error, trace: kind is KeyboardInterrupt or sys.__excepthook__(kind, error, trace)

import nbformat  # noqa: E402
from bs4 import BeautifulSoup  # noqa: E402
from nbconvert import HTMLExporter  # noqa: E402
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath  # noqa: E402

try:
    from latex2mathml.converter import convert
except ImportError:
    sys.exit("error: latex2mathml is missing, which draws formulas: npm run setup")

PLOTLY = "application/vnd.plotly.v1+json"

TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock html_head_js -%}
{%- block html_head_js_mathjax -%}{%- endblock html_head_js_mathjax -%}
{%- block html_head_js_mermaidjs -%}{%- endblock html_head_js_mermaidjs -%}
{%- block html_head_css -%}
<style>{{ resources.fct_style }}</style>
{% if resources.fct_figures %}<script defer src="plotly.min.js"></script>
<script>{{ resources.fct_script }}</script>{% endif %}
{%- endblock html_head_css -%}
"""

# Delimiters that the converter does not know by these names.
KNOWN_BY = ((re.compile(r"\\([bB]igg?)\s*\\[lr]Vert\b"), r"\\\1‖"),)


class Renderer(IPythonRenderer):
    """Markdown in which formulas are MathML, which browsers draw themselves."""

    def block_math(self, body):
        return f'<div class="fct-formula">{mathml(body, "block")}</div>'

    def inline_math(self, body):
        return f'<span class="fct-inline">{mathml(body, "inline")}</span>'

    def latex_environment(self, name, body):
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")


def mathml(formula, display):
    """The formula as MathML. Raises ValueError if it holds a command that the converter does not know."""
    text = formula.strip()
    for pattern, known in KNOWN_BY:
        text = pattern.sub(known, text)
    written = convert(text, display=display)
    unknown = re.search(r"\\[A-Za-z]+", re.sub(r"<[^>]*>", " ", written))
    if unknown is not None:
        raise ValueError(f"formula ${formula.strip()}$: {unknown[0]} is not known to latex2mathml")
    return written


def markdown(source):
    return MarkdownWithMath(renderer=Renderer(escape=False)).render(source)


def figure(bundle, number):
    """A figure in its size, its picture where scripts do not run; its alternative text is in its layout."""
    plot = bundle[PLOTLY]
    layout = plot["layout"]
    width, height = layout["width"], layout["height"]
    alternative = html.escape(alternative_of(plot), quote=True)
    content = json.dumps({"data": plot["data"], "layout": layout}, ensure_ascii=False).replace("<", "\\u003c")
    picture = bundle.get("image/png", "").replace("\n", "")
    return (
        f'<figure class="fct-figure" id="figure-{number}" role="img" aria-label="{alternative}" '
        f'data-width="{width}" data-height="{height}" style="max-width: {width}px; aspect-ratio: {width} / {height}">'
        f'<div class="fct-plot"></div><script type="application/json">{content}</script>'
        f'<noscript><img alt="{alternative}" src="data:image/png;base64,{picture}"></noscript></figure>'
    )


def alternative_of(plot):
    """The figure's own words, else its title without markup."""
    layout = plot["layout"]
    title = layout.get("title", {})
    text = title.get("text", "") if isinstance(title, dict) else str(title)
    return layout.get("meta", {}).get("alt") or html.unescape(re.sub(r"<[^>]*>", " ", text)).strip() or "A figure"


def table(text):
    """A table without widths of its own, each of whose cells names its column: a narrow page can stack them."""
    soup = BeautifulSoup(text, "html.parser")
    for frame in soup.find_all("table"):
        frame["class"] = "fct-table"
        for cell in frame.find_all(["td", "th"]):
            if "right" in cell.attrs.pop("style", ""):
                cell["class"] = ["fct-number"]
        columns = [cell.get_text(" ", strip=True) for cell in frame.select("thead th")]
        for row in frame.select("tbody tr"):
            for cell, column in zip(row.find_all(["td", "th"]), columns):
                cell["data-column"] = column
                if cell.get_text(strip=True) in ("", "—"):
                    cell["class"] = [*cell.get("class", []), "fct-empty"]
    return str(soup)


def prepared(notebook):
    """The notebook with its figures and tables as HTML, and the number of figures."""
    figures = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            bundle = output.get("data", {})
            if PLOTLY in bundle:
                figures += 1
                output.data = nbformat.from_dict({"text/html": figure(bundle, figures)})
                output.metadata = {}
            elif "text/html" in bundle:
                bundle["text/html"] = table(bundle["text/html"])
            elif "image/png" in bundle:
                about = output.metadata.setdefault("image/png", {})
                about.setdefault("alt", f"{bundle.get('text/plain', 'A picture')}")
    return notebook, figures


def document(source):
    """A Markdown file as a notebook of one cell."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source.read_text(encoding="utf-8"))])


def linked(text, source, folder, notebooks):
    """The page of a Markdown file: pictures lie below the folder, links lead to pages or are plain words; and its
    first heading is followed by links to all notebooks."""
    soup = BeautifulSoup(text, "html.parser")
    places = soup.new_tag("ul")
    for notebook in notebooks:
        link = soup.new_tag("a", href=f"{notebook.stem}.html")
        link.string = title_of(nbformat.read(notebook, as_version=4), notebook)
        place = soup.new_tag("li")
        place.append(link)
        places.append(place)
    if notebooks:
        soup.find("h1").insert_after(places)
    for picture in soup.find_all("img"):
        place = (source.parent / unquote(picture["src"])).resolve()
        target = Path("figures", *place.parts[-2:])
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / target, place.read_bytes())
        picture["src"] = target.as_posix()
        picture["loading"] = "lazy"
    for link in soup.find_all("a", href=True):
        target = Path(urlsplit(link["href"]).path)
        if target.suffix == ".ipynb" and target.stem in {notebook.stem for notebook in notebooks}:
            link["href"] = f"{target.stem}.html"
        elif not link["href"].startswith(("#", "https://")) and target.suffix != ".html":
            link.unwrap()
    for frame in soup.find_all("table"):
        frame.replace_with(BeautifulSoup(table(str(frame)), "html.parser"))
    return str(soup)


def page(source):
    """The source as one HTML text. Raises ValueError with a line that names the file if that cannot be."""
    try:
        notebook = document(source) if source.suffix == ".md" else nbformat.read(source, as_version=4)
        notebook.metadata.setdefault("language_info", {"name": "typescript"})
        notebook, figures = prepared(notebook)
        exporter = HTMLExporter(raw_template=TEMPLATE, embed_images=True, filters={"markdown2html": markdown})
        here = Path(__file__).parent
        assets = {
            "metadata": {"name": title_of(notebook, source)},
            "fct_figures": figures,
            "fct_style": (here / "page.css").read_text(encoding="utf-8"),
            "fct_script": (here / "page.js").read_text(encoding="utf-8"),
        }
        return exporter.from_notebook_node(notebook, assets)[0]
    except OSError as error:
        raise ValueError(f"{source}: cannot be read ({error.strerror})") from error
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise ValueError(f"{source}: {reason}") from error


def title_of(notebook, source):
    """The first heading, if the source begins with one, else its name."""
    words = notebook.cells[0].source if notebook.cells else ""
    return words.splitlines()[0].lstrip("# ") if words.startswith("# ") else source.stem


def write_pages(folder, sources):
    """Writes a page for each notebook and the script that draws their figures; returns the paths of the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    targets = [folder / ("index.html" if source.suffix == ".md" else f"{source.stem}.html") for source in sources]
    plotly = Path(distribution("plotly").locate_file("plotly/package_data/plotly.min.js")).read_bytes()
    write_whole(folder / "plotly.min.js", plotly)
    for source, target in zip(sources, targets):
        text = page(source)
        notebooks = [each for each in sources if each.suffix == ".ipynb"]
        write_whole(target, (linked(text, source, folder, notebooks) if source.suffix == ".md" else text).encode())
    return targets


def write_whole(path, content):
    """A reader sees the old content or the new."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def main():
    folder, sources = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    try:
        for target in write_pages(folder, sources):
            print(target)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
