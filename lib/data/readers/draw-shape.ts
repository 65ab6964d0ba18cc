import type { Random } from "../../core/random";

/** The drawn colours and their hues in turns. */
export const colourHues = { blue: 0.6, green: 0.36, orange: 0.075, purple: 0.78, red: 0.985, yellow: 0.15 } as const;

export type ColourName = keyof typeof colourHues;

type Colour = readonly [number, number, number];

/** Where a shape lies: centre and radius as shares of the side, and the angle it is turned by. */
interface Pose {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly angle: number;
}

/**
 * A shape with soft edges on a grey textured ground, side x side x 3 bytes. Position, size,
 * rotation, the exact colour, its shading and the ground are random.
 */
export function drawShape(shape: ShapeName, colour: ColourName, side: number, random: Random): Uint8Array {
  const pose = randomPose(random);
  const fill = randomFill(colourHues[colour], random);
  const light = random.uniform(0, 2 * Math.PI);
  const ground = groundTexture(side, random);
  const image = new Uint8Array(side * side * 3);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const [u, v] = inPose(pose, ((pixel % side) + 0.5) / side, (Math.floor(pixel / side) + 0.5) / side);
    const coverage = clampUnit(0.5 - shapeDistance(shape, u, v) * pose.radius * side);
    const shade = 1 + 0.14 * (u * Math.cos(light) + v * Math.sin(light)) + random.uniform(-0.03, 0.03);
    const under = (ground[pixel] as number) + random.uniform(-0.03, 0.03);
    for (let c = 0; c < 3; c++) {
      const value = coverage * (fill[c] as number) * shade + (1 - coverage) * under;
      image[pixel * 3 + c] = Math.round(255 * clampUnit(value));
    }
  }
  return image;
}

function randomPose(random: Random): Pose {
  const radius = random.uniform(0.24, 0.38);
  const x = random.uniform(radius, 1 - radius);
  const y = random.uniform(radius, 1 - radius);
  return { x, y, radius, angle: random.uniform(0, 2 * Math.PI) };
}

function inPose({ x, y, radius, angle }: Pose, imageX: number, imageY: number): readonly [number, number] {
  const dx = (imageX - x) / radius;
  const dy = (imageY - y) / radius;
  return [dx * Math.cos(angle) + dy * Math.sin(angle), dy * Math.cos(angle) - dx * Math.sin(angle)];
}

function randomFill(hue: number, random: Random): Colour {
  return fromHue(hue + random.uniform(-0.015, 0.015), random.uniform(0.72, 0.95), random.uniform(0.78, 0.98));
}

/** Red, green and blue in [0, 1] of a hue in turns, a saturation and a value. */
function fromHue(hue: number, saturation: number, value: number): Colour {
  const part = (offset: number): number => {
    const k = (offset + hue * 6) % 6;
    return value * (1 - saturation * clampUnit(Math.min(k, 4 - k)));
  };
  return [part(5), part(3), part(1)];
}

/** Smooth grey clouds: random values on a coarse grid, interpolated. */
function groundTexture(side: number, random: Random): Float64Array {
  const cells = 4;
  const base = random.uniform(0.3, 0.75);
  const grid = Float64Array.from({ length: (cells + 1) ** 2 }, () => base + random.uniform(-0.14, 0.14));
  const knot = (column: number, row: number): number => grid[row * (cells + 1) + column] as number;
  return Float64Array.from({ length: side * side }, (_, pixel) => {
    const x = (cells * ((pixel % side) + 0.5)) / side;
    const y = (cells * (Math.floor(pixel / side) + 0.5)) / side;
    const column = Math.floor(x);
    const row = Math.floor(y);
    const upper = mix(knot(column, row), knot(column + 1, row), smooth(x - column));
    const lower = mix(knot(column, row + 1), knot(column + 1, row + 1), smooth(x - column));
    return mix(upper, lower, smooth(y - row));
  });
}

function smooth(share: number): number {
  return share * share * (3 - 2 * share);
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

function clampUnit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** The drawn shapes, all of about the same area. */
export const shapeNames = ["circle", "cross", "ring", "square", "star", "triangle"] as const;

type ShapeName = (typeof shapeNames)[number];

type Point = readonly [number, number];

/**
 * Distance from (x, y) to the border of a shape about the origin (a circle's radius is 0.8),
 * negative inside.
 */
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

/** Distance to the nearest edge, negative if a ray to the right crosses an odd number of edges. */
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
