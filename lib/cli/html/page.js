// Draws the figures of the page and scales each to the width that it has.
window.addEventListener("load", () => {
  const fit = (figure) => {
    const scale = Math.min(1, figure.clientWidth / Number(figure.dataset.width));
    figure.querySelector(".fct-plot").style.transform = `scale(${scale})`;
  };
  for (const figure of document.querySelectorAll(".fct-figure")) {
    const { data, layout } = JSON.parse(figure.querySelector("script").textContent);
    Plotly.newPlot(figure.querySelector(".fct-plot"), data, layout, { displaylogo: false });
    fit(figure);
    new ResizeObserver(() => fit(figure)).observe(figure);
  }
});
