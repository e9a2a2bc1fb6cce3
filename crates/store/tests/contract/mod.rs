//! What every engine has to do. An engine's test names itself with [`suite`](crate::contract::suite), and every case
//! here runs on it.

pub(crate) mod absences;
pub(crate) mod accounts;
pub(crate) mod alert_engine;
pub(crate) mod alerts;
pub(crate) mod answers;
pub(crate) mod archive;
pub(crate) mod audit;
pub(crate) mod blocks;
pub(crate) mod contacts;
pub(crate) mod data;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod lists;
pub(crate) mod messages;
pub(crate) mod publications;
pub(crate) mod rooms;
pub(crate) mod search;
pub(crate) mod streams;
pub(crate) mod tokens;

use std::sync::Arc;

use domain::{Address, Content, Message, MessageId, MessageKind, Sender};
use jiff::Timestamp;
use store::{Change, Keep, NewAccount, Outcome, Store, StoreError};

/// An engine under test, with an empty store at first.
pub(crate) trait Engine {
    /// The store as it is open now.
    fn store(&self) -> Arc<dyn Store>;

    /// Closes the store in order, and returns when it is closed. It stays closed until it is opened.
    fn close(&mut self);

    /// Opens it, after it was closed or while nobody closed it: then as another process would after a crash.
    fn open(&mut self);
}

/// Runs every case of the contract on an engine, made by an expression of a type that is an [`Engine`].
macro_rules! suite {
    ($engine:expr) => {
        $crate::contract::cases! { $engine;
            accounts::an_account_reads_back_as_it_was_made;
            accounts::an_account_is_made_once;
            accounts::what_is_changed_about_an_account_is_seen_and_survives;
            accounts::people_with_alike_names_get_different_spellings_and_keep_them;
            accounts::whoever_is_removed_is_gone_from_everywhere;
            accounts::nobody_can_be_changed_who_is_not_there;
            groups::people_come_and_go;
            groups::what_is_not_there_is_not_joined_left_or_removed;
            contacts::a_contact_reads_back_sorted_and_is_replaced_whole;
            contacts::a_list_has_a_limit_that_changing_an_entry_does_not_meet;
            contacts::asking_and_agreeing_changes_both_lists;
            contacts::a_request_of_a_stranger_is_kept_unlisted_until_it_is_declined;
            contacts::renaming_keeps_the_subscription;
            contacts::taking_someone_off_ends_both_subscriptions_on_both_lists;
            contacts::people_without_an_account_here_have_no_list_here;
            contacts::nobody_is_a_contact_on_their_own_other_list;
            contacts::who_has_blocked_the_actor_keeps_the_own_list;
            messages::every_kind_of_message_reads_back_as_it_was_taken;
            messages::a_sender_id_is_known_until_it_is_forgotten;
            messages::one_id_for_two_people_or_for_two_things_said_repeats_nothing;
            messages::pending_messages_come_page_by_page_in_the_order_they_were_taken;
            messages::an_acknowledged_message_is_gone_unless_it_is_kept;
            messages::only_the_recipient_acknowledges;
            messages::a_repeat_is_known_by_the_senders_id_even_after_the_message_is_gone;
            messages::who_did_not_sign_in_repeats_nothing;
            messages::a_full_box_takes_no_more_and_what_it_refused_may_come_again;
            messages::nobody_gets_a_message_who_is_not_there;
            messages::an_id_belongs_to_one_message;
            messages::places_are_not_given_twice;
            archive::what_both_keep_is_in_both_archives_in_the_order_it_was_taken;
            archive::a_page_is_the_beginning_or_the_end_of_what_matches;
            archive::an_archive_is_searched_by_person_time_and_id;
            archive::an_id_of_another_archive_is_not_found;
            archive::who_does_not_keep_a_message_does_not_have_it;
            archive::a_message_to_oneself_is_there_once;
            archive::what_nobody_proved_to_have_sent_is_in_the_recipients_archive;
            archive::what_is_repeated_or_refused_is_in_no_archive_again;
            archive::the_ends_of_an_archive_are_known;
            archive::an_archive_is_forgotten_up_to_a_time_but_for_what_is_pending;
            archive::whoever_is_removed_takes_the_own_archive_along_and_no_other;
            absences::an_absence_reads_back_with_whom_it_was_told_until_it_ends;
            absences::nothing_is_owed_for_a_message_that_was_not_taken_or_an_absence_that_is_over;
            absences::an_absence_goes_with_its_account;
            absences::a_message_keeps_the_mark_that_a_program_sent_it;
            answers::an_answer_is_under_way_until_it_is_acknowledged_and_stays_in_the_senders_archive;
            answers::answers_repeat_only_to_the_same_correspondent_and_no_more_are_taken_than_may_be_under_way;
            blocks::who_is_blocked_stays_blocked_until_unblocked;
            blocks::a_person_blocks_no_more_than_they_may;
            data::what_an_account_has_of_its_own_reads_back;
            data::an_account_has_no_more_than_it_may;
            rooms::a_room_reads_back_with_everything_about_it;
            rooms::what_is_said_in_a_room_is_kept_in_order_and_once;
            rooms::a_room_that_goes_takes_what_was_said_along;
            rooms::a_room_keeps_as_much_as_it_may_and_forgets_what_is_old;
            search::words_are_found_where_their_reader_may_look_and_nowhere_else;
            search::what_is_found_comes_page_by_page_newest_first;
            search::words_go_with_what_said_them;
            search::conversations_say_what_is_new_in_them;
            search::senders_that_are_no_accounts_have_conversations_too;
            files::files_are_known_until_their_time_is_over;
            streams::a_stream_reads_back_and_is_replaced_whole;
            streams::what_was_taken_only_goes_forward_also_around_the_end_of_the_numbers;
            streams::a_repeated_message_still_counts_what_was_taken;
            streams::deliveries_are_kept_until_the_client_has_them;
            streams::a_closed_stream_leaves_its_messages_pending;
            streams::an_unknown_stream_is_no_mistake_but_an_unknown_person_is;
            alerts::an_alert_reads_back_with_a_pending_receipt_for_everyone_once;
            alerts::a_receipt_goes_forward_only_and_the_first_answer_counts;
            alerts::open_alerts_find_their_people_until_they_end;
            alerts::what_a_person_was_told_is_found_newest_first_also_when_it_is_over;
            alerts::nobody_was_told_of_what_ended_before_it_took_effect;
            alerts::an_alert_ends_once_and_stays_as_it_ended;
            alerts::alerts_come_newest_first;
            alerts::what_is_not_there_is_refused;
            publications::what_was_published_comes_in_its_order_and_by_its_topic;
            publications::what_is_scheduled_gets_its_place_when_its_alert_takes_effect;
            publications::a_key_stands_for_one_publication_of_its_topic_until_it_is_given_back;
            publications::what_is_refused_leaves_neither_publication_nor_alert;
            publications::old_publications_are_forgotten_but_for_those_that_still_matter;
            alert_engine::an_alert_goes_from_phase_to_phase_and_no_step_is_taken_twice;
            alert_engine::a_draft_is_deleted_and_nothing_else_is;
            alert_engine::a_key_belongs_to_one_alert_of_an_issuer;
            alert_engine::receipts_are_counted_and_come_page_by_page;
            alert_engine::an_answer_is_late_after_the_first_level_and_after_the_end;
            alert_engine::counts_are_what_the_receipts_say_whatever_has_happened;
            alert_engine::announcements_stay_when_they_are_over;
            alert_engine::schedules_templates_and_machines_read_back;
            alert_engine::an_erased_person_is_nowhere_and_the_log_still_verifies;
            audit::the_chain_goes_on_where_it_ended_and_verifies;
            audit::a_list_that_fails_leaves_no_gap_in_the_chain;
            tokens::a_token_reads_back_as_it_was_made_until_it_is_removed;
            tokens::no_two_tokens_have_one_name;
            tokens::a_use_is_remembered_and_one_of_a_token_that_is_gone_is_no_mistake;
            tokens::a_token_goes_with_its_account;
            lists::a_list_is_applied_whole_or_not_at_all;
            lists::a_list_that_fails_does_not_touch_its_neighbours;
            lists::those_who_submit_hear_in_the_order_they_submitted;
            lists::settled_waits_for_everything_before_it;
            lists::what_was_told_is_seen_at_once;
            lists::messages_of_many_tasks_are_all_there_once;
            lists::a_full_queue_makes_the_next_one_wait;
            lists::a_closed_store_says_so;
            lists::what_was_told_survives_without_closing;
            lists::settings_are_remembered;
        }
    };
}

/// One test for each case.
macro_rules! cases {
    ($engine:expr; $($subject:ident :: $case:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::contract::$subject::$case(&mut $engine).await;
            }
        )*
    };
}

pub(crate) use {cases, suite};

/// `name@x.internal`.
pub(crate) fn address(name: &str) -> Address {
    Address::new(name, "x.internal").unwrap()
}

/// So many seconds, and a few nanoseconds that must not be lost, after 2026-11-20.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::new(1_795_132_800 + second, 123_456_789).unwrap()
}

/// The outcome of one change.
pub(crate) async fn one(store: &dyn Store, change: Change) -> Result<Outcome, StoreError> {
    let mut outcomes = store.commit(vec![change]).await?;
    assert_eq!(outcomes.len(), 1);
    Ok(outcomes.remove(0))
}

/// A change that has to come to [`Outcome::Done`].
pub(crate) async fn done(store: &dyn Store, change: Change) {
    assert_eq!(one(store, change.clone()).await, Ok(Outcome::Done), "{change:?}");
}

/// What a change that must be refused because something is not there says.
pub(crate) async fn is_missing(store: &dyn Store, change: Change) {
    let outcome = one(store, change.clone()).await;
    assert!(matches!(outcome, Err(StoreError::Missing { .. })), "{change:?} came to {outcome:?}");
}

/// How to make `name@x.internal`.
pub(crate) fn new_account(name: &str) -> NewAccount {
    let password = format!("record of {name}");
    NewAccount { address: address(name), password, administrator: false, created_at: at(0) }
}

/// Makes these accounts.
pub(crate) async fn people<const COUNT: usize>(store: &dyn Store, names: [&str; COUNT]) -> [Address; COUNT] {
    for name in names {
        one(store, Change::CreateAccount(new_account(name))).await.unwrap();
    }
    names.map(address)
}

/// A message whose id, own id and time follow from its number.
pub(crate) fn message(number: u32, sender: &Address, recipient: &Address) -> Message {
    Message {
        id: MessageId::new(at(i64::from(number)), [number.to_le_bytes()[0]; 10]),
        sender: Sender::Account { address: sender.clone() },
        recipient: recipient.clone(),
        kind: MessageKind::Chat,
        content: Content::Text { body: format!("number {number}"), subject: None },
        automatic: false,
        native: None,
        sender_id: Some(format!("own id {number}")),
        accepted_at: at(i64::from(number)),
    }
}

/// Takes a message that is not kept and goes to no stream.
pub(crate) fn accept(message: &Message) -> Change {
    Change::AcceptMessage {
        message: Arc::new(message.clone()),
        keep: Keep::NOBODY,
        deliveries: Vec::new(),
        limit: 100,
    }
}

/// These messages are no longer pending for their recipient.
pub(crate) fn acknowledge(recipient: &Address, messages: &[&Message]) -> Change {
    Change::Acknowledge {
        recipient: recipient.clone(),
        messages: messages.iter().map(|message| message.id).collect(),
    }
}

/// The messages pending for someone, at most 1,000.
pub(crate) async fn pending(store: &dyn Store, recipient: &Address) -> Vec<Message> {
    let found = store.pending(recipient, 0, 1_000).await.unwrap();
    found.into_iter().map(|(_, message)| (*message).clone()).collect()
}
