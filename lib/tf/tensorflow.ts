/** The one import of TensorFlow: the native binding, quiet. Everything else says `import { tf } from "../tf/tensorflow"`. */
import "./quiet";
import * as tensorflow from "@tensorflow/tfjs-node-gpu";

export { tensorflow as tf };
