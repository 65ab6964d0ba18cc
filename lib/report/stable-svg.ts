/** plotly's SVG with the random parts of its ids replaced by counts: equal figures give equal text. */
export function stableSvg(svg: string): string {
  const names = [
    ...svg.matchAll(
      /\bid="(?:defs|topdefs|clip|legend)-?([0-9a-f]{6})|\btrace([0-9a-f]{6})\b|"cb([0-9a-f]{6}) colorbar"/g,
    ),
  ];
  const random = [...new Set(names.map(([, id, trace, bar]) => id ?? trace ?? bar ?? ""))];
  return random.reduce(
    (text, name, index) => text.replace(new RegExp(`(?<=[a-z-])${name}`, "g"), String(index + 1).padStart(6, "0")),
    svg.replace(/^<svg[^>]*>/, (root) => root.replace(' style=""', "")),
  );
}
