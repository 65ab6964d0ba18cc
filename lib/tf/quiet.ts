// A module of its own, because it must run before TensorFlow is loaded: TensorFlow's C++ side reads
// the variable when its library is loaded, and a module's imports run before its own lines.
// tensorflow.ts imports this file first. Moving the line there would let TensorFlow's log messages
// through.
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
