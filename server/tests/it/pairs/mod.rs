//! Pairs of an act and the act that forbids it. A node judges the act by what it reads, and stops at the gate before its transaction
//! ([`idp::testing::Gate`]); another node does what forbids it and has answered; the gate opens. Whatever the act stands on is asked
//! again behind the gate, on each database, so nothing depends on the speed of the machine.
//!
//! | Act | Forbidden by | Test |
//! |---|---|---|
//! | remembered `/authorize`, "Allow", exchange of a code, refresh | client disabled, deleted, its grant types or scopes taken, its secret revoked; password set; user disabled, deleted, tokens revoked, signed out; consent withdrawn | `protocol::what_was_judged_before_is_not_written_after` |
//! | remembered `/authorize`, exchange of a code, refresh | all sessions of the user ended, all consents of the client withdrawn, its grants revoked, by an administrator | `protocol::what_an_administrator_ends_meanwhile_is_over` |
//! | client credentials | client disabled, deleted, its grant types or scopes taken, its secret revoked | the same |
//! | sign-in, sign-in again | password set; user disabled, deleted | the same |
//! | allowing a device, its poll, a new device | those of the first row | `device::races::what_was_judged_before_is_not_written_after` |
//! | allowing what a client asked for by name, its poll, a new request | those of the first row | `ciba::races::what_was_judged_before_is_not_written_after` |
//! | telling a client of an answer | the answer itself, before it is written; its sending elsewhere | `ciba::ping::a_request_is_told_of_once_it_is_answered_and_not_before`, `ciba::ping::many_nodes_send_each_message_once` |
//! | remembered `/authorize`, "Allow", exchange, refresh | scope deleted, deleted and made again, opening less | `protocol::a_scope_that_goes_meanwhile_gives_nothing` |
//! | remembered `/authorize`, exchange, refresh | one scope taken back by the user | `protocol::a_scope_that_is_taken_back_meanwhile_is_not_given`, `resources::tokens::a_scope_of_one_resource_that_is_taken_back_meanwhile_is_not_given` |
//! | remembered `/authorize` for tokens | the consent withdrawn, the response type taken | `response_types::races::what_was_judged_before_is_not_given_after` |
//! | refresh | its grant revoked by the client | `protocol::a_refresh_and_a_revocation_mind_each_other` |
//! | revocation of an access token | refresh: the new token is another one | the same |
//! | exchange, refresh | the same code or token used elsewhere | `concurrency::of_many_redemptions_of_one_code_one_succeeds`, `concurrency::many_uses_of_one_refresh_token_run_together`, `protocol::a_use_elsewhere_is_a_replay_or_runs_together` |
//! | remembered `/authorize` of a client that hears of the end of sessions | all sessions of the user ended by an administrator; and the reverse: it is told | `logouts::backchannel::whoever_signs_in_while_the_session_ends_is_told_or_not_signed_in` |
//! | sending a message to a client | its sending elsewhere | `logouts::deliveries::many_nodes_send_each_message_once` |
//! | sign-out, answer "no" or nothing at all | nothing: whoever takes away what is theirs needs no permission | `protocol::what_takes_away_is_done_whatever_happened` |
//! | userinfo, introspection | all of the above: they read, and write nothing | `protocol::readers_write_nothing` |
//! | create, change, delete a user; set a password; revoke tokens; withdraw a consent or all of a client; end a session or all; revoke a grant or all; create, change, delete a client; add, revoke a secret; create, change, delete a scope; rotate, withdraw a key | console closed; admin token replaced | `admin::whoever_lost_the_right_meanwhile_changes_nothing` |
//! | opening the console, a call by token | admin token replaced | `admin::the_old_token_opens_nothing_after_the_reset`, `admin_races::a_console_that_is_opened_with_the_old_token_does_not_outlive_the_reset` |
//! | replacing the admin token | the same elsewhere | `admin::of_two_resets_the_second_is_stale`, `admin_races::of_resets_at_once_one_token_opens` |
//! | change, delete a user; set a password; revoke tokens; withdraw a consent; end a session; revoke a grant | user deleted | `admin::what_was_deleted_meanwhile_is_not_found` |
//! | change, delete a client; add, revoke a secret | client deleted | the same |
//! | change, delete a scope | scope deleted | the same |
//! | change of a user, client or scope | a change of the same elsewhere | `admin::what_was_changed_meanwhile_is_stale` |
//! | deleting a client or user as it was shown | a change of the same, its deletion elsewhere | `chosen::what_was_changed_since_it_was_shown_is_not_deleted` |
//! | adding a secret | client made public | `admin::what_was_changed_meanwhile_is_stale` |
//! | revoking a secret or a grant, withdrawing a consent, ending a session | the same elsewhere | the same |
//! | creating a user, client or scope; renaming a user | the name taken elsewhere | `admin::a_name_that_was_taken_meanwhile_is_taken` |
//! | deleting a user | renamed meanwhile: both names are free | `admin::a_user_who_is_renamed_while_deleted_leaves_no_name_behind` |
//! | naming a scope in a client | scope deleted: it does not come back | `admin::a_scope_that_was_deleted_meanwhile_does_not_come_back` |
//! | restoring from the bin, erasing in it | restored, erased elsewhere | `recycle::what_left_the_bin_meanwhile_is_not_found` |
//! | restoring a client, user or scope | its name taken elsewhere | `recycle::a_name_that_was_taken_meanwhile_is_taken` |
//! | reverting to a state | a change of the same elsewhere | `recycle::what_was_changed_meanwhile_is_not_reverted` |
//! | restoring, erasing, reverting | console closed; admin token replaced | `recycle::whoever_lost_the_right_meanwhile_brings_nothing_back` |
//! | rotating, withdrawing, promoting a key | the key rotated or withdrawn | `admin::a_key_is_replaced_once_and_a_withdrawn_one_never_signs`, `key_rotation` |
//! | "Allow" of a client with a document, first and later | its host blocked, its document put here, the client disabled | `client_documents::changes::what_happens_to_an_agent_meanwhile_is_minded` |
//! | change of the rules for hosts | a change elsewhere | `client_documents::hosts::of_two_changes_from_one_version_the_first_counts` |
//! | tokens by an identity assertion, by a program's assertion, by an exchange | trust off, deleted, another; user disabled, deleted; client disabled, its grant types taken; tokens revoked | `trusts::pairs::what_was_judged_before_is_not_written_after` |
//! | the same assertion, the same first assertion about somebody | its use elsewhere | `trusts::people::an_assertion_is_good_once_on_all_nodes` |
//! | setup | setup elsewhere | `admin_races::of_setups_by_several_nodes_one_counts`, `concurrency::of_two_setups_one_wins` |
//! | import | user or client deleted | `import_seed::races::what_is_deleted_during_an_import_gets_nothing` |
//!
//! Acts that are stopped inside their transaction, by locks, are in `races.rs`.

mod admin;
mod chosen;
mod protocol;
mod recycle;

use std::pin::pin;

use idp::Idp;

/// Runs `act` at `node` up to its first transaction, then `forbid`, then the rest.
pub(crate) async fn stopped<T>(node: &Idp, act: impl Future<Output = T>, forbid: impl Future<Output = ()>) -> T {
    let gate = node.close_gate().await;
    let mut act = pin!(act);
    tokio::select! {
        _ = &mut act => panic!("it wrote nothing"),
        () = gate.arrived(1) => {}
    }
    forbid.await;
    drop(gate);
    act.await
}
