// Read by TensorFlow's C++ side when its library is loaded, hence in a module of its own that is imported first.
process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
