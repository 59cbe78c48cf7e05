// SPDX-License-Identifier: Apache-2.0
fn main() -> std::io::Result<()> {
    tonic_prost_build::configure().build_client(false).compile_protos(&["../echo.proto", "../read.proto"], &[".."])
}
