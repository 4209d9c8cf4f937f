//! Delays, on each of the three databases.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures::future::join_all;
use oauth::id::Subject;
use oauth::user::UserDraft;
use sea_orm::PaginatorTrait as _;

use super::*;
use crate::clock::Clock;
use crate::testing::{Kind, TestDatabase, open_node};
use crate::{Actor, SignIn};

const PASSWORD: &str = "correct horse battery";
const ADMIN_TOKEN: &str = "the-admin-token-of-the-tests";
const START: i64 = 1_800_000_000;

/// Two nodes on one database, with alice and bob.
struct Nodes {
    nodes: [Idp; 2],
    clock: Clock,
    alice: Subject,
    _database: TestDatabase,
}

fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(203, 0, 113, last).into()
}

fn user(name: &str) -> UserDraft {
    UserDraft { username: name.to_owned(), email: format!("{name}@example.com"), enabled: true, ..UserDraft::default() }
}

impl Nodes {
    async fn start(database: TestDatabase) -> Self {
        let clock = Clock::fixed(Timestamp(START));
        let nodes = [open_node(&database, &clock).await, open_node(&database, &clock).await];
        nodes[0].set_up(Some(&Secret::new(ADMIN_TOKEN))).await.unwrap();
        let alice = nodes[0].create_user(&Actor::admin(), &user("alice"), PASSWORD).await.unwrap().subject;
        nodes[0].create_user(&Actor::admin(), &user("bob"), PASSWORD).await.unwrap();
        Self { nodes, clock, alice, _database: database }
    }

    /// A login at one of the nodes, without the cookie.
    async fn sign_in(&self, login: &str, password: &str, from: u8) -> Admission<()> {
        let node = &self.nodes[usize::from(from) % 2];
        match node.sign_in(login, password, None, None, Some(address(from))).await.unwrap() {
            SignIn::Opened(_) => Admission::Admitted(()),
            SignIn::Refused { .. } => Admission::Refused,
            SignIn::Delayed { wait } => Admission::Delayed { wait },
        }
    }

    /// Wrong passwords for `login` from many addresses, the clock standing still; how many were looked at.
    async fn guess(&self, login: &str, times: u8) -> usize {
        let mut refused = 0;
        for number in 0..times {
            refused += usize::from(self.sign_in(login, "wrong", number).await == Admission::Refused);
        }
        refused
    }
}

/// Makes a test of each `async fn(Nodes)` for each database.
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite { super::on_every_database!(@ Sqlite $($name)+); }
        mod on_postgres { super::on_every_database!(@ Postgres $($name)+); }
        mod on_mysql { super::on_every_database!(@ MySql $($name)+); }
    };
    (@ $kind:ident $($name:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = super::TestDatabase::create(super::Kind::$kind).await {
                    super::$name(super::Nodes::start(database).await).await;
                }
            }
        )+
    };
}
use on_every_database;

on_every_database!(
    delays_grow_and_end_and_a_right_password_ends_the_count,
    of_32_attempts_at_once_no_more_are_looked_at_than_one_after_the_other,
    all_names_of_an_account_have_one_count_and_unknown_names_have_one_too,
    an_address_that_tries_many_accounts_is_delayed_for_all_of_them,
    a_right_password_takes_back_what_it_counted_for_its_address,
    people_of_one_address_sign_in_at_once,
    a_new_password_ends_the_delay,
    a_browser_where_somebody_is_signed_in_waits_for_its_own_mistakes_only,
    wrong_admin_tokens_delay_the_address_at_the_same_door,
    what_is_forgiven_is_swept,
    a_caller_with_many_networks_is_delayed_in_all_of_them,
    a_caller_without_an_address_is_not_counted,
);

async fn delays_grow_and_end_and_a_right_password_ends_the_count(nodes: Nodes) {
    assert_eq!(nodes.guess("alice", 10).await, 6);
    for delay in [1, 2, 4, 8, 16] {
        assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Delayed { wait: delay });
        nodes.clock.advance(delay - 1);
        assert_eq!(nodes.sign_in("alice", PASSWORD, 2).await, Admission::Delayed { wait: 1 });
        nodes.clock.advance(1);
        assert_eq!(nodes.sign_in("alice", "wrong", 3).await, Admission::Refused);
    }
    nodes.clock.advance(32);
    assert_eq!(nodes.sign_in("bob", PASSWORD, 1).await, Admission::Admitted(()));
    assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Admitted(()));
    assert_eq!(nodes.guess("alice", 10).await, 6);
}

async fn of_32_attempts_at_once_no_more_are_looked_at_than_one_after_the_other(nodes: Nodes) {
    for login in ["alice", "nobody"] {
        let answers = join_all((0..32).map(|number| nodes.sign_in(login, "wrong", number))).await;
        assert_eq!(answers.iter().filter(|answer| **answer == Admission::Refused).count(), 6, "{answers:?}");
        let delayed = answers.iter().filter(|answer| **answer == Admission::Delayed { wait: 1 });
        assert_eq!(delayed.count(), 26, "{answers:?}");
    }
    // The attempts that were not looked at were not counted either.
    nodes.clock.advance(1);
    assert_eq!(nodes.guess("alice", 3).await, 1);
    assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Delayed { wait: 2 });
}

async fn all_names_of_an_account_have_one_count_and_unknown_names_have_one_too(nodes: Nodes) {
    assert_eq!(nodes.guess("alice", 3).await + nodes.guess("Alice@Example.com ", 3).await, 6);
    assert_eq!(nodes.sign_in(" ALICE", PASSWORD, 1).await, Admission::Delayed { wait: 1 });
    assert_eq!(nodes.guess("nobody", 3).await + nodes.guess(" Nobody", 3).await, 6);
    assert_eq!(nodes.sign_in("NOBODY", PASSWORD, 1).await, Admission::Delayed { wait: 1 });
    assert_eq!(nodes.sign_in("somebody", PASSWORD, 1).await, Admission::Refused);
}

async fn an_address_that_tries_many_accounts_is_delayed_for_all_of_them(nodes: Nodes) {
    for number in 0..51 {
        assert_eq!(nodes.sign_in(&format!("user{number}"), "password", 1).await, Admission::Refused, "{number}");
    }
    assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Delayed { wait: 1 });
    assert_eq!(nodes.sign_in("alice", PASSWORD, 2).await, Admission::Admitted(()));
    // One failure is forgiven a minute: the next wrong one is the 51st again.
    nodes.clock.advance(60);
    assert_eq!(nodes.sign_in("user", "password", 1).await, Admission::Refused);
    assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Delayed { wait: 1 });
}

async fn a_right_password_takes_back_what_it_counted_for_its_address(nodes: Nodes) {
    for number in 0..50 {
        assert_eq!(nodes.sign_in(&format!("user{number}"), "password", 1).await, Admission::Refused, "{number}");
    }
    for _ in 0..3 {
        assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Admitted(()));
    }
    assert_eq!(nodes.sign_in("user", "password", 1).await, Admission::Refused);
    assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Delayed { wait: 1 });
}

async fn people_of_one_address_sign_in_at_once(nodes: Nodes) {
    let names: Vec<String> = (0..24).map(|number| format!("user{number}")).collect();
    for name in &names {
        nodes.nodes[0].create_user(&Actor::admin(), &user(name), PASSWORD).await.unwrap();
    }
    let logins = names.iter().enumerate().map(async |(number, name)| {
        let node = &nodes.nodes[number % 2];
        node.sign_in(name, PASSWORD, None, None, Some(address(1))).await
    });
    for entry in join_all(logins).await {
        assert!(matches!(entry, Ok(SignIn::Opened(_))), "{entry:?}");
    }
    let rows = Entity::find().all(nodes.nodes[0].store.read()).await.unwrap();
    assert!(matches!(&rows[..], [Model { failures: 0, .. }]), "{rows:?}");
}

async fn a_new_password_ends_the_delay(nodes: Nodes) {
    nodes.guess("alice", 10).await;
    assert_eq!(nodes.sign_in("alice", PASSWORD, 1).await, Admission::Delayed { wait: 1 });
    nodes.nodes[0].set_password(&Actor::admin(), &nodes.alice, "another horse battery").await.unwrap();
    assert_eq!(nodes.sign_in("alice", "another horse battery", 1).await, Admission::Admitted(()));
}

async fn a_browser_where_somebody_is_signed_in_waits_for_its_own_mistakes_only(nodes: Nodes) {
    let idp = &nodes.nodes[0];
    let sign_in = async |login: &str, password: &str, cookie: Option<&Secret>| {
        idp.sign_in(login, password, cookie, None, Some(address(1))).await.unwrap()
    };
    let SignIn::Opened(cookie) = sign_in("alice", PASSWORD, None).await else { panic!("alice cannot sign in") };
    nodes.guess("alice", 10).await;
    nodes.guess("bob", 10).await;
    assert!(matches!(sign_in("alice", PASSWORD, None).await, SignIn::Delayed { .. }));
    assert!(matches!(sign_in("bob", PASSWORD, Some(&cookie)).await, SignIn::Delayed { .. }), "another account");
    for _ in 0..6 {
        assert!(matches!(sign_in("alice", "wrong", Some(&cookie)).await, SignIn::Refused { .. }));
    }
    assert!(matches!(sign_in("alice", PASSWORD, Some(&cookie)).await, SignIn::Delayed { wait: 1 }));
    nodes.clock.advance(1);
    assert!(matches!(sign_in("alice", PASSWORD, Some(&cookie)).await, SignIn::Opened(_)));
}

async fn wrong_admin_tokens_delay_the_address_at_the_same_door(nodes: Nodes) {
    let idp = &nodes.nodes[0];
    let (right, wrong) = (Secret::new(ADMIN_TOKEN), Secret::new("guessed"));
    for number in 0..11 {
        let node = &nodes.nodes[number % 2];
        let call = node.check_admin_token(&wrong, Some(address(1))).await.unwrap();
        assert_eq!(call, Admission::Refused, "{number}");
    }
    assert_eq!(idp.check_admin_token(&right, Some(address(1))).await.unwrap(), Admission::Delayed { wait: 1 });
    assert!(matches!(idp.check_admin_token(&right, Some(address(2))).await.unwrap(), Admission::Admitted(_)));
    assert!(matches!(idp.open_console(&right, Some(address(1))).await.unwrap(), Admission::Admitted(_)));
    let tries = (0..32).map(|number| nodes.nodes[number % 2].open_console(&wrong, Some(address(3))));
    let refused = join_all(tries).await.into_iter().filter(|entry| matches!(entry, Ok(Admission::Refused))).count();
    assert_eq!(refused, 11);
    assert!(matches!(idp.open_console(&right, Some(address(3))).await.unwrap(), Admission::Delayed { wait: 1 }));
    nodes.clock.advance(1);
    assert!(matches!(idp.open_console(&right, Some(address(3))).await.unwrap(), Admission::Admitted(_)));
    assert!(matches!(idp.check_admin_token(&right, Some(address(1))).await.unwrap(), Admission::Admitted(_)));
}

async fn what_is_forgiven_is_swept(nodes: Nodes) {
    let rows = async || Entity::find().count(nodes.nodes[0].store.read()).await.unwrap();
    nodes.guess("alice", 2).await;
    assert_eq!(rows().await, 3);
    nodes.clock.advance(61);
    nodes.nodes[0].sweep().await.unwrap();
    assert_eq!(rows().await, 1, "the account's count lasts longer than those of the addresses");
    nodes.clock.advance(2 * 900);
    nodes.nodes[0].sweep().await.unwrap();
    assert_eq!(rows().await, 0);
}

async fn a_caller_with_many_networks_is_delayed_in_all_of_them(nodes: Nodes) {
    let idp = &nodes.nodes[0];
    let wrong = Secret::new("wrong");
    let from = |network: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, network, 0, 0, 0, 1));
    let mut looked_at = [0, 0];
    for network in 0..60 {
        // Of one /56, and of ever another one.
        for (tries, network) in looked_at.iter_mut().zip([network, 0x1000 + (network << 8)]) {
            let tried = idp.open_console(&wrong, Some(from(network))).await.unwrap();
            *tries += i32::from(matches!(tried, Admission::Refused));
        }
    }
    assert_eq!(looked_at, [41, 60], "a /56 has four times as many as a /64, and then one that brings the delay");
    let neighbour = Some(from(0xff));
    assert!(matches!(idp.open_console(&wrong, neighbour).await.unwrap(), Admission::Delayed { .. }));
}

async fn a_caller_without_an_address_is_not_counted(nodes: Nodes) {
    let idp = &nodes.nodes[0];
    for _ in 0..8 {
        assert!(matches!(idp.sign_in("alice", "wrong", None, None, None).await.unwrap(), SignIn::Refused { .. }));
    }
    assert!(matches!(idp.sign_in("alice", PASSWORD, None, None, None).await.unwrap(), SignIn::Opened(_)));
    assert_eq!(Entity::find().count(idp.store.read()).await.unwrap(), 0);
}
