//! One installation, several programs; and what is left of it when they are killed.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use crate::support::{Holder, NOBODY, Scratch, is_root, is_running, kill_9, sql};
use nix::unistd::{Pid, getpgid, getpgrp};
use tenure_embedded::{Durability, Login};

#[test]
fn the_last_to_leave_stops_the_server() {
    let scratch = Scratch::new();
    let other = Holder::open(&scratch.folder());
    let server = scratch.server();
    let ours = scratch.open();
    assert_eq!(scratch.server(), server, "the second program should join the server of the first");
    other.leave();
    assert_eq!(sql(&ours.url(Login::Application), "SELECT 1"), "1");
    ours.close().unwrap();
    assert!(!is_running(server), "nobody uses {server} any more");
}

#[test]
fn programs_that_come_at_once_make_one_installation() {
    let scratch = Scratch::new();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let installation = scratch.installation();
            std::thread::spawn(move || installation.open(Durability::Disposable).unwrap())
        })
        .collect();
    let running: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let server = scratch.server();
    for one in &running {
        assert_eq!(sql(&one.url(Login::Owner), "SELECT 1"), "1");
    }
    drop(running);
    assert!(!is_running(server));
}

#[test]
fn the_server_is_out_of_reach_of_the_terminals_interrupt() {
    let scratch = Scratch::new();
    let _running = scratch.open();
    assert_ne!(getpgid(Some(scratch.server())).unwrap(), getpgrp());
}

#[test]
fn the_server_of_a_killed_program_is_joined_and_then_stopped() {
    let scratch = Scratch::new();
    Holder::open(&scratch.folder()).kill();
    let server = scratch.server();
    assert!(is_running(server));
    let running = scratch.open();
    assert_eq!(scratch.server(), server);
    running.close().unwrap();
    assert!(!is_running(server));
}

#[test]
fn committed_data_survive_a_kill_of_program_and_server() {
    let scratch = Scratch::new();
    let holder = Holder::open(&scratch.folder());
    let url = scratch.installation().running_url(Login::Owner).unwrap().unwrap();
    sql(&url, "CREATE TABLE public.kept AS SELECT 42 AS answer");
    let server = scratch.server();
    holder.kill();
    kill_9(server);
    let running = scratch.open();
    assert_ne!(scratch.server(), server);
    assert_eq!(sql(&running.url(Login::Owner), "SELECT answer FROM public.kept"), "42");
}

#[test]
fn a_server_that_was_killed_under_a_program_is_started_again_by_the_next_and_stopped_by_the_last() {
    let scratch = Scratch::new();
    let first = scratch.open();
    kill_9(scratch.server());
    let second = scratch.open();
    let server = scratch.server();
    assert_eq!(sql(&first.url(Login::Owner), "SELECT 1"), "1");
    second.close().unwrap();
    assert!(is_running(server));
    first.close().unwrap();
    assert!(!is_running(server));
}

#[test]
fn a_keeper_starts_a_killed_server_where_it_was_and_leaves_one_alone_that_nobody_uses() {
    let scratch = Scratch::new();
    let running = scratch.open();
    let (keeper, url) = (running.keeper(), running.url(Login::Owner));
    assert!(!keeper.keep_up().unwrap(), "it runs");
    let server = scratch.server();
    kill_9(server);
    assert!(keeper.keep_up().unwrap());
    assert_ne!(scratch.server(), server);
    assert_eq!(sql(&url, "SELECT 1"), "1");
    running.close().unwrap();
    assert!(!keeper.keep_up().unwrap(), "nobody uses it");
    assert_eq!(scratch.installation().running_url(Login::Owner).unwrap(), None);
}

#[test]
fn a_process_that_got_the_number_of_the_dead_server_does_not_block_the_start() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    let mut sleep = Command::new("sleep");
    sleep.arg("60");
    if is_root() {
        // PostgreSQL takes only a process of its own user for another server.
        use std::os::unix::fs::MetadataExt;
        sleep.uid(fs::metadata(scratch.data()).unwrap().uid());
    }
    let mut sleep = sleep.spawn().unwrap();
    let left =
        format!("{}\n{}\n1700000000\n5432\n../socket\n\n  1  1\nready   \n", sleep.id(), scratch.data().display());
    fs::write(scratch.data().join("postmaster.pid"), left).unwrap();
    let opened = scratch.installation().open(Durability::Disposable);
    sleep.kill().unwrap();
    sleep.wait().unwrap();
    assert_eq!(sql(&opened.unwrap().url(Login::Owner), "SELECT 1"), "1");
}

#[test]
fn a_server_that_is_left_running_is_stopped_by_name() {
    let scratch = Scratch::new();
    scratch.open().leave_running();
    let server = scratch.server();
    assert!(is_running(server));
    assert!(scratch.installation().stop().unwrap());
    assert!(!is_running(server));
    assert!(!scratch.installation().stop().unwrap(), "there is nothing left to stop");
    assert_eq!(scratch.installation().running_url(Login::Owner).unwrap(), None);
}

#[test]
fn a_removed_installation_leaves_neither_a_server_nor_a_folder() {
    let scratch = Scratch::new();
    scratch.open().leave_running();
    let server = scratch.server();
    scratch.installation().remove().unwrap();
    assert!(!is_running(server));
    assert!(!scratch.folder().exists());
    scratch.installation().remove().unwrap();
}

#[test]
fn removing_an_installation_spares_what_else_is_in_its_folder() {
    let scratch = Scratch::new();
    scratch.open().close().unwrap();
    fs::write(scratch.folder().join("mine"), "kept").unwrap();
    scratch.installation().remove().unwrap();
    let left: Vec<_> = fs::read_dir(scratch.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["mine"]);
}

#[test]
fn an_installation_that_was_cut_off_is_begun_anew() {
    let scratch = Scratch::new();
    let unfinished = || {
        let entries = fs::read_dir(scratch.folder()).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_name().to_string_lossy().contains("unfinished")).count()
    };
    let mut cut_off = Holder::command(&scratch.folder()).spawn().unwrap();
    while unfinished() == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    cut_off.kill().unwrap();
    cut_off.wait().unwrap();
    assert!(!scratch.installation().exists());
    let running = scratch.open();
    assert_eq!(sql(&running.url(Login::Owner), "SELECT current_database()"), "tenure");
}

#[test]
fn an_ordinary_user_runs_everything_alone() {
    if !is_root() {
        // Then every test here is this test.
        return;
    }
    let scratch = Scratch::new();
    std::os::unix::fs::chown(scratch.root(), Some(NOBODY), Some(NOBODY)).unwrap();
    let holder = Holder::open_as_nobody(&scratch);
    let server: Pid = scratch.server();
    let url = scratch.installation().running_url(Login::Application).unwrap().unwrap();
    assert_eq!(sql(&url, "SELECT current_user"), "tenure_app");
    holder.leave();
    assert!(!is_running(server));

    let by_root = scratch.open();
    assert_eq!(sql(&by_root.url(Login::Owner), "SELECT 1"), "1", "root should be able to use what a user made");
    drop(by_root);
    Holder::open_as_nobody(&scratch).leave();
}
