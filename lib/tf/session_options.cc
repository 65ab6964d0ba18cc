// Linked into TensorFlow.js's addon in place of TF_NewSessionOptions, since its JavaScript has no
// options of sessions: with FCT_GRAPPLER=off in the environment, TensorFlow runs a graph as it is.
#include <tensorflow/c/c_api.h>

#include <cstdlib>
#include <cstring>

extern "C" TF_SessionOptions* __real_TF_NewSessionOptions();

extern "C" TF_SessionOptions* __wrap_TF_NewSessionOptions() {
  TF_SessionOptions* options = __real_TF_NewSessionOptions();
  const char* grappler = getenv("FCT_GRAPPLER");
  if (grappler == nullptr || strcmp(grappler, "off") != 0) return options;
  // ConfigProto { graph_options { rewrite_options { disable_meta_optimizer: true } } }
  const unsigned char config[] = {0x52, 0x05, 0x52, 0x03, 0x98, 0x01, 0x01};
  TF_Status* status = TF_NewStatus();
  TF_SetConfig(options, config, sizeof config, status);
  TF_DeleteStatus(status);
  return options;
}
