// SPDX-License-Identifier: Apache-2.0
// echo-cpp [CERTIFICATE KEY]: echo.proto by gRPC C++, callback interface; prints its port.
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "echo.grpc.pb.h"

namespace {

class Writer final : public grpc::ServerWriteReactor<bench::Payload> {
 public:
  explicit Writer(uint32_t n) : left_(n) {
    payload_.set_body(std::string(100, '\0'));
    Next();
  }
  void OnWriteDone(bool ok) override {
    if (ok)
      Next();
    else
      Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  void Next() {
    if (left_-- > 0)
      StartWrite(&payload_);
    else
      Finish(grpc::Status::OK);
  }
  uint32_t left_;
  bench::Payload payload_;
};

class Service final : public bench::Echo::CallbackService {
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, const bench::Payload* request,
                                  bench::Payload* response) override {
    *response = *request;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<bench::Payload>* Stream(grpc::CallbackServerContext*, const bench::Count* count) override {
    return new Writer(count->n());
  }
};

std::string Read(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> Credentials(int argc, char** argv) {
  if (argc != 3) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({Read(argv[2]), Read(argv[1])});
  return grpc::SslServerCredentials(options);
}

}  // namespace

int main(int argc, char** argv) {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", Credentials(argc, argv), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  std::cout << port << std::endl;
  server->Wait();
}
