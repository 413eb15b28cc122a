//! A private PostgreSQL that the program starts and stops itself. Linux only: it reads `/proc`.
//!
//! An [`Installation`] is a folder, for example `.tenure/`. [`Installation::open`] makes it at first, starts its server or joins the
//! one that runs, and gives a [`Running`]. Several programs may hold one installation at once; the last to leave stops the server.
//!
//! ```text
//! .tenure/
//!   gate              locked while somebody decides: start, join or stop
//!   users             locked, shared, for as long as somebody uses the server
//!   postgres/         the home; a link to /var/lib/tenure/… where the server's user cannot reach this folder
//!     data/           PostgreSQL's own
//!     socket/         where clients connect, when its path is short enough for a socket
//!     log/            one file for each day of the week
//!     logins          the passwords; only the owner of the installation reads them
//!     start.log       what the server said at its last start
//! ```
//!
//! The kernel drops the locks of a program that is killed. Its server lives on and the next program joins it. A program that goes on
//! while its server is killed starts it again by a [`Keeper`].

mod account;
mod binaries;
mod create;
mod error;
mod folder;
mod installation;
mod logins;
mod postmaster;
mod server;
mod settings;

pub use error::Error;
pub use installation::{Installation, Keeper, Running};
pub use logins::{DatabaseUrl, Login};
pub use settings::Durability;
