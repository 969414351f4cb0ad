//! What the node is compared with: axum that does nothing else. `POST /add` echoes, every file of a directory is
//! served from memory. It takes the node's arguments and tells its URL as the node does, so both are started alike.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

type Files = Arc<HashMap<String, Bytes>>;

/// Serves until it is killed. The directory is the last argument.
pub fn serve() -> ExitCode {
    let directory = PathBuf::from(std::env::args_os().next_back().expect("a directory"));
    let mut files = HashMap::new();
    collect(&directory, "", &mut files);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    runtime.block_on(async {
        let router =
            Router::new().route("/add", post(async |leaf: Bytes| leaf)).fallback(get(file)).with_state(Arc::new(files));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
        println!("http://{}", listener.local_addr().expect("address"));
        axum::serve(listener, router).await.expect("serve");
    });
    ExitCode::SUCCESS
}

async fn file(State(files): State<Files>, uri: Uri) -> Response {
    match files.get(uri.path()) {
        Some(bytes) => ([(header::CONTENT_TYPE, "application/octet-stream")], bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn collect(directory: &Path, path: &str, files: &mut HashMap<String, Bytes>) {
    for entry in std::fs::read_dir(directory).expect("directory") {
        let entry = entry.expect("entry");
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().expect("type").is_dir() {
            collect(&entry.path(), &path, files);
        } else {
            files.insert(path, std::fs::read(entry.path()).expect("file").into());
        }
    }
}
