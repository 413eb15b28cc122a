//! A mail server of a test's own, which keeps what it takes and can be as unhelpful as real ones are.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// To whom, as the envelope says.
    pub to: Vec<String>,
    /// Head and body as they came.
    pub text: String,
}

impl Taken {
    /// The value of a header on one line.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// How the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mood {
    /// It takes what comes.
    #[default]
    Kind,
    /// It refuses each recipient with such an answer.
    Refuses(&'static str),
    /// It says nothing after the greeting.
    Silent,
    /// It takes a mail, and then breaks off before it says so.
    Forgetful,
    /// It takes a mail, and does not say so before it is in another mood.
    Stalls,
}

/// A mail server.
#[derive(Debug)]
pub struct SmtpServer {
    address: SocketAddr,
    state: Arc<State>,
    running: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    mood: watch::Sender<Mood>,
    taken: Mutex<Vec<Taken>>,
}

impl SmtpServer {
    /// A server on a free port, which takes what comes.
    pub async fn start() -> Self {
        let mut server = Self { address: ([127, 0, 0, 1], 0).into(), state: Arc::default(), running: None };
        server.resume().await;
        server
    }

    /// What reaches it, without encryption.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// Makes it be so from now on.
    pub fn be(&self, mood: Mood) {
        self.state.mood.send_replace(mood);
    }

    /// What it has taken, in order.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        self.state.taken.lock().expect("no test panics while it reads mail").clone()
    }

    /// Stops it; what connects then is refused.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            // That it was cut off is what was wanted.
            let _ = running.await;
        }
    }

    /// Starts it again at the same address.
    pub async fn resume(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the address of the mail server");
        self.address = listener.local_addr().expect("an address");
        let state = Arc::clone(&self.state);
        self.running = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                tokio::spawn(async move {
                    // A client that goes away in the middle is what some tests want.
                    let _ = converse(stream, &state).await;
                });
            }
        }));
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}

async fn converse(stream: TcpStream, state: &State) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    write.write_all(b"220 test ESMTP\r\n").await?;
    let (mut to, mut line) = (Vec::new(), String::new());
    loop {
        line.clear();
        if lines.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let mood = *state.mood.borrow();
        if mood == Mood::Silent {
            continue;
        }
        let command = line.trim_end().to_owned();
        let answer = match command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "EHLO" => "250-test\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                if let Mood::Refuses(answer) = mood {
                    answer.to_owned()
                } else {
                    to.push(command.split(['<', '>']).nth(1).unwrap_or_default().to_owned());
                    "250 ok".to_owned()
                }
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let text = read_mail(&mut lines).await?;
                let taken = Taken { to: std::mem::take(&mut to), text };
                state.taken.lock().expect("no test panics while it reads mail").push(taken);
                if mood == Mood::Forgetful {
                    return Ok(());
                }
                // The state has the sender, so it does not fail.
                let _ = state.mood.subscribe().wait_for(|mood| *mood != Mood::Stalls).await;
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            "MAIL" | "RSET" | "NOOP" | "HELO" => "250 ok".to_owned(),
            _ => "502 unknown".to_owned(),
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        if command.eq_ignore_ascii_case("QUIT") {
            return Ok(());
        }
    }
}

/// The lines up to a point alone, without the points that keep lines from being one.
async fn read_mail(lines: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        let is_stuffed = line.starts_with("..");
        text.push_str(line.strip_prefix('.').filter(|_| is_stuffed).unwrap_or(&line));
    }
}
