import "./quiet";
import * as tensorflow from "@tensorflow/tfjs-node-gpu";

// The one import of TensorFlow: the native binding, quiet. Everything else imports `tf` from here.

export { tensorflow as tf };
