import type { FuzzTarget } from "../fuzz-target";
import { pickleTarget, tarTarget, torchTarget, zipTarget } from "./archives";
import { artifactTarget, labelsTarget, npyTarget, safetensorsTarget } from "./arrays";
import {
  cifarTarget,
  coloursTarget,
  idxTarget,
  imageTarget,
  lfwTarget,
  tinyImagenetTarget,
  ucMercedTarget,
} from "./datasets";
import { benchTarget, checksumsTarget, makingTarget, progressTarget, resultTarget, stampTarget } from "./records";
import { cardTarget, csvTarget, npzTarget, parquetTarget } from "./tables";
import { mergesTarget, textsTarget } from "./texts";
import { adapterTarget, importTarget } from "./weights";

/** Every parser of the library, under the name that `npm run fuzz` takes. */
export const fuzzTargets: readonly FuzzTarget[] = [
  npyTarget,
  labelsTarget,
  safetensorsTarget,
  csvTarget,
  npzTarget,
  parquetTarget,
  cardTarget,
  adapterTarget,
  importTarget,
  artifactTarget,
  idxTarget,
  cifarTarget,
  tinyImagenetTarget,
  ucMercedTarget,
  lfwTarget,
  imageTarget,
  coloursTarget,
  tarTarget,
  zipTarget,
  textsTarget,
  mergesTarget,
  torchTarget,
  pickleTarget,
  resultTarget,
  benchTarget,
  checksumsTarget,
  makingTarget,
  stampTarget,
  progressTarget,
];
