//! Scopes that many write at once, on each of the three databases.

use futures::future::join_all;
use oauth::client::{ClientDraft, ClientKind};
use oauth::listing::{ClientFilter, Listing, UserFilter};
use sea_orm::PaginatorTrait as _;

use super::*;
use crate::UnknownScopes;
use crate::clock::Clock;
use crate::entity::audit_event;
use crate::testing::{Kind, TestDatabase, open_node};

/// The number of requests at once.
const MANY: usize = 16;

/// Two nodes on one database.
struct Nodes {
    nodes: [Idp; 2],
    _database: TestDatabase,
}

impl Nodes {
    /// On every database that there is.
    async fn on_each() -> Vec<Self> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let Some(database) = TestDatabase::create(kind).await else { continue };
            let clock = Clock::fixed(Timestamp(1_800_000_000));
            let nodes = [open_node(&database, &clock).await, open_node(&database, &clock).await];
            nodes[0].set_up(None).await.unwrap();
            all.push(Self { nodes, _database: database });
        }
        all
    }

    fn node(&self, number: usize) -> &Idp {
        &self.nodes[number % 2]
    }

    /// The scope as it is stored.
    async fn find(&self, name: &str) -> Option<ScopeDefinition> {
        let row = scope::Entity::find_by_id(name).one(self.node(0).store.read()).await.unwrap();
        row.map(|row| read_scope(&row).unwrap())
    }

    /// The number of times that the scope was created or changed, as the record says.
    async fn changes(&self, name: &str) -> u64 {
        let of_it = audit_event::Entity::find().filter(audit_event::Column::TargetId.eq(name));
        of_it
            .filter(audit_event::Column::Action.is_in(["scope.create", "scope.save"]))
            .count(self.node(0).store.read())
            .await
            .unwrap()
    }

    async fn create_client(&self, number: usize, scope: &str) {
        let draft = ClientDraft {
            client_id: format!("client-{number}"),
            client_name: format!("Client {number}"),
            scope: scope.to_owned(),
            ..ClientDraft::preset(ClientKind::Machine)
        };
        let (node, actor) = (self.node(number), Actor::admin());
        node.create_client(&actor, &draft, None, None, UnknownScopes::Create).await.unwrap();
    }
}

fn draft(name: &str, description: &str) -> ScopeDraft {
    ScopeDraft { name: name.to_owned(), description: description.to_owned(), claims: String::new() }
}

#[tokio::test]
async fn of_many_who_create_one_scope_one_succeeds() {
    for nodes in Nodes::on_each().await {
        let create = async |number: usize| {
            let draft = draft("photos", &format!("Number {number}"));
            nodes.node(number).create_scope(&Actor::admin(), &draft).await.map(|()| draft.description)
        };
        let (won, lost): (Vec<_>, Vec<_>) =
            join_all((0..MANY).map(create)).await.into_iter().partition(|result| result.is_ok());
        let won: Vec<String> = won.into_iter().map(Result::unwrap).collect();
        assert_eq!((won.len(), lost.len()), (1, MANY - 1));
        for error in lost {
            let Err(SaveError::Invalid(errors)) = error else { panic!("{error:?}") };
            assert_eq!(errors.find("name"), Some(&FieldProblem::Taken));
        }
        assert_eq!(nodes.find("photos").await.unwrap().description, won[0]);
        assert_eq!(nodes.changes("photos").await, 1);
    }
}

#[tokio::test]
async fn what_two_say_of_one_scope_at_once_is_both_kept() {
    for nodes in Nodes::on_each().await {
        nodes.node(0).create_scope(&Actor::admin(), &draft("photos", "Photos")).await.unwrap();
        for round in 0..4 {
            let (description, claim) = (format!("Round {round}"), format!("claim{round}"));
            let (actor, said) = (Actor::admin(), Some(description.clone()));
            let changes = [(said, None), (None, Some(claim.clone()))];
            let changes = changes.into_iter().enumerate().map(|(number, (description, claims))| {
                nodes.node(number).change_scope(&actor, "photos", description, claims)
            });
            assert!(join_all(changes).await.iter().all(Result::is_ok));
            let scope = nodes.find("photos").await.unwrap();
            assert_eq!((scope.description, scope.claims), (description, vec![claim]));
        }
    }
}

#[tokio::test]
async fn clients_that_name_a_scope_leave_its_description_alone() {
    for nodes in Nodes::on_each().await {
        let (described, actor) = (draft("photos", "See your photos"), Actor::admin());
        let (created, _) = tokio::join!(
            nodes.node(0).create_scope(&actor, &described),
            join_all((0..MANY).map(|number| nodes.create_client(number, "openid photos"))),
        );
        let description = if created.is_ok() { "See your photos" } else { "photos" };
        assert_eq!(nodes.find("photos").await.unwrap().description, description);
        assert_eq!(nodes.changes("photos").await, 1, "only who created it says so in the record");
    }
}

#[tokio::test]
async fn a_core_scope_that_a_client_names_is_the_one_of_the_protocol() {
    for nodes in Nodes::on_each().await {
        let core = nodes.find("profile").await.unwrap();
        nodes.node(0).delete_scope(&Actor::admin(), "profile").await.unwrap();
        nodes.create_client(0, "openid profile").await;
        let again = nodes.find("profile").await.unwrap();
        assert_ne!(again.id, core.id, "what was agreed about the one is not agreed about the other");
        assert_eq!(ScopeDefinition { id: core.id.clone(), ..again }, core);
        assert_eq!(nodes.changes("profile").await, 1);
    }
}

#[tokio::test]
async fn what_is_no_scope_is_refused_on_every_database() {
    for nodes in Nodes::on_each().await {
        for name in ["", "a b", "a\0b", "\u{e9}"] {
            let changed = nodes.node(0).change_scope(&Actor::admin(), name, None, None).await;
            assert!(matches!(changed, Err(SaveError::Invalid(_))), "{name:?}: {changed:?}");
        }
        nodes.node(0).change_scope(&Actor::admin(), " photos ", None, Some("album".to_owned())).await.unwrap();
        nodes.node(1).change_scope(&Actor::admin(), "photos\n", Some("Photos".to_owned()), None).await.unwrap();
        let scope = nodes.find("photos").await.unwrap();
        assert_eq!((scope.description.as_str(), scope.claims), ("Photos", vec!["album".to_owned()]));
    }
}

#[tokio::test]
async fn lists_are_searched_without_regard_to_case() {
    for nodes in Nodes::on_each().await {
        let idp = nodes.node(0);
        let client = ClientDraft {
            client_id: "Doctors".to_owned(),
            client_name: "Ärzte e.V. 100%".to_owned(),
            ..ClientDraft::preset(ClientKind::Machine)
        };
        idp.create_client(&Actor::admin(), &client, None, None, UnknownScopes::Refuse).await.unwrap();
        let user = oauth::user::UserDraft {
            username: "Ölaf".to_owned(),
            email: "Ölaf@example.com".to_owned(),
            ..oauth::user::UserDraft::default()
        };
        idp.create_user(&Actor::admin(), &user, "a password").await.unwrap();
        for (text, found) in [
            ("Ärzte", 1),
            ("ärzte", 1),
            ("ÄRZTE E.v.", 1),
            ("rzte", 1),
            (" 100% ", 1),
            ("doctorS", 1),
            ("arzte", 0),
            ("1%0", 0),
        ] {
            let filter = ClientFilter { text: text.to_owned(), ..ClientFilter::default() };
            assert_eq!(idp.list_clients(&Listing::new(filter, 10)).await.unwrap().total.number(), found, "{text}");
        }
        for (text, found) in [("Ölaf", 1), ("ölaf", 1), ("ÖLAF@EX", 1), ("olaf", 0)] {
            let filter = UserFilter { text: text.to_owned(), ..UserFilter::default() };
            assert_eq!(idp.list_users(&Listing::new(filter, 10)).await.unwrap().total.number(), found, "{text}");
        }
    }
}
