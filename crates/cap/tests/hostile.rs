//! What a document could do to whoever reads it.

use cap::{Alert, BYTES_MAX, CapError, DEPTH_MAX, ELEMENTS_MAX, INFOS_MAX};

const HEAD: &str = "<identifier>a</identifier><sender>s</sender><sent>2026-11-30T08:00:00-00:00</sent>\
                    <status>Test</status><msgType>Alert</msgType><scope>Public</scope>";

fn document(rest: &str) -> String {
    format!("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">{HEAD}{rest}</alert>")
}

fn read(document: &str) -> Result<Alert, CapError> {
    Alert::read(document.as_bytes())
}

#[test]
fn there_are_no_document_types_no_entities_and_no_instructions() {
    let laughs = "<!DOCTYPE alert [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let note = document("<note>&b;</note>");
    for hostile in [
        format!("{laughs}{note}"),
        format!("<!DOCTYPE alert SYSTEM \"file:///etc/passwd\">{}", document("")),
        format!("<!DOCTYPE alert [<!ENTITY x SYSTEM \"http://10.0.0.1/\">]>{}", document("<note>&x;</note>")),
        note,
        document("<note>&nbsp;</note>"),
        document("<note>&#0;</note>"),
        format!("<?xml-stylesheet href=\"x\"?>{}", document("")),
        document("<?php ?>"),
    ] {
        assert!(matches!(read(&hostile), Err(CapError::Xml { .. })), "{hostile}");
    }
    let five = document("<note>&amp;&lt;&gt;&apos;&quot;&#233;</note>");
    assert_eq!(read(&five).unwrap().note.as_deref(), Some("&<>'\"é"));
}

#[test]
fn size_depth_and_counts_have_limits() {
    let text = "x".repeat(BYTES_MAX - document("<note></note>").len());
    assert!(read(&document(&format!("<note>{text}</note>"))).is_ok());
    let over = document(&format!("<note>{text}x</note>"));
    assert_eq!(read(&over), Err(CapError::TooMany { what: "bytes", limit: BYTES_MAX }));

    let deep = document(&"<note>".repeat(100_000));
    assert_eq!(read(&deep), Err(CapError::TooMany { what: "nested elements", limit: DEPTH_MAX }));
    let wide = document(&"<code/>".repeat(ELEMENTS_MAX));
    assert_eq!(read(&wide), Err(CapError::TooMany { what: "elements", limit: ELEMENTS_MAX }));
    let info = "<info><category>Met</category><event>e</event><urgency>Past</urgency>\
                <severity>Minor</severity><certainty>Likely</certainty></info>";
    assert!(read(&document(&info.repeat(INFOS_MAX))).is_ok());
    let many = document(&info.repeat(INFOS_MAX + 1));
    assert_eq!(read(&many), Err(CapError::TooMany { what: "<info>", limit: INFOS_MAX }));
    let attributes: String =
        (0..1_000).map(|number| format!(" xmlns:a{number}=\"a\" a{number}:b=\"\"")).collect();
    assert!(read(&document(&format!("<x{attributes}/>"))).is_err());
    assert!(read(&document(&format!("<{}/>", "x".repeat(100_000)))).is_err());
}

#[test]
fn bytes_that_are_no_whole_document_in_utf_8_are_refused() {
    let good = document("");
    for end in 0..good.len() {
        assert!(Alert::read(&good.as_bytes()[..end]).is_err(), "{end}");
    }
    assert!(read(&format!("{good}x")).is_err());
    assert!(read(&format!("{good}{good}")).is_err());
    assert!(Alert::read(b"\xff\xfe<\0a\0").is_err());
    let latin = good.replace("<sender>s", "<sender>\u{e9}");
    let latin: Vec<u8> = latin.chars().map(|c| c as u32 as u8).collect();
    assert!(Alert::read(&latin).is_err());
    assert!(read(&format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{good}")).is_err());
}

#[test]
fn an_error_shows_only_the_beginning_of_what_came() {
    let long = document("").replace("<status>Test", &format!("<status>\u{1b}[31m{}", "x".repeat(10_000)));
    let error = read(&long).unwrap_err().to_string();
    assert!(error.len() < 400 && !error.contains('\u{1b}'), "{error}");
}
