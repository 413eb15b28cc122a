//! Programs that run beside a test: requests to them and signals.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Child;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// The status and the body of an answer.
pub(crate) fn get(address: &str, path: &str, token: &str) -> (u16, Value) {
    let (status, body) = text(address, path, token);
    (status, serde_json::from_str(&body).unwrap())
}

/// The same with the body as text.
pub(crate) fn text(address: &str, path: &str, token: &str) -> (u16, String) {
    ask(address, &format!("GET {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\n"), "")
}

/// Sends a JSON body, and gives the status and the body of the answer.
pub(crate) fn post(address: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
    post_with(address, path, &format!("authorization: Bearer {token}\r\n"), body)
}

/// The same with headers of the test's choice, each with its end of line.
pub(crate) fn post_with(address: &str, path: &str, headers: &str, body: &Value) -> (u16, Value) {
    let content = body.to_string();
    let kind = format!("content-type: application/json\r\ncontent-length: {}\r\n", content.len());
    let (status, body) = ask(address, &format!("POST {path} HTTP/1.1\r\n{headers}{kind}"), &content);
    (status, serde_json::from_str(&body).unwrap_or_default())
}

/// Sends a PDF, and gives the status and the body of the answer.
pub(crate) fn upload(address: &str, path: &str, token: &str, content: &str) -> (u16, Value) {
    let kind = format!("content-type: application/pdf\r\ncontent-length: {}\r\n", content.len());
    let head = format!("POST {path} HTTP/1.1\r\nauthorization: Bearer {token}\r\n{kind}");
    let (status, body) = ask(address, &head, content);
    (status, serde_json::from_str(&body).unwrap())
}

fn ask(address: &str, head: &str, content: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{head}host: x\r\nconnection: close\r\n\r\n{content}").as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

pub(crate) fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}
