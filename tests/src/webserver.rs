//! The smallest web server: gives the files of a folder, and writes down what it was asked for. Knows nothing of logs.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// What was asked for, and how much of it may be answered.
#[derive(Default)]
struct Desk {
    paths: Mutex<Vec<String>>,
    answers_max: Option<usize>,
    /// The answer to every name that is not there.
    home_page: Option<&'static [u8]>,
    asked: Condvar,
}

/// A running server; ends with the process.
pub struct WebServer {
    /// `http://127.0.0.1:port`.
    pub url: String,
    desk: Arc<Desk>,
}

impl WebServer {
    /// Serves a folder.
    pub fn serve(dir: &Path) -> Self {
        Self::start(dir, Desk::default())
    }

    /// Serves a folder as many a site does: for a name that is not there it gives its home page, and says that all is
    /// well.
    pub fn serves_home_page(dir: &Path) -> Self {
        Self::start(dir, Desk { home_page: Some(b"<!DOCTYPE html><title>home</title>\n"), ..Desk::default() })
    }

    /// Serves a folder, but after so many answers keeps everyone waiting.
    pub fn stalls_after(dir: &Path, answers_max: usize) -> Self {
        Self::start(dir, Desk { answers_max: Some(answers_max), ..Desk::default() })
    }

    fn start(dir: &Path, desk: Desk) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let desk = Arc::new(desk);
        let (shared, dir) = (desk.clone(), dir.to_path_buf());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (desk, dir) = (shared.clone(), dir.clone());
                // A client that goes away is no failure of the test.
                thread::spawn(move || drop(answer_all(stream, &dir, &desk)));
            }
        });
        Self { url, desk }
    }

    /// Every path asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.desk.paths.lock().expect("paths").clone()
    }

    /// Waits until so many paths have been asked for.
    pub fn wait_for(&self, count: usize) {
        let mut paths = self.desk.paths.lock().expect("paths");
        while paths.len() < count {
            paths = self.desk.asked.wait(paths).expect("paths");
        }
    }
}

fn answer_all(mut stream: TcpStream, dir: &Path, desk: &Desk) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let mut request = String::new();
        reader.read_line(&mut request)?;
        let Some(path) = request.split(' ').nth(1).map(String::from) else { return Ok(()) };
        let mut header = String::new();
        while reader.read_line(&mut header)? > 2 {
            header.clear();
        }
        let number = {
            let mut paths = desk.paths.lock().expect("paths");
            paths.push(path.clone());
            desk.asked.notify_all();
            paths.len()
        };
        if desk.answers_max.is_some_and(|max| number > max) {
            thread::park();
        }
        let file: PathBuf = path.split('/').filter(|p| !p.is_empty() && *p != "..").collect();
        let (status, body) = match (fs::read(dir.join(file)), desk.home_page) {
            (Ok(body), _) => ("200 OK", body),
            (Err(_), Some(page)) => ("200 OK", page.to_vec()),
            (Err(_), None) => ("404 Not Found", b"not here\n".to_vec()),
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes())?;
        stream.write_all(&body)?;
    }
}
