// SPDX-License-Identifier: Apache-2.0
//! echo-tonic current|multi [CERTIFICATE KEY | CONNINFO]: echo.proto by tonic, on one of tokio's two runtimes; prints its port.
//! With CONNINFO also read.proto, by tokio-postgres, which pipelines what is asked at once on a connection; it has four.
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, error::Error, fs, pin::Pin};

use tokio::net::TcpListener;
use tokio_postgres::{Client, NoTls, Statement};
use tokio_stream::Stream;
use tonic::transport::{server::TcpIncoming, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

mod pb {
    tonic::include_proto!("bench");
}
use pb::echo_server::{Echo, EchoServer};
use pb::read_server::{Read, ReadServer};
use pb::{Account, Count, Key, Payload};

const CONNECTIONS: usize = 4;
const BY_KEY: &str = "SELECT aid, abalance, filler FROM pgbench_accounts WHERE aid = $1";

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

struct Reader {
    connections: Vec<(Client, Statement)>,
    next: AtomicUsize,
}

impl Reader {
    async fn connect(conninfo: &str) -> Result<Self, Box<dyn Error>> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let (client, connection) = tokio_postgres::connect(conninfo, NoTls).await?;
            tokio::spawn(connection);
            let statement = client.prepare(BY_KEY).await?;
            connections.push((client, statement));
        }
        Ok(Reader { connections, next: AtomicUsize::new(0) })
    }
}

#[tonic::async_trait]
impl Read for Reader {
    async fn get(&self, request: Request<Key>) -> Result<Response<Account>, Status> {
        let (client, statement) = &self.connections[self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS];
        let row = client.query_opt(statement, &[&request.into_inner().aid]).await.map_err(|error| Status::unavailable(error.to_string()))?;
        let row = row.ok_or_else(|| Status::not_found(""))?;
        Ok(Response::new(Account { aid: row.get(0), abalance: row.get(1), filler: row.get(2) }))
    }
}

async fn serve(words: &[String]) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let reader = match words {
        [conninfo] => Some(ReadServer::new(Reader::connect(conninfo).await?)),
        _ => None,
    };
    println!("{}", listener.local_addr()?.port());
    let mut server = Server::builder();
    if let [certificate, key] = words {
        let identity = Identity::from_pem(fs::read(certificate)?, fs::read(key)?);
        server = server.tls_config(ServerTlsConfig::new().identity(identity))?;
    }
    server.add_service(EchoServer::new(Service)).add_optional_service(reader).serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true))).await?;
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
