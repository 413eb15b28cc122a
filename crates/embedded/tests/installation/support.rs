//! A folder for one test, another program that holds an installation, and SQL by psql.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tenure_embedded::{DatabaseUrl, Durability, Installation, Running};

/// The user `nobody` of Debian and Ubuntu.
pub(crate) const NOBODY: u32 = 65534;

/// A folder that everyone may enter, with an installation in it that is stopped and removed at the end.
pub(crate) struct Scratch {
    root: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("tenure-").tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join(".tenure")
    }

    pub(crate) fn installation(&self) -> Installation {
        Installation::at(&self.folder())
    }

    pub(crate) fn open(&self) -> Running {
        self.installation().open(Durability::Disposable).unwrap()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder().join("postgres/data")
    }

    /// The process that `postmaster.pid` names.
    pub(crate) fn server(&self) -> Pid {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = self.installation().stop();
        if let Ok(away) = fs::read_link(self.folder().join("postgres")) {
            let _ = fs::remove_dir_all(away);
        }
    }
}

/// Another program that has an installation open until it is told to leave, or is killed.
pub(crate) struct Holder {
    child: Child,
    /// Closed to tell it to leave.
    stdin: Option<ChildStdin>,
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Holder {
    /// Starts it, and waits until it has opened the installation.
    pub(crate) fn open(folder: &Path) -> Self {
        Self::opened(Self::command(folder))
    }

    /// The same, run by the user `nobody`, who may not be able to read where this test's program is.
    pub(crate) fn open_as_nobody(scratch: &Scratch) -> Self {
        let program = scratch.root().join("holder");
        fs::copy(Self::program(), &program).unwrap();
        let mut command = Self::command_of(&program, &scratch.folder());
        command.uid(NOBODY).gid(NOBODY).current_dir(scratch.root());
        Self::opened(command)
    }

    /// It, not yet started.
    pub(crate) fn command(folder: &Path) -> Command {
        Self::command_of(&Self::program(), folder)
    }

    /// The example, which is built with the tests and lies in the folder beside theirs.
    fn program() -> PathBuf {
        let program = std::env::current_exe().unwrap().with_file_name("../examples/hold");
        assert!(program.exists(), "{} is not there; build it by cargo build --examples", program.display());
        program
    }

    fn command_of(program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    fn opened(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_open = lines.any(|line| line.unwrap().ends_with("opened"));
        assert!(is_open, "the other program did not open the installation");
        Self { child, stdin, _stdout: lines }
    }

    pub(crate) fn leave(mut self) {
        self.stdin = None;
        assert!(self.child.wait().unwrap().success());
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Runs SQL and gives its rows without headings.
pub(crate) fn sql(url: &DatabaseUrl, statement: &str) -> String {
    let output = psql(url, statement);
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Runs SQL that may fail.
pub(crate) fn psql(url: &DatabaseUrl, statement: &str) -> Output {
    Command::new("psql").args(["-XAtq", url.as_str(), "-c", statement]).output().unwrap()
}

pub(crate) fn kill_9(process: Pid) {
    kill(process, Signal::SIGKILL).unwrap();
    while is_running(process) {
        std::thread::yield_now();
    }
}

/// Whether a process is there, other than as a zombie.
pub(crate) fn is_running(process: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    !status.is_empty() && !status.contains(") Z ")
}

pub(crate) fn is_root() -> bool {
    geteuid().is_root()
}
