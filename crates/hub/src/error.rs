use domain::{
    AbsenceError, AddressError, AlertError, AudienceError, GroupNameError, MessageNameError, NoticeError,
    Refusal, ScheduleError, TemplateError,
};
use store::StoreError;
use thiserror::Error;

/// Why the hub did not do what was asked. The sentences are written for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HubError {
    /// The store refused, or cannot do it now.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Policy says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An address is not one.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// An audience is not one.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// An alert breaks a rule.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// A condition of the Alerter breaks a rule.
    #[error(transparent)]
    Condition(#[from] domain::alerter::AlerterError),
    /// The Alerter is switched off.
    #[error("the Alerter is switched off: set `[alerter] enabled = true`")]
    AlerterOff,
    /// A publication breaks a rule.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// A group name is not one.
    #[error(transparent)]
    GroupName(#[from] GroupNameError),
    /// A message name cannot be had, or cannot be given up.
    #[error(transparent)]
    MessageName(#[from] MessageNameError),
    /// A room's rules say no.
    #[error(transparent)]
    Room(#[from] domain::room::RoomRefusal),
    /// A text is no name in a room.
    #[error(transparent)]
    Nickname(#[from] domain::room::NicknameError),
    /// A file was not taken.
    #[error(transparent)]
    File(#[from] crate::FileError),
    /// A schedule cannot be.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A template cannot be kept or filled in.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// No schedule has this name.
    #[error("there is no schedule \"{name}\"; `messngr alert schedule list` shows them")]
    NoSchedule {
        /// The name given.
        name: String,
    },
    /// No template has this name.
    #[error("there is no template \"{name}\"; `messngr alert template list` shows them")]
    NoTemplate {
        /// The name given.
        name: String,
    },
    /// What is no longer a draft cannot be written anew.
    #[error("only a draft can be changed, and this alert is {status}")]
    NotDraft {
        /// Where the alert stands.
        status: String,
    },
    /// An audience names more than one person at once too often.
    #[error("an audience names everyone, groups and networks at most {limit} times")]
    TooManySets {
        /// How many times are allowed.
        limit: usize,
    },
    /// A draft says something else by now.
    #[error("somebody has changed this draft since: look at it again")]
    OtherVersion,
    /// The alert does not wait for a release.
    #[error("only an alert that waits for it can be released, and this one is {status}")]
    NotWaiting {
        /// Where the alert stands.
        status: String,
    },
    /// The account has as many rights as are allowed.
    #[error("an account has at most {limit} rights: take one away first")]
    TooManyRights {
        /// How many are allowed.
        limit: usize,
    },
    /// A new key could not be kept.
    #[error("the new key could not be kept, and the old one is used on: {why}")]
    KeyFile {
        /// What went wrong.
        why: String,
    },
    /// The password cannot be used.
    #[error("this password cannot be used: {why}")]
    Password {
        /// The rule it breaks.
        why: String,
    },
    /// The password that was to prove who asks is another.
    #[error("this is not the password")]
    WrongPassword,
    /// No alert in force has this code.
    #[error("there is no such code, or its alert is over")]
    NoSuchCode,
    /// Too many wrong passwords were given for one account.
    #[error("too many wrong passwords: try again in ten minutes")]
    TooManyGuesses,
    /// An absence is none.
    #[error(transparent)]
    Absence(#[from] AbsenceError),
    /// Nobody has this name.
    #[error("there is no account \"{name}\"; `messngr user list` shows them")]
    NoAccount {
        /// The name given.
        name: String,
    },
    /// No group has this name.
    #[error("there is no group \"{name}\"; `messngr group list` shows them")]
    NoGroup {
        /// The name given.
        name: String,
    },
    /// Nothing has this id.
    #[error("there is no alert {id}; `messngr alert list` shows them")]
    NoAlert {
        /// The id given.
        id: String,
    },
    /// A name that the service keeps for itself.
    #[error("the name \"{name}\" is kept for the service itself")]
    ReservedName {
        /// The name given.
        name: String,
    },
    /// An address of another domain where one of this service is needed.
    #[error("{address} is not an address of this service: they end in @{domain}")]
    Foreign {
        /// The address given.
        address: String,
        /// The service's own domain.
        domain: String,
    },
    /// What is more than words, or may not be kept until it has arrived, was meant for an old machine.
    #[error(
        "an old machine shows words and nothing else: send text, and let it be kept until it has arrived"
    )]
    OnlyWords,
    /// An answer to an old machine is too long for it.
    #[error("an old machine takes at most {limit} characters: write less at once")]
    TooLongForMachine {
        /// How many are taken.
        limit: usize,
    },
    /// Too many messages wait for the recipient.
    #[error("too many messages wait for {recipient} already")]
    Full {
        /// Who.
        recipient: String,
    },
    /// The person has as many sessions as are allowed.
    #[error("{address} has {limit} sessions already: sign out somewhere first")]
    TooManySessions {
        /// Who.
        address: String,
        /// How many are allowed.
        limit: usize,
    },
    /// The contact list has as many entries as are allowed.
    #[error("your contact list is full: {limit} contacts are allowed")]
    TooManyContacts {
        /// How many are allowed.
        limit: usize,
    },
    /// The session has shown itself to as many as are allowed.
    #[error("presence can be shown to {limit} people at a time beside your contacts")]
    TooManyShown {
        /// How many are allowed.
        limit: usize,
    },
    /// Too much is kept for one account.
    #[error("too much is kept for you already: {limit} bytes are allowed")]
    TooMuchData {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// The same is just being done by somebody else.
    #[error("the same is just being done: try again")]
    Busy,
    /// The person has blocked as many as are allowed.
    #[error("you have blocked too many: {limit} are allowed")]
    TooManyBlocks {
        /// How many are allowed.
        limit: usize,
    },
    /// Nobody would be left who may administer the service.
    #[error(
        "{address} is the last administrator: make another one first (`messngr user set NAME --admin yes`)"
    )]
    LastAdministrator {
        /// Who.
        address: String,
    },
    /// There are as many tokens of programs as are allowed.
    #[error("there are {limit} tokens already: remove those that nobody uses (`messngr token list`)")]
    TooManyTokens {
        /// How many are allowed.
        limit: usize,
    },
    /// A token was to administer as somebody who may not.
    #[error("{address} may not administer the service, so that no token of that account can either")]
    TokenAboveAccount {
        /// As whom it was to speak.
        address: String,
    },
    /// A token was to end before it begins.
    #[error("a token ends after now, or never")]
    TokenOver,
    /// The audience has nobody in it.
    #[error("the audience \"{audience}\" has nobody in it")]
    NobodyThere {
        /// The audience as written.
        audience: String,
    },
    /// The alert is no longer in force, so it cannot be answered or called off.
    #[error("the alert is {status} already")]
    AlertOver {
        /// Where it stands.
        status: String,
    },
    /// The alert was said again a moment ago.
    #[error("the alert was said again just now: leave people 30 seconds to answer")]
    SaidJustNow,
    /// The answer is not one of the alert's choices.
    #[error("\"{answer}\" is not an answer to this alert; its answers are: {choices}")]
    NoSuchChoice {
        /// What was answered.
        answer: String,
        /// What can be answered.
        choices: String,
    },
    /// No open alert fits the answer.
    #[error("no alert that is open for you has the answer \"{answer}\"")]
    NothingToAnswer {
        /// What was answered.
        answer: String,
    },
    /// Nobody may publish there whom the service does not know.
    #[error("the topic {topic} takes nothing from those who do not prove who they are: show a token")]
    NotOpen {
        /// The topic.
        topic: String,
    },
    /// Messages to computers need the Windows door.
    #[error(
        "messages to computers need the windows door: set `[doors.windows] enabled = true`, or start with `--enable windows`"
    )]
    NoGateway,
    /// A message to a computer did not arrive.
    #[error("{0}")]
    Computer(String),
}
