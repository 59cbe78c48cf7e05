// SPDX-License-Identifier: Apache-2.0
//! echo-tonic current|multi [CERTIFICATE KEY]: echo.proto by tonic, on one of tokio's two runtimes; prints its port.
use std::{env, error::Error, fs, pin::Pin};

use tokio::net::TcpListener;
use tokio_stream::{wrappers::TcpListenerStream, Stream};
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

mod pb {
    tonic::include_proto!("bench");
}
use pb::{echo_server::{Echo, EchoServer}, Count, Payload};

struct Service;

#[tonic::async_trait]
impl Echo for Service {
    async fn unary(&self, request: Request<Payload>) -> Result<Response<Payload>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    type StreamStream = Pin<Box<dyn Stream<Item = Result<Payload, Status>> + Send>>;

    async fn stream(&self, request: Request<Count>) -> Result<Response<Self::StreamStream>, Status> {
        let n = request.into_inner().n;
        Ok(Response::new(Box::pin(async_stream::stream! {
            for _ in 0..n {
                yield Ok(Payload { body: vec![0; 100] });
            }
        })))
    }
}

async fn serve(pem: &[String]) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let mut server = Server::builder().tcp_nodelay(true);
    if let [certificate, key] = pem {
        let identity = Identity::from_pem(fs::read(certificate)?, fs::read(key)?);
        server = server.tls_config(ServerTlsConfig::new().identity(identity))?;
    }
    server.add_service(EchoServer::new(Service)).serve_with_incoming(TcpListenerStream::new(listener)).await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let mut runtime = match words[0].as_str() {
        "multi" => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    runtime.enable_all().build()?.block_on(serve(&words[1..]))
}
