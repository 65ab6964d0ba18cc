import type { MobileNet } from "../../nn/networks/mobilenet";
import type { Architecture } from "../../nn/networks/network";
import type { ResNet } from "../../nn/networks/resnet";
import type { VisionTransformer } from "../../nn/networks/vit";
import type { NewArchitecture } from "./base";

/**
 * The new networks of a scale, all with 128 dimensions: ResNets that share a width and a stem, a
 * MobileNetV2 and a vision transformer.
 */
export function architectures({
  vit,
  mobilenet,
  large,
  ...resnets
}: Pick<ResNet, "width" | "stem"> & {
  /** The width of the ResNets with bottlenecks. */
  readonly large?: number;
  readonly vit: Omit<VisionTransformer, "kind" | "embedding">;
  readonly mobilenet: Omit<MobileNet, "kind" | "embedding">;
}): Readonly<Record<NewArchitecture, Architecture>> {
  const embedding = 128;
  const resnet = (depth: ResNet["depth"]) => ({ kind: "resnet", depth, embedding, ...resnets }) as const;
  return {
    resnet18: resnet(18),
    resnet34: resnet(34),
    resnet50: { ...resnet(50), ...widthOf(large) },
    resnet101: { ...resnet(101), ...widthOf(large) },
    wide50: { ...resnet(50), ...widthOf(large), wide: 2 },
    mobilenet: { kind: "mobilenet", embedding, ...mobilenet },
    vit: { kind: "vit", embedding, ...vit },
  };
}

function widthOf(width: number | undefined): Pick<ResNet, "width"> {
  return width === undefined ? {} : { width };
}
