//! When a process is killed: at what it says to PostgreSQL, at what it does to a folder, or by the clock.

use std::env;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tenure_testkit::Between;

/// The variable that sets the seed from which moments are drawn.
const SEED: &str = "SEED_OF_KILLS";
/// The variable that sets how many are drawn.
const NUMBER: &str = "NUMBER_OF_KILLS";
/// With the last messages, what was prepared comes into force.
const LAST: usize = 12;
/// How a client takes its leave of PostgreSQL.
const GOODBYE: [u8; 5] = [b'X', 0, 0, 0, 4];

/// When a process is killed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// With this message to PostgreSQL, which gets there or does not.
    Message { number: usize, arrives: bool },
    /// When so many bytes have come into its folder or gone from it.
    Bytes(u64),
    /// After so long.
    After(Duration),
}

/// How far a process came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) messages: usize,
    pub(super) bytes: u64,
    pub(super) duration: Duration,
}

/// Moments, drawn from a seed that is said when the test fails.
pub(super) struct Moments {
    seed: u64,
    random: StdRng,
    /// That of the process that was killed last.
    pub(super) last: Option<Moment>,
}

impl Moments {
    pub(super) fn new() -> Self {
        let seed = env::var(SEED).map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
        Self { seed, random: StdRng::seed_from_u64(seed), last: None }
    }

    /// So many moments, or as many as the caller of the test wants, spread over what a run that was left whole did: half of them anywhere
    /// among its messages, the rest in turn among the last of these, by the folder and by the clock.
    pub(super) fn draw(&mut self, usual: usize, whole: Extent) -> Vec<Moment> {
        let number = env::var(NUMBER).map_or(usual, |number| number.parse().unwrap());
        let (random, spread) = (&mut self.random, number / 2);
        let anywhere = |part: usize, random: &mut StdRng| {
            let [from, to] = [part, part + 1].map(|part| whole.messages * part / spread);
            Moment::Message { number: random.random_range(from + 1..=to.max(from + 1)), arrives: random.random() }
        };
        let moment = |place: usize| match place.checked_sub(spread).map(|place| place % 3) {
            None => anywhere(place, random),
            Some(0) => {
                let back = random.random_range(0..LAST.min(whole.messages));
                Moment::Message { number: whole.messages - back, arrives: random.random() }
            }
            Some(1) => Moment::Bytes(random.random_range(1..=whole.bytes.max(1))),
            Some(_) => Moment::After(whole.duration.mul_f64(random.random())),
        };
        (0..number).map(moment).collect()
    }
}

impl Drop for Moments {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{SEED}={} draws the same moments again; the last one was {:?}", self.seed, self.last);
        }
    }
}

/// Stands between processes and PostgreSQL, counts the messages of one, and kills it with one of them.
#[derive(Clone, Default)]
pub(super) struct Ear(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    messages: usize,
    process: Option<Pid>,
    moment: Option<Moment>,
}

impl Ear {
    /// Starts a process. Nothing that it says is passed on before it is known.
    pub(super) fn start(&self, mut command: Command, moment: Option<Moment>) -> Child {
        let mut heard = self.heard();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        *heard = Heard { messages: 0, process: Some(Pid::from_raw(child.id().try_into().unwrap())), moment };
        child
    }

    /// How it ended, if it has. From then on its number may be that of another process.
    pub(super) fn ended(&self, child: &mut Child) -> Option<ExitStatus> {
        let mut heard = self.heard();
        let status = child.try_wait().unwrap();
        if status.is_some() {
            heard.process = None;
        }
        status
    }

    pub(super) fn messages(&self) -> usize {
        self.heard().messages
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Between for Ear {
    async fn pass(&mut self, message: &mut Vec<u8>) {
        let mut heard = self.heard();
        heard.messages += 1;
        let Some(Moment::Message { number, arrives }) = heard.moment else { return };
        if let Some(process) = heard.process.filter(|_| number == heard.messages) {
            kill(process, Signal::SIGKILL).unwrap();
            if !arrives {
                *message = GOODBYE.to_vec();
            }
        }
    }
}
