//! People change their own passwords on the command line.

use end_to_end::{Account, Service, ServiceOptions, XmppConnection};

#[test]
fn who_knows_the_old_password_changes_it_and_signs_in_by_the_new_one_alone() {
    let service = Service::start(&ServiceOptions {
        configuration: "[passwords]\nlength_min = 10\n".to_owned(),
        xmpp: "require_tls = false\nallow_plain_without_tls = true".to_owned(),
        ..ServiceOptions::default()
    });
    let old = Account::new("anna");
    service.add_user("anna", &old.password);
    let change = |old: &str, new: &str| {
        service.run_with(&["password", "--password-stdin", "--as", "anna"], &format!("{old}\n{new}\n"))
    };
    let output = change("a guess", "correct horse");
    assert!(output.code == 1 && output.stderr.contains("not the password"), "{output:?}");
    let output = change(&old.password, "too short");
    assert!(output.code == 1 && output.stderr.contains("at least 10"), "{output:?}");
    assert_eq!(change(&old.password, "correct horse").code, 0);
    let address = service.address("xmpp", "starttls");
    assert!(XmppConnection::sign_in(&address, &old).is_err());
    let new = Account { password: "correct horse".to_owned(), ..old };
    assert!(XmppConnection::sign_in(&address, &new).is_ok());
    let log = service.ok(&["log"]);
    assert!(log.contains("user.password-refused") && log.contains("user.password"), "{log}");
}
