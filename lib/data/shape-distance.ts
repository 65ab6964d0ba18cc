/** The drawn shapes, all of about the same area. */
export const shapeNames = ["circle", "cross", "ring", "square", "star", "triangle"] as const;

export type ShapeName = (typeof shapeNames)[number];

type Point = readonly [number, number];

/** Signed distance from (x, y) to the border of a shape about the origin, negative inside. A circle has radius .8. */
export function shapeDistance(shape: ShapeName, x: number, y: number): number {
  switch (shape) {
    case "circle":
      return Math.sqrt(x * x + y * y) - 0.8;
    case "ring":
      return Math.abs(Math.sqrt(x * x + y * y) - 0.72) - 0.22;
    case "cross":
      return polygonDistance(crossCorners, x, y);
    case "square":
      return polygonDistance(squareCorners, x, y);
    case "star":
      return polygonDistance(starCorners, x, y);
    case "triangle":
      return polygonDistance(triangleCorners, x, y);
  }
}

const squareCorners: readonly Point[] = regularCorners(4, [1]);
const triangleCorners: readonly Point[] = regularCorners(3, [1.15]);
const starCorners: readonly Point[] = regularCorners(10, [1.15, 0.5]);
const crossCorners: readonly Point[] = [0, 1, 2, 3].flatMap((turn) =>
  [
    [0.3, 0.3],
    [1, 0.3],
    [1, -0.3],
  ].map(([x = 0, y = 0]): Point => rotate(x, y, (-turn * Math.PI) / 2)),
);

/** Corners at equal angles, from the top, at the given radii in turn. */
function regularCorners(count: number, radii: readonly number[]): readonly Point[] {
  return Array.from({ length: count }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / count;
    const radius = radii[i % radii.length] ?? 0;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

function rotate(x: number, y: number, angle: number): Point {
  return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
}

/** Distance to the nearest edge; inside where a ray to the right crosses an odd number of edges. */
function polygonDistance(corners: readonly Point[], x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  let [fromX, fromY] = corners[corners.length - 1] ?? [0, 0];
  for (const [toX, toY] of corners) {
    const edgeX = toX - fromX;
    const edgeY = toY - fromY;
    const along = ((x - fromX) * edgeX + (y - fromY) * edgeY) / (edgeX * edgeX + edgeY * edgeY);
    const share = Math.min(1, Math.max(0, along));
    const awayX = x - fromX - share * edgeX;
    const awayY = y - fromY - share * edgeY;
    nearest = Math.min(nearest, awayX * awayX + awayY * awayY);
    if (toY > y !== fromY > y && x < fromX + ((y - fromY) * edgeX) / edgeY) inside = !inside;
    fromX = toX;
    fromY = toY;
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}
