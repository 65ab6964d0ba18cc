// A native addon of one function, `loadLibrary(name)`: loads a shared library and returns what it
// wrote to standard error meanwhile. TensorFlow's library writes there while it is loaded, before
// it has read how much it is to say.
#include <dlfcn.h>
#include <link.h>
#include <node_api.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace {

// Gives back the pages of TensorFlow's libraries that are never written: loading goes once through
// symbols, relocations and start-up code, 220 MB, of which later work needs little. What it does
// need comes from the file again. Segments that can be written, also those that are protected after
// loading, are not touched.
int GiveBackPages(dl_phdr_info* library, size_t, void*) {
  if (strstr(library->dlpi_name, "/libtensorflow_") == nullptr) return 0;
  const uintptr_t page = sysconf(_SC_PAGESIZE);
  for (int i = 0; i < library->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = library->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t start = library->dlpi_addr + segment.p_vaddr;
    const uintptr_t first = (start + page - 1) / page * page;
    const uintptr_t end = (start + segment.p_filesz) / page * page;
    if (end > first) madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
  }
  return 0;
}

// Standard error goes to a file in memory from construction to `Finish`.
class CapturedStandardError {
 public:
  CapturedStandardError() : kept_(dup(STDERR_FILENO)), memory_(memfd_create("stderr", MFD_CLOEXEC)) {
    fflush(stderr);
    if (kept_ >= 0 && memory_ >= 0) dup2(memory_, STDERR_FILENO);
  }

  std::string Finish() {
    fflush(stderr);
    std::string text;
    if (kept_ >= 0 && memory_ >= 0) {
      dup2(kept_, STDERR_FILENO);
      char piece[4096];
      lseek(memory_, 0, SEEK_SET);
      for (ssize_t count; (count = read(memory_, piece, sizeof piece)) > 0;) text.append(piece, count);
    }
    if (kept_ >= 0) close(kept_);
    if (memory_ >= 0) close(memory_);
    return text;
  }

 private:
  const int kept_;
  const int memory_;
};

napi_value LoadLibrary(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  char name[4096];
  size_t length;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count < 1 ||
      napi_get_value_string_utf8(env, argument, name, sizeof name, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "loadLibrary: expected the name of a library");
    return nullptr;
  }
  CapturedStandardError captured;
  // The library stays loaded; the addon that needs it finds it by its name.
  const bool loaded = dlopen(name, RTLD_LAZY | RTLD_LOCAL) != nullptr;
  const std::string error = loaded ? "" : dlerror();
  const std::string text = captured.Finish();
  dl_iterate_phdr(GiveBackPages, nullptr);
  if (!loaded) {
    napi_throw_error(env, nullptr, (text + error).c_str());
    return nullptr;
  }
  napi_value result;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "loadLibrary", NAPI_AUTO_LENGTH, LoadLibrary, nullptr, &function);
  napi_set_named_property(env, exports, "loadLibrary", function);
  return exports;
}
