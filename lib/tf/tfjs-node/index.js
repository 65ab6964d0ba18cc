// What danfojs takes for TensorFlow: the project's own binding, loaded as quietly as the library does.
try {
  require("../../dist/tf/quiet.js").loadQuietly();
} catch {
  // Before the library is compiled TensorFlow only says more.
}
module.exports = require("@tensorflow/tfjs-node-gpu");
