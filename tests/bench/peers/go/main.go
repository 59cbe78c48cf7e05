// SPDX-License-Identifier: Apache-2.0

// echo-go [CERTIFICATE KEY]: echo.proto by grpc-go; prints its port. The messages are Google's wrappers, which have the
// same bytes, so that nothing needs to be generated.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func unary(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	message := new(wrapperspb.BytesValue)
	if err := decode(message); err != nil {
		return nil, err
	}
	return message, nil
}

func stream(_ any, stream grpc.ServerStream) error {
	count := new(wrapperspb.UInt32Value)
	if err := stream.RecvMsg(count); err != nil {
		return err
	}
	for range count.Value {
		if err := stream.SendMsg(&wrapperspb.BytesValue{Value: make([]byte, 100)}); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	var options []grpc.ServerOption
	if len(os.Args) == 3 {
		tls, err := credentials.NewServerTLSFromFile(os.Args[1], os.Args[2])
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(tls))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench.Echo",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Unary", Handler: unary}},
		Streams:     []grpc.StreamDesc{{StreamName: "Stream", Handler: stream, ServerStreams: true}},
	}, struct{}{})
	log.Fatal(server.Serve(listener))
}
