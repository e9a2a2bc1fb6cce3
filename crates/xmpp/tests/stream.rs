//! Streams as a server reads them: whole, in pieces, and from those who mean harm.

use proptest::prelude::*;
use xmpp::element::Element;
use xmpp::namespace;
use xmpp::stream::{Limits, StreamCondition, StreamEvent, StreamReader};

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' to='x.test' from='a@x.test' version='1.0' xml:lang='de'>";

/// Everything a stream says, up to its error.
fn read_in_pieces<'a>(
    reader: &mut StreamReader,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<StreamEvent>, Option<StreamCondition>) {
    let mut events = Vec::new();
    for mut piece in pieces {
        loop {
            match reader.read(&mut piece) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => {
                    assert!(piece.is_empty(), "bytes were left over");
                    break;
                }
                Err(error) => return (events, Some(error.condition)),
            }
        }
    }
    (events, None)
}

fn read(source: &[u8]) -> (Vec<StreamEvent>, Option<StreamCondition>) {
    read_in_pieces(&mut StreamReader::new(Limits::default()), [source])
}

/// What ends a stream that sends this after its header.
fn error_after_header(source: &str) -> Option<StreamCondition> {
    read(format!("{HEADER}{source}").as_bytes()).1
}

fn error_of_header(source: &str) -> Option<StreamCondition> {
    let (events, error) = read(source.as_bytes());
    assert_eq!(events, [], "{source}");
    error
}

/// A reader that has read the header, with other limits from then on.
fn signed_in(limits: Limits) -> StreamReader {
    let mut reader = StreamReader::new(Limits::BEFORE_SIGN_IN);
    let (events, error) = read_in_pieces(&mut reader, [HEADER.as_bytes()]);
    assert_eq!((events.len(), error), (1, None));
    reader.set_limits(limits);
    reader
}

fn session() -> String {
    format!(
        "{HEADER} \r\n<message to='b@x.test'><body>Gr\u{FC}\u{DF}e &amp; <![CDATA[<b>]]></body></message>\n\t\
         <presence/><iq xml:lang='en' id='1' type='get'><ping xmlns='urn:xmpp:ping'/></iq> \
         <r xmlns='urn:xmpp:sm:3'/></stream:stream>"
    )
}

#[test]
fn a_session_is_read_as_header_stanzas_and_end() {
    let (events, error) = read(session().as_bytes());
    assert_eq!(error, None);
    let [StreamEvent::Opened(header), stanzas @ .., StreamEvent::Closed] = events.as_slice() else {
        panic!("expected a whole session, got {events:?}")
    };
    assert_eq!(header.to.as_ref().map(|to| to.as_str()), Some("x.test"));
    assert_eq!(header.from.as_ref().map(|from| from.as_str()), Some("a@x.test"));
    assert_eq!((header.lang.as_deref(), header.version.as_str()), (Some("de"), "1.0"));
    let message = Element::new("message", namespace::CLIENT)
        .with_attribute("to", "b@x.test")
        .with_child(Element::new("body", namespace::CLIENT).with_text("Gr\u{FC}\u{DF}e & <b>"))
        .with_lang("de");
    assert_eq!(stanzas[0], StreamEvent::Stanza(message));
    let langs: Vec<_> = stanzas
        .iter()
        .map(|stanza| match stanza {
            StreamEvent::Stanza(element) => element.lang(),
            other => panic!("expected a stanza, got {other:?}"),
        })
        .collect();
    assert_eq!(langs, [Some("de"), Some("de"), Some("en"), Some("de")]);
}

#[test]
fn a_session_that_comes_byte_by_byte_is_the_same() {
    let session = session();
    let whole = read(session.as_bytes());
    let pieces = read_in_pieces(&mut StreamReader::new(Limits::default()), session.as_bytes().chunks(1));
    assert_eq!(pieces, whole);
}

#[test]
fn an_event_leaves_what_follows_it_alone() {
    let source = format!("{HEADER}<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\u{16}\u{3}");
    let mut input = source.as_bytes();
    let mut reader = StreamReader::new(Limits::default());
    assert!(matches!(reader.read(&mut input), Ok(Some(StreamEvent::Opened(_)))));
    assert!(matches!(reader.read(&mut input), Ok(Some(StreamEvent::Stanza(_)))));
    assert_eq!(input, b"\x16\x03");
}

#[test]
fn a_restarted_stream_begins_with_a_header_and_forgets_the_language() {
    let mut reader = signed_in(Limits::default());
    let (events, error) = read_in_pieces(&mut reader, [b"<r xmlns='urn:xmpp:sm:3'>".as_slice()]);
    assert_eq!((events.len(), error), (0, None));
    reader.reset();
    let second = format!("\n{}<presence/>", HEADER.replace(" xml:lang='de'", ""));
    let (events, error) = read_in_pieces(&mut reader, [second.as_bytes()]);
    assert_eq!(error, None);
    assert_eq!(events[1], StreamEvent::Stanza(Element::new("presence", namespace::CLIENT)));
}

#[test]
fn a_header_that_is_none_of_ours_is_refused_with_its_condition() {
    let stream = "http://etherx.jabber.org/streams";
    let cases = [
        (
            "<stream:stream xmlns='jabber:client' xmlns:stream='urn:example:x' version='1.0'>".to_owned(),
            StreamCondition::InvalidNamespace,
        ),
        (
            format!("<stream:stream xmlns='jabber:server' xmlns:stream='{stream}' version='1.0'>"),
            StreamCondition::InvalidNamespace,
        ),
        (format!("<stream:stream xmlns:stream='{stream}' version='1.0'>"), StreamCondition::InvalidNamespace),
        (format!("<stream xmlns='{stream}' version='1.0'>"), StreamCondition::BadNamespacePrefix),
        (
            format!("<s:flow xmlns='jabber:client' xmlns:s='{stream}' version='1.0'>"),
            StreamCondition::BadFormat,
        ),
        (format!("<s:stream xmlns='jabber:client' xmlns:s='{stream}'>"), StreamCondition::UnsupportedVersion),
        (
            format!("<s:stream xmlns='jabber:client' xmlns:s='{stream}' version='0.9'>"),
            StreamCondition::UnsupportedVersion,
        ),
        (
            format!("<s:stream xmlns='jabber:client' xmlns:s='{stream}' version='1.0' to='a@b@c'>"),
            StreamCondition::ImproperAddressing,
        ),
        (
            format!("<s:stream xmlns='jabber:client' xmlns:s='{stream}' version='1.0' from='@'>"),
            StreamCondition::InvalidFrom,
        ),
        ("GET / HTTP/1.1\r\n".to_owned(), StreamCondition::NotWellFormed),
        ("\u{16}\u{3}\u{1}".to_owned(), StreamCondition::NotWellFormed),
        ("<stream:stream>".to_owned(), StreamCondition::NotWellFormed),
    ];
    for (header, condition) in cases {
        assert_eq!(error_of_header(&header), Some(condition), "{header}");
    }
}

#[test]
fn restricted_xml_is_refused() {
    for restricted in [
        "<message><!-- hidden --></message>",
        "<!-- hidden -->",
        "<?php x ?>",
        "<message><?php x ?></message>",
        "<message>&lol;</message>",
    ] {
        assert_eq!(error_after_header(restricted), Some(StreamCondition::RestrictedXml), "{restricted}");
    }
    assert_eq!(
        error_of_header("<!DOCTYPE stream [<!ENTITY lol 'lol'>]><stream:stream>"),
        Some(StreamCondition::RestrictedXml)
    );
    assert_eq!(error_after_header("<message><!DOCTYPE x></message>"), Some(StreamCondition::RestrictedXml));
}

#[test]
fn xml_that_is_not_well_formed_is_refused() {
    for broken in [
        "<message></presence>",
        "<message a='1' a='2'/>",
        "<message xmlns='jabber:client' xmlns='jabber:client'/>",
        "<message xmlns:p='u' xmlns:q='u' p:a='' q:a=''/>",
        "<x:message/>",
        "<message x:a=''/>",
        "<message a=1/>",
        "<message>&#0;</message>",
        "<message>\u{1}</message>",
        "<message><</message>",
        "</message>",
    ] {
        assert_eq!(error_after_header(broken), Some(StreamCondition::NotWellFormed), "{broken}");
    }
}

#[test]
fn prefixes_of_one_stanza_are_unknown_in_the_next() {
    assert_eq!(
        error_after_header("<message xmlns:p='urn:p'><p:a/></message><message><p:a/></message>"),
        Some(StreamCondition::NotWellFormed)
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    let mut source = HEADER.as_bytes().to_vec();
    source.extend_from_slice(b"<message><body>\xC3\x28</body></message>");
    assert_eq!(read(&source).1, Some(StreamCondition::UnsupportedEncoding));
}

#[test]
fn text_between_stanzas_is_refused_and_white_space_is_not() {
    assert_eq!(error_after_header("hello<message/>"), Some(StreamCondition::BadFormat));
    assert_eq!(error_after_header("<message/>\u{A0}<message/>"), Some(StreamCondition::BadFormat));
    assert_eq!(error_after_header("<![CDATA[hello]]><message/>"), Some(StreamCondition::BadFormat));
    assert_eq!(error_after_header("<message/> \t\r\n <message/>"), None);
}

#[test]
fn an_error_stays_until_the_reader_is_reset() {
    let mut reader = signed_in(Limits::default());
    for _ in 0..2 {
        let (events, error) = read_in_pieces(&mut reader, [b"</x>".as_slice()]);
        assert_eq!((events, error), (vec![], Some(StreamCondition::NotWellFormed)));
    }
    reader.reset();
    assert_eq!(read_in_pieces(&mut reader, [HEADER.as_bytes()]).1, None);
}

#[test]
fn whatever_follows_the_end_of_a_stream_is_ignored() {
    let (events, error) = read(format!("{HEADER}</stream:stream>\n<message/>garbage").as_bytes());
    assert_eq!((events.len(), error), (2, None));
}

#[test]
fn white_space_may_keep_a_stream_alive_for_ever() {
    let mut reader = signed_in(Limits { stanza_bytes_max: 64, ..Limits::default() });
    for _ in 0..1_000 {
        assert_eq!(read_in_pieces(&mut reader, [b" \n".as_slice()]), (vec![], None));
    }
    assert_eq!(read_in_pieces(&mut reader, [b"<presence/>".as_slice()]).0.len(), 1);
}

#[test]
fn an_endless_stanza_is_stopped_at_the_limit_while_it_comes() {
    let limit = 100_000;
    let pieces = [
        "<message><body>",
        "<message a='",
        "<message ",
        "<message><",
        "<message>&#",
        "<message><![CDATA[",
        "<m",
    ];
    for start in pieces {
        let mut reader = signed_in(Limits { stanza_bytes_max: limit, ..Limits::default() });
        let mut sent = start.len();
        assert_eq!(read_in_pieces(&mut reader, [start.as_bytes()]), (vec![], None), "{start}");
        let error = loop {
            let (_, error) = read_in_pieces(&mut reader, [[b'x'; 1_000].as_slice()]);
            sent += 1_000;
            assert!(sent <= limit + 1_000, "{start} was read past the limit");
            if error.is_some() {
                break error;
            }
        };
        let expected = [
            Some(StreamCondition::PolicyViolation),
            Some(StreamCondition::NotWellFormed),
            Some(StreamCondition::RestrictedXml),
        ];
        assert!(expected.contains(&error), "{start}: {error:?}");
    }
}

#[test]
fn a_stanza_of_exactly_the_limit_is_taken_and_one_byte_more_is_not() {
    let stanza = format!("<message><body>{}</body></message>", "x".repeat(1_000));
    for stanza in [stanza.as_str(), "<presence/>"] {
        let limits = |stanza_bytes_max| Limits { stanza_bytes_max, ..Limits::default() };
        let source = format!("{stanza} {stanza}");
        let taken = read_in_pieces(&mut signed_in(limits(stanza.len())), [source.as_bytes()]);
        assert_eq!((taken.0.len(), taken.1), (2, None));
        let refused = read_in_pieces(&mut signed_in(limits(stanza.len() - 1)), [source.as_bytes()]);
        assert_eq!(refused, (vec![], Some(StreamCondition::PolicyViolation)));
    }
}

#[test]
fn a_header_is_limited_too() {
    let header = HEADER.replace("x.test", &"x".repeat(20_000));
    let mut reader = StreamReader::new(Limits::BEFORE_SIGN_IN);
    let (events, error) = read_in_pieces(&mut reader, [header.as_bytes()]);
    assert_eq!((events, error), (vec![], Some(StreamCondition::PolicyViolation)));
}

#[test]
fn long_texts_arrive_whole_and_long_attributes_are_a_matter_of_policy() {
    let long = "\u{DF}\r\n".repeat(30_000);
    let (events, error) = read(format!("{HEADER}<message><body>{long}</body></message>").as_bytes());
    assert_eq!(error, None);
    let StreamEvent::Stanza(message) = &events[1] else { panic!("expected a stanza") };
    let body = message.child("body", namespace::CLIENT).unwrap();
    assert_eq!(body.text(), long.replace("\r\n", "\n"));
    assert_eq!(body.nodes().len(), 1);
    let attribute = format!("<message a='{}'/>", "x".repeat(20_000));
    assert_eq!(error_after_header(&attribute), Some(StreamCondition::PolicyViolation));
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert_eq!(error_after_header(&nested(64)), None);
    assert_eq!(error_after_header(&nested(65)), Some(StreamCondition::PolicyViolation));
}

#[test]
fn attributes_and_declarations_are_limited_before_the_element_is_complete() {
    let attributes = |count: usize| (0..count).map(|number| format!(" a{number}=''")).collect::<String>();
    let declarations =
        |count: usize| (0..count).map(|number| format!(" xmlns:a{number}='u'")).collect::<String>();
    assert_eq!(error_after_header(&format!("<a{}/>", attributes(64))), None);
    assert_eq!(error_after_header(&format!("<a{}/>", declarations(64))), None);
    assert_eq!(error_after_header(&format!("<a{} ", attributes(65))), Some(StreamCondition::PolicyViolation));
    assert_eq!(
        error_after_header(&format!("<a{} ", declarations(65))),
        Some(StreamCondition::PolicyViolation)
    );
    let nested: String = (0..10).map(|_| format!("<a{}>", declarations(30))).collect();
    assert_eq!(error_after_header(&nested), Some(StreamCondition::PolicyViolation));
}

#[test]
fn elements_are_limited_in_each_stanza() {
    let stanza = |children: usize| format!("<a>{}</a>", "<b/>".repeat(children));
    assert_eq!(error_after_header(&stanza(9_999).repeat(3)), None);
    assert_eq!(error_after_header(&stanza(10_000)), Some(StreamCondition::PolicyViolation));
}

#[test]
fn a_reader_is_small() {
    assert!(size_of::<StreamReader>() <= 1_024, "{}", size_of::<StreamReader>());
}

/// Pieces of streams, so that random bytes get further than the header.
fn markup() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "<message>",
        "</message>",
        "<presence/>",
        "<body xml:lang='en'>",
        "</body>",
        "<p:a xmlns:p='urn:p'>",
        "</p:a>",
        "text",
        "&amp;",
        "<![CDATA[x]]>",
        "<!--",
        " ",
        "\r\n",
        "</stream:stream>",
        "<r xmlns='urn:xmpp:sm:3'/>",
    ];
    let piece = prop_oneof![
        10 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn however_a_stream_is_cut_it_says_the_same(bytes in markup(), cut in 1_usize..40) {
        let source = [HEADER.as_bytes(), &bytes].concat();
        let limits = Limits { stanza_bytes_max: 400, ..Limits::default() };
        let whole = read_in_pieces(&mut StreamReader::new(limits), [source.as_slice()]);
        let pieces = read_in_pieces(&mut StreamReader::new(limits), source.chunks(cut));
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..256), limit in 0_usize..300) {
        let mut reader = StreamReader::new(Limits { stanza_bytes_max: limit, ..Limits::default() });
        let _ = read_in_pieces(&mut reader, [bytes.as_slice()]);
    }
}

#[test]
fn memory_given_back_between_stanzas_changes_nothing_of_what_is_read() {
    for header in
        [HEADER.to_owned(), HEADER.replace("stream:stream", "s:stream").replace("xmlns:stream", "xmlns:s")]
    {
        let mut reader = StreamReader::new(Limits::default());
        let stanza = "<message xmlns:p='urn:p' to='a@x.test'><p:a>x</p:a></message>";
        let mut read = |mut bytes: &[u8]| {
            reader.release();
            let event = reader.read(&mut bytes);
            reader.release();
            (event, bytes.len())
        };
        assert!(matches!(read(header.as_bytes()).0, Ok(Some(StreamEvent::Opened(_)))), "{header}");
        for _ in 0..3 {
            // In the middle of a stanza, everything is kept.
            assert_eq!(read(&stanza.as_bytes()[..20]).0, Ok(None));
            let Ok(Some(StreamEvent::Stanza(element))) = read(&stanza.as_bytes()[20..]).0 else {
                panic!("expected a stanza")
            };
            assert_eq!(
                element.child("a", "urn:p").map(|child| child.text().into_owned()),
                Some("x".to_owned())
            );
            assert_eq!(read(b" \n").0, Ok(None));
        }
        let end = if header.contains("<s:stream") { "</s:stream>" } else { "</stream:stream>" };
        assert_eq!(read(end.as_bytes()).0, Ok(Some(StreamEvent::Closed)));
    }
    let mut reader = StreamReader::new(Limits::default());
    assert!(matches!(reader.read(&mut HEADER.as_bytes()), Ok(Some(StreamEvent::Opened(_)))));
    reader.release();
    assert!(reader.read(&mut &b"</other:stream>"[..]).is_err());
}
