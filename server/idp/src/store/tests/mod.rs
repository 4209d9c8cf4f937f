//! The promises of the store, on each of the three databases.

mod outage;
mod schema;
mod sqlite;
mod writes;

use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait, PrimaryKeyTrait};
use uuid::Uuid;

use super::Store;
use crate::entity::{
    access_token, account, account_link, authorization_code, client, client_secret, consent, grants, refresh_token,
    session, setting, trust,
};
use crate::error::Error;
use crate::random;
use crate::testing::{Kind, TestDatabase};

/// Makes a test of each `async fn(TestDatabase)` for each database.
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite { $crate::store::tests::on!($crate::testing::Kind::Sqlite, $($name),+); }
        mod on_postgres { $crate::store::tests::on!($crate::testing::Kind::Postgres, $($name),+); }
        mod on_mysql { $crate::store::tests::on!($crate::testing::Kind::MySql, $($name),+); }
    };
}

/// Makes a test of each `async fn(TestDatabase)` for one kind of database.
macro_rules! on {
    ($kind:expr, $($name:ident),+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = $crate::testing::TestDatabase::create($kind).await {
                    super::$name(database).await;
                }
            }
        )+
    };
}

use {on, on_every_database};

/// A store with the schema.
async fn open(database: &TestDatabase) -> Store {
    let store = connect(database).await;
    migration::migrate(store.connection()).await.unwrap();
    store
}

async fn connect(database: &TestDatabase) -> Store {
    Store::connect(database.url(), 8).await.unwrap()
}

impl Store {
    async fn insert<M, E>(&self, row: M) -> Result<(), Error>
    where
        M: IntoActiveModel<E> + Clone + Send + 'static,
        E: sea_orm::ActiveModelTrait + Send + 'static,
        <<E::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType: Send,
    {
        self.write(move |tx| {
            Box::pin(async move {
                E::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
                Ok(())
            })
        })
        .await
    }

    async fn count<E>(&self) -> u64
    where
        E: EntityTrait,
        E::Model: Sync,
    {
        E::find().count(self.read()).await.unwrap()
    }
}

fn setting(name: impl Into<String>, value: &str) -> setting::Model {
    setting::Model { name: name.into(), value: value.to_owned() }
}

fn client(client_id: &str) -> client::Model {
    client::Model {
        client_id: client_id.to_owned(),
        client_name: "A client".to_owned(),
        kind: "web".to_owned(),
        enabled: true,
        document: "{}".to_owned(),
        version: 1,
        created_at: 1,
        updated_at: 1,
        last_used_at: None,
        stamp: 0,
    }
}

fn account(username: &str) -> account::Model {
    account::Model {
        id: id(),
        username: username.to_owned(),
        username_key: username.to_owned(),
        email: None,
        email_key: None,
        password_hash: None,
        claims: "{}".to_owned(),
        enabled: true,
        version: 1,
        created_at: 1,
        updated_at: 1,
        last_sign_in_at: None,
    }
}

fn grant(client: &client::Model, account: &account::Model) -> grants::Model {
    grants::Model {
        id: id(),
        client_id: client.client_id.clone(),
        account_id: Some(account.id),
        scope: "openid".to_owned(),
        claims_request: None,
        sid: None,
        offline: false,
        auth_time: None,
        acr: None,
        amr: None,
        generation: 0,
        created_at: 1,
        expires_at: 2,
        revoked_at: None,
        agreement: None,
        refresh_salt: None,
        resources: None,
        trust_id: None,
        parent_id: None,
        actor: None,
    }
}

fn refresh_token(grant: &grants::Model) -> refresh_token::Model {
    refresh_token::Model {
        digest: digest(),
        grant_id: grant.id,
        generation: 0,
        created_at: 1,
        expires_at: 2,
        consumed_at: None,
        retried_at: None,
        repeats: 0,
        used_address: None,
        used_agent: None,
        jkt: None,
        x5t: None,
    }
}

fn id() -> Uuid {
    random::uuid_v7(oauth::time::Timestamp(1_800_000_000))
}

fn digest() -> Vec<u8> {
    random::bytes::<32>().to_vec()
}

/// One row in every table that refers to others.
async fn fill(store: &Store, client: &client::Model, account: &account::Model) -> grants::Model {
    let grant = grant(client, account);
    store.insert(client.clone()).await.unwrap();
    store.insert(account.clone()).await.unwrap();
    let secret = client_secret::Model {
        id: id(),
        client_id: client.client_id.clone(),
        digest: digest(),
        name: "initial".to_owned(),
        created_at: 1,
        expires_at: None,
        last_used_at: None,
        last_used_by: None,
        sealed: None,
    };
    store.insert(secret).await.unwrap();
    let session = session::Model {
        digest: digest(),
        sid: random::token(),
        account_id: account.id,
        created_at: 1,
        expires_at: 2,
        user_agent: None,
        address: None,
        factors: None,
        seen_at: None,
        tells_clients: false,
    };
    store.insert(session).await.unwrap();
    let consent = consent::Model {
        account_id: account.id,
        client_id: client.client_id.clone(),
        scope: "openid".to_owned(),
        granted_at: 1,
        agreement: None,
    };
    store.insert(consent).await.unwrap();
    store.insert(grant.clone()).await.unwrap();
    let code = authorization_code::Model {
        digest: digest(),
        grant_id: grant.id,
        redirect_uri: "https://app.example/callback".to_owned(),
        redirect_uri_sent: true,
        code_challenge: None,
        nonce: None,
        expires_at: 2,
        consumed_at: None,
        jkt: None,
    };
    store.insert(code).await.unwrap();
    store.insert(refresh_token(&grant)).await.unwrap();
    let access = access_token::Model {
        digest: digest(),
        grant_id: grant.id,
        generation: 0,
        scope: "openid".to_owned(),
        created_at: 1,
        expires_at: 2,
        audience: None,
        jkt: None,
        x5t: None,
        details: None,
    };
    store.insert(access).await.unwrap();
    grant
}
