// Calls native kernels as XLA would, without XLA, so that sanitizers see all there is to see.
//
//     replay LIBRARY < calls
//
// A call is a line `call HANDLER`, lines `arg TYPE RANK DIMENSIONS...`, `ret ...`, attributes sorted by
// name as `ints NAME COUNT NUMBERS...`, `int NAME NUMBER`, `float NAME NUMBER`, `bool NAME NUMBER`
// or `string NAME TEXT`, and a line `end`. Each call runs with 1, 2, 3 and 8 threads, on results that are filled with
// other bytes each time: all must end with the same bits, so nothing is left unwritten either.
#include <dlfcn.h>

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "xla/ffi/api/c_api.h"

// XLA's two opaque types are ours here.
struct XLA_FFI_Error {
  std::string message;
};

struct XLA_FFI_ExecutionContext {
  explicit XLA_FFI_ExecutionContext(int64_t count) : threads(count) {
    for (std::thread& thread : threads) thread = std::thread([this] { work(); });
  }
  ~XLA_FFI_ExecutionContext() {
    {
      std::lock_guard<std::mutex> lock(mutex);
      closed = true;
    }
    changed.notify_all();
    for (std::thread& thread : threads) thread.join();
  }
  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex);
      changed.wait(lock, [this] { return closed || !tasks.empty(); });
      if (tasks.empty()) return;
      auto task = tasks.front();
      tasks.pop_front();
      lock.unlock();
      task();
    }
  }
  std::vector<std::thread> threads;
  std::deque<std::function<void()>> tasks;
  std::mutex mutex;
  std::condition_variable changed;
  bool closed = false;
};

namespace {

XLA_FFI_Api make_api() {
  XLA_FFI_Api api = {};
  api.struct_size = XLA_FFI_Api_STRUCT_SIZE;
  api.api_version.struct_size = XLA_FFI_Api_Version_STRUCT_SIZE;
  api.api_version.major_version = XLA_FFI_API_MAJOR;
  api.api_version.minor_version = XLA_FFI_API_MINOR;
  api.XLA_FFI_Error_Create = [](XLA_FFI_Error_Create_Args* args) {
    return new XLA_FFI_Error{args->message};
  };
  api.XLA_FFI_Error_GetMessage = [](XLA_FFI_Error_GetMessage_Args* args) {
    args->message = args->error->message.c_str();
  };
  api.XLA_FFI_Error_Destroy = [](XLA_FFI_Error_Destroy_Args* args) { delete args->error; };
  api.XLA_FFI_ThreadPool_NumThreads = [](XLA_FFI_ThreadPool_NumThreads_Args* args) {
    *args->num_threads = args->ctx->threads.size();
    return static_cast<XLA_FFI_Error*>(nullptr);
  };
  api.XLA_FFI_ThreadPool_Schedule = [](XLA_FFI_ThreadPool_Schedule_Args* args) {
    {
      std::lock_guard<std::mutex> lock(args->ctx->mutex);
      args->ctx->tasks.push_back([task = args->task, data = args->data] { task(data); });
    }
    args->ctx->changed.notify_one();
    return static_cast<XLA_FFI_Error*>(nullptr);
  };
  return api;
}

struct Type {
  XLA_FFI_DataType code;
  size_t bytes;
};

Type type_of(const std::string& name) {
  if (name == "float32") return {XLA_FFI_DataType_F32, 4};
  if (name == "bfloat16") return {XLA_FFI_DataType_BF16, 2};
  if (name == "float16") return {XLA_FFI_DataType_F16, 2};
  if (name == "uint8") return {XLA_FFI_DataType_U8, 1};
  if (name == "bool") return {XLA_FFI_DataType_PRED, 1};
  if (name == "int32") return {XLA_FFI_DataType_S32, 4};
  if (name == "uint32") return {XLA_FFI_DataType_U32, 4};
  if (name == "int64") return {XLA_FFI_DataType_S64, 8};
  std::cerr << "replay: unknown type " << name << "\n";
  std::exit(2);
}

// An array in a block of exactly its size, so that one byte too far is seen.
struct Array {
  Type type;
  std::vector<int64_t> dimensions;
  size_t bytes;
  std::unique_ptr<char[]> data;
  XLA_FFI_Buffer buffer;

  Array(const std::string& name, std::vector<int64_t> dims)
      : type(type_of(name)), dimensions(std::move(dims)), bytes(type.bytes) {
    for (int64_t d : dimensions) bytes *= d;
    data.reset(new char[bytes]);
    buffer = {XLA_FFI_Buffer_STRUCT_SIZE, nullptr, type.code, data.get(),
              static_cast<int64_t>(dimensions.size()), dimensions.data()};
  }

  void fill(uint32_t seed) {
    for (size_t i = 0; i < bytes / type.bytes; ++i) {
      seed = seed * 1664525 + 1013904223;
      char* at = data.get() + i * type.bytes;
      const float number = static_cast<int32_t>(seed) * 0x1p-30f;
      uint32_t bits;
      std::memcpy(&bits, &number, 4);
      const uint64_t small = seed >> 31;  // whole numbers are often indices: 0 or 1
      switch (type.code) {
        case XLA_FFI_DataType_F32: std::memcpy(at, &number, 4); break;
        case XLA_FFI_DataType_BF16: bits >>= 16; std::memcpy(at, &bits, 2); break;
        // Any sign and mantissa, exponents around one.
        case XLA_FFI_DataType_F16: bits = ((seed >> 16) & 0x8fff) | 0x3000; std::memcpy(at, &bits, 2); break;
        default: std::memcpy(at, &small, type.bytes);
      }
    }
  }
};

struct Attribute {
  std::string name, text;
  XLA_FFI_AttrType kind;
  std::vector<int64_t> numbers;
  double number = 0;
  float single = 0;
  bool flag = false;
  XLA_FFI_ByteSpan span, text_span;
  XLA_FFI_Scalar scalar;
  XLA_FFI_Array array;

  void* value() {
    span = {name.data(), name.size()};
    text_span = {text.data(), text.size()};
    array = {XLA_FFI_DataType_S64, numbers.size(), numbers.data()};
    switch (kind) {
      case XLA_FFI_AttrType_ARRAY: return &array;
      case XLA_FFI_AttrType_STRING: return &text_span;
      default: return &scalar;
    }
  }
};

struct Call {
  std::string handler;
  std::vector<std::unique_ptr<Array>> arguments, results;
  std::vector<std::unique_ptr<Attribute>> attributes;
};

void add_attribute(Call& call, const std::string& kind, std::istringstream& line) {
  auto attribute = std::make_unique<Attribute>();
  line >> attribute->name;
  attribute->kind = XLA_FFI_AttrType_SCALAR;
  if (kind == "ints") {
    attribute->kind = XLA_FFI_AttrType_ARRAY;
    size_t count;
    line >> count;
    attribute->numbers.resize(count);
    for (int64_t& number : attribute->numbers) line >> number;
  } else if (kind == "string") {
    attribute->kind = XLA_FFI_AttrType_STRING;
    line >> attribute->text;
  } else if (kind == "int") {
    attribute->numbers.resize(1);
    line >> attribute->numbers[0];
    attribute->scalar = {XLA_FFI_DataType_S64, attribute->numbers.data()};
  } else if (kind == "float") {
    line >> attribute->single;
    attribute->scalar = {XLA_FFI_DataType_F32, &attribute->single};
  } else {
    line >> attribute->flag;
    attribute->scalar = {XLA_FFI_DataType_PRED, &attribute->flag};
  }
  call.attributes.push_back(std::move(attribute));
}

bool read_call(Call& call) {
  for (std::string text, word; std::getline(std::cin, text);) {
    std::istringstream line(text);
    line >> word;
    if (word == "end") return true;
    if (word == "call") {
      line >> call.handler;
    } else if (word == "arg" || word == "ret") {
      std::string type;
      int64_t rank;
      line >> type >> rank;
      std::vector<int64_t> dimensions(rank);
      for (int64_t& d : dimensions) line >> d;
      auto& arrays = word == "arg" ? call.arguments : call.results;
      arrays.push_back(std::make_unique<Array>(type, dimensions));
    } else {
      add_attribute(call, word, line);
    }
  }
  return false;
}

// Runs a call once; the message of its error, or nothing.
std::string run(Call& call, XLA_FFI_Handler* handler, const XLA_FFI_Api& api, int64_t threads) {
  std::vector<XLA_FFI_ArgType> argument_types(call.arguments.size(), XLA_FFI_ArgType_BUFFER);
  std::vector<XLA_FFI_RetType> result_types(call.results.size(), XLA_FFI_RetType_BUFFER);
  std::vector<XLA_FFI_AttrType> attribute_types;
  std::vector<XLA_FFI_ByteSpan*> names;
  std::vector<void*> arguments, results, attributes;
  for (auto& array : call.arguments) arguments.push_back(&array->buffer);
  for (auto& array : call.results) results.push_back(&array->buffer);
  for (auto& attribute : call.attributes) {
    attributes.push_back(attribute->value());
    names.push_back(&attribute->span);
    attribute_types.push_back(attribute->kind);
  }
  XLA_FFI_ExecutionContext context(threads);
  XLA_FFI_CallFrame frame = {};
  frame.struct_size = XLA_FFI_CallFrame_STRUCT_SIZE;
  frame.api = &api;
  frame.ctx = &context;
  frame.stage = XLA_FFI_ExecutionStage_EXECUTE;
  frame.args = {XLA_FFI_Args_STRUCT_SIZE, nullptr, static_cast<int64_t>(arguments.size()),
                argument_types.data(), arguments.data()};
  frame.rets = {XLA_FFI_Rets_STRUCT_SIZE, nullptr, static_cast<int64_t>(results.size()),
                result_types.data(), results.data()};
  frame.attrs = {XLA_FFI_Attrs_STRUCT_SIZE, nullptr, static_cast<int64_t>(attributes.size()),
                 attribute_types.data(), names.data(), attributes.data()};
  std::unique_ptr<XLA_FFI_Error> error(handler(&frame));
  return error ? error->message : "";
}

bool replay(Call& call, XLA_FFI_Handler* handler, const XLA_FFI_Api& api) {
  uint32_t seed = 1;
  for (auto& array : call.arguments) array->fill(seed++);
  std::vector<std::string> first;
  for (int64_t threads : {1, 2, 3, 8}) {
    for (auto& array : call.results) std::memset(array->data.get(), 0x11 * threads, array->bytes);
    const std::string error = run(call, handler, api, threads);
    if (!error.empty()) {
      std::cerr << call.handler << ": " << error << "\n";
      return false;
    }
    for (size_t i = 0; i < call.results.size(); ++i) {
      const std::string bits(call.results[i]->data.get(), call.results[i]->bytes);
      if (threads == 1) first.push_back(bits);
      if (bits != first[i]) {
        std::cerr << call.handler << ": result " << i << " has other bits with " << threads
                  << " threads\n";
        return false;
      }
    }
  }
  return true;
}

}  // namespace

int main(int, char** arguments) {
  void* library = dlopen(arguments[1], RTLD_NOW);
  if (library == nullptr) {
    std::cerr << dlerror() << "\n";
    return 2;
  }
  const XLA_FFI_Api api = make_api();
  int calls = 0, failures = 0;
  for (Call call; read_call(call); call = Call()) {
    auto* handler = reinterpret_cast<XLA_FFI_Handler*>(dlsym(library, call.handler.c_str()));
    if (handler == nullptr || !replay(call, handler, api)) ++failures;
    ++calls;
  }
  std::cout << calls << " calls, " << failures << " failures\n";
  return failures != 0;
}
