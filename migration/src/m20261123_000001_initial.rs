//! The first schema.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary_len, boolean, string_len, string_len_null, text, text_null, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::{DbBackend, Statement};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // MySQL commits every statement at once. A migration that was cut off there finds some of its work done.
        let backend = manager.get_database_backend();
        let collation = if backend == DbBackend::MySql { Some(exact_collation(manager).await?) } else { None };
        for mut table in TABLES.iter().map(|table| table()) {
            if let Some(collation) = collation {
                table.character_set("utf8mb4").collate(collation);
            }
            manager.create_table(table.if_not_exists().take()).await?;
        }
        for (table, columns) in INDEXES {
            let name = format!("ix_{table}_{}", columns.join("_"));
            if backend == DbBackend::MySql && manager.has_index(*table, &name).await? {
                continue;
            }
            let mut index = Index::create();
            index.name(name).table(*table);
            for column in *columns {
                index.col(*column);
            }
            manager.create_index(index.take()).await?;
        }
        Ok(())
    }
}

/// The collation that compares as the other databases do: to the letter, trailing spaces included.
async fn exact_collation(manager: &SchemaManager<'_>) -> Result<&'static str, DbErr> {
    let version = Statement::from_string(DbBackend::MySql, "SELECT VERSION() AS version");
    let row = manager.get_connection().query_one_raw(version).await?;
    let version: Option<String> = row.map(|row| row.try_get("", "version")).transpose()?;
    let mariadb = version.is_some_and(|version| version.to_ascii_lowercase().contains("mariadb"));
    Ok(if mariadb { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" })
}

/// In the order in which they refer to each other.
const TABLES: &[fn() -> TableCreateStatement] = &[
    setting,
    scope,
    client,
    client_secret,
    account,
    signing_key,
    audit_event,
    session,
    admin_session,
    consent,
    grants,
    authorization_code,
    refresh_token,
    access_token,
];

/// Every lookup that is not by primary key or unique key, every cascade, and every sweep.
const INDEXES: &[(&str, &[&str])] = &[
    ("client", &["client_name"]),
    ("client_secret", &["client_id"]),
    ("account", &["email_key"]),
    ("session", &["account_id"]),
    ("session", &["expires_at"]),
    ("admin_session", &["expires_at"]),
    ("consent", &["client_id"]),
    ("grants", &["account_id"]),
    ("grants", &["client_id"]),
    ("grants", &["sid"]),
    ("grants", &["expires_at"]),
    ("authorization_code", &["grant_id"]),
    ("refresh_token", &["grant_id"]),
    ("refresh_token", &["expires_at"]),
    ("access_token", &["grant_id"]),
    ("access_token", &["expires_at"]),
    ("signing_key", &["alg", "state"]),
    ("audit_event", &["at"]),
    ("audit_event", &["target_kind", "target_id"]),
];

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

/// A reference that goes when what it refers to goes.
fn cascade(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    key: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(to, key)
        .on_delete(ForeignKeyAction::Cascade)
        .take()
}

/// A SHA-256 digest.
fn digest(name: &'static str) -> ColumnDef {
    binary_len(name, 32).take()
}

fn setting() -> TableCreateStatement {
    table("setting").col(string_len("name", 64).primary_key()).col(text("value")).take()
}

fn scope() -> TableCreateStatement {
    table("scope")
        .col(string_len("name", 128).primary_key())
        .col(text("description"))
        .col(text("claims"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .take()
}

fn client() -> TableCreateStatement {
    table("client")
        .col(string_len("client_id", 255).primary_key())
        .col(string_len("client_name", 255))
        .col(string_len("kind", 16))
        .col(boolean("enabled"))
        .col(text("document"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("last_used_at"))
        .take()
}

fn client_secret() -> TableCreateStatement {
    table("client_secret")
        .col(uuid("id").primary_key())
        .col(string_len("client_id", 255))
        .col(digest("digest"))
        .col(string_len("name", 255))
        .col(big_integer("created_at"))
        .col(big_integer_null("expires_at"))
        .col(big_integer_null("last_used_at"))
        .foreign_key(&mut cascade("client_secret", "client_id", "client", "client_id"))
        .take()
}

fn account() -> TableCreateStatement {
    table("account")
        .col(uuid("id").primary_key())
        .col(string_len("username", 255))
        .col(string_len("username_key", 255).unique_key())
        .col(string_len_null("email", 255))
        .col(string_len_null("email_key", 255))
        .col(text_null("password_hash"))
        .col(text("claims"))
        .col(boolean("enabled"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("last_sign_in_at"))
        .take()
}

fn session() -> TableCreateStatement {
    table("session")
        .col(digest("digest").primary_key())
        .col(string_len("sid", 64).unique_key())
        .col(uuid("account_id"))
        .col(big_integer("auth_time"))
        .col(string_len("acr", 255))
        .col(string_len("amr", 255))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(string_len_null("user_agent", 255))
        .col(string_len_null("ip", 64))
        .foreign_key(&mut cascade("session", "account_id", "account", "id"))
        .take()
}

fn admin_session() -> TableCreateStatement {
    table("admin_session")
        .col(digest("digest").primary_key())
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .take()
}

fn consent() -> TableCreateStatement {
    table("consent")
        .col(uuid("account_id"))
        .col(string_len("client_id", 255))
        .col(text("scope"))
        .col(big_integer("granted_at"))
        .primary_key(Index::create().col("account_id").col("client_id"))
        .foreign_key(&mut cascade("consent", "account_id", "account", "id"))
        .foreign_key(&mut cascade("consent", "client_id", "client", "client_id"))
        .take()
}

fn grants() -> TableCreateStatement {
    table("grants")
        .col(uuid("id").primary_key())
        .col(string_len("client_id", 255))
        .col(uuid_null("account_id"))
        .col(text("scope"))
        .col(text_null("claims_request"))
        .col(string_len_null("sid", 64))
        .col(boolean("offline"))
        .col(big_integer_null("auth_time"))
        .col(string_len_null("acr", 255))
        .col(string_len_null("amr", 255))
        .col(big_integer("generation"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("revoked_at"))
        .foreign_key(&mut cascade("grants", "client_id", "client", "client_id"))
        .foreign_key(&mut cascade("grants", "account_id", "account", "id"))
        .take()
}

fn authorization_code() -> TableCreateStatement {
    table("authorization_code")
        .col(digest("digest").primary_key())
        .col(uuid("grant_id"))
        .col(text("redirect_uri"))
        .col(boolean("redirect_uri_sent"))
        .col(string_len_null("code_challenge", 128))
        .col(text_null("nonce"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("consumed_at"))
        .foreign_key(&mut cascade("authorization_code", "grant_id", "grants", "id"))
        .take()
}

fn refresh_token() -> TableCreateStatement {
    table("refresh_token")
        .col(digest("digest").primary_key())
        .col(uuid("grant_id"))
        .col(big_integer("generation"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("consumed_at"))
        .foreign_key(&mut cascade("refresh_token", "grant_id", "grants", "id"))
        .take()
}

fn access_token() -> TableCreateStatement {
    table("access_token")
        .col(digest("digest").primary_key())
        .col(uuid("grant_id"))
        .col(big_integer("generation"))
        .col(text("scope"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut cascade("access_token", "grant_id", "grants", "id"))
        .take()
}

fn signing_key() -> TableCreateStatement {
    table("signing_key")
        .col(string_len("kid", 64).primary_key())
        .col(string_len("alg", 16))
        .col(string_len("state", 16))
        .col(text("private_jwe"))
        .col(text("public_jwk"))
        .col(big_integer("created_at"))
        .col(big_integer_null("retired_at"))
        .col(big_integer_null("expires_at"))
        .take()
}

fn audit_event() -> TableCreateStatement {
    table("audit_event")
        .col(uuid("id").primary_key())
        .col(big_integer("at"))
        .col(string_len("actor", 255))
        .col(string_len("action", 64))
        .col(string_len("target_kind", 32))
        .col(string_len("target_id", 255))
        .col(text_null("before"))
        .col(text_null("after"))
        .take()
}
