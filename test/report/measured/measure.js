// Runs in the browser in place of plotly's export to SVG: draws the figure and answers with the
// boxes of its texts and marks as JSON, in pixels from the figure's top left corner.
(() => {
  const toImage = Plotly.toImage.bind(Plotly);

  const boxOf = (element, origin) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left: left - origin.left, top: top - origin.top, right: right - origin.left, bottom: bottom - origin.top };
  };

  /** The lines of a text, or the text itself if it has a single one. */
  const linesOf = (text) => {
    const lines = [...text.querySelectorAll("tspan.line")];
    return lines.length > 0 ? lines : [text];
  };

  const textsOf = (page, origin) =>
    [...page.querySelectorAll("text")].flatMap((text, index) => {
      const size = Number.parseFloat(getComputedStyle(text).fontSize);
      return linesOf(text)
        .filter((line) => line.textContent.trim() !== "")
        .map((line) => ({ owner: index, text: line.textContent, size, ...boxOf(line, origin) }));
    });

  const marksOf = (page, origin) =>
    [...page.querySelectorAll(".scatterlayer .point")].map((point) => ({ name: "point", ...boxOf(point, origin) }));

  Plotly.toImage = async (figure, options) => {
    if (options.format !== "svg") return toImage(figure, options);
    const page = document.createElement("div");
    document.body.append(page);
    await Plotly.newPlot(page, figure.data, figure.layout, { staticPlot: true });
    const origin = page.getBoundingClientRect();
    const measured = {
      width: figure.layout.width,
      height: figure.layout.height,
      texts: textsOf(page, origin),
      marks: marksOf(page, origin),
    };
    Plotly.purge(page);
    page.remove();
    return JSON.stringify(measured);
  };
})();
