import "./quiet";
import * as tensorflow from "@tensorflow/tfjs-node-gpu";

/** The one import of TensorFlow: the native binding, quiet. Everything else says `import { tf } from "./tensorflow"`. */

export { tensorflow as tf };
