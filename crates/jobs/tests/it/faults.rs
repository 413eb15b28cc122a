//! Mail servers that are away, refuse, hang or break off, and senders that are killed.

use std::time::Duration;

use tenure_app::mail::{self, Prepared, State};
use tenure_core::mail::ATTEMPTS;
use tenure_jobs::{Place, Post, Smtp};
use tenure_testkit::Mood;

use crate::Scene;

#[tokio::test]
async fn a_server_that_is_away_costs_nothing_but_the_delay() {
    let mut scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    scene.server.stop().await;
    let done = scene.round(0).await;
    assert_eq!((done.sent, done.failed, done.is_away), (0, 1, true));
    let waiting = scene.messages(State::Waiting).await;
    assert_eq!(waiting[0].attempts, 1);
    assert!(waiting[0].error.as_deref().unwrap().contains("refused"), "{waiting:?}");
    assert_eq!(scene.round(0).await.taken, 0, "it is tried again in a minute");
    scene.server.resume().await;
    assert_eq!(scene.round(2).await.sent, 1);
    assert_eq!(scene.server.taken().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_for_now_is_asked_for_again_and_one_for_good_is_not() {
    let scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    scene.server.be(Mood::Refuses("450 4.2.1 come back later"));
    let done = scene.round(0).await;
    assert_eq!((done.failed, done.given_up, done.is_away), (1, 0, false));
    scene.server.be(Mood::Refuses("550 5.1.1 no such user"));
    assert_eq!(scene.round(2).await.given_up, 1);
    let failed = scene.messages(State::Failed).await;
    assert!(failed[0].error.as_deref().unwrap().contains("no such user"), "{failed:?}");
    assert_eq!(scene.round(60 * 24).await.taken, 0);

    scene.server.be(Mood::Kind);
    assert_eq!(mail::retry(&scene.at(60), scene.acme, Some(failed[0].id)).await.unwrap(), 1);
    assert_eq!(scene.round(60).await.sent, 1);
    assert!(mail::retry(&scene.at(60), scene.acme, Some(failed[0].id)).await.is_err(), "it was sent");
}

/// What the server says of the sender's login is no verdict on a mail.
#[tokio::test]
async fn a_login_that_is_refused_fails_no_message_for_good() {
    let scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    scene.server.be(Mood::Refuses("530 5.7.0 authentication required"));
    assert_eq!(scene.round(0).await.failed, 1);
}

#[tokio::test]
async fn a_message_that_is_never_taken_is_given_up() {
    let scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    scene.server.be(Mood::Refuses("451 not now"));
    let (mut tried, mut minutes) = (0, 0);
    while scene.messages(State::Waiting).await.len() == 1 {
        tried += scene.round(minutes).await.taken;
        // Beyond a day it is of no use, which is another reason.
        minutes += 20;
    }
    assert!(tried < ATTEMPTS, "{tried}");
    assert!(minutes >= 24 * 60, "{minutes}");
    assert_eq!(scene.messages(State::Dropped).await.len(), 1);
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for_for_ever() {
    let scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    scene.server.be(Mood::Silent);
    let answer = Duration::from_millis(200);
    let smtp = Smtp::open(&Place { url: &scene.server.url(), from: "hr@tenure.example", answer }).unwrap();
    let context = scene.at(0);
    let done = Post { context: &context, smtp: &smtp, at_once: 1 }.round(10).await.unwrap();
    assert_eq!((done.failed, done.is_away), (1, true));
}

/// At least once: a mail that the server has taken and not said so is sent again, under its name.
#[tokio::test]
async fn a_mail_that_was_taken_in_silence_comes_twice_under_one_name() {
    let scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    scene.server.be(Mood::Forgetful);
    assert_eq!(scene.round(0).await.failed, 1);
    scene.server.be(Mood::Kind);
    assert_eq!(scene.round(2).await.sent, 1);
    let taken = scene.server.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[0].header("Message-ID").is_some());
    assert_eq!(taken[0].header("Message-ID"), taken[1].header("Message-ID"));
}

/// Killed after the server has taken the mail and before that is noted, or anywhere before: the next one sends it, after the time for which
/// the first had taken it.
#[tokio::test]
async fn what_a_killed_sender_has_taken_is_sent_by_the_next() {
    let scene = Scene::new().await;
    scene.forget("acme", "owner@acme.example").await;
    let killed = scene.at(0);
    let claims = mail::claim(&killed, 10).await.unwrap();
    let Prepared::Send(letter) = mail::prepare(&killed, &claims[0]).await.unwrap() else { panic!("it is to be sent") };
    scene.smtp().send(&letter, &claims[0].id.to_string()).await;
    drop(killed);
    assert_eq!(scene.round(4).await.taken, 0, "the first may still be at it");
    assert_eq!(scene.round(6).await.sent, 1);
    let taken = scene.server.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].header("Message-ID"), taken[1].header("Message-ID"));
    assert_eq!(scene.messages(State::Sent).await.len(), 1);
}
