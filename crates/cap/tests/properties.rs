//! What holds of every alert and of any bytes.

use cap::{
    Alert, Area, Category, Certainty, Circle, Info, MessageType, NamedValue, Point, Polygon, Reference,
    Resource, ResponseType, Scope, Severity, Status, Time, Urgency,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

fn text() -> impl Strategy<Value = String> {
    "[ -~\\t\\n\\réñ日😀]{0,20}"
}

fn name() -> impl Strategy<Value = String> {
    "[!-%'-+\\--;=-~é]{1,12}"
}

fn time() -> impl Strategy<Value = Time> {
    (-62_000_000_000_i64..250_000_000_000, -840_i16..=840)
        .prop_filter_map("a year of four digits", |(second, offset)| {
            Time::new(jiff::Timestamp::from_second(second).ok()?, offset)
        })
}

fn point() -> impl Strategy<Value = Point> {
    (-90.0..=90.0_f64, -180.0..=180.0_f64).prop_map(|(latitude, longitude)| Point { latitude, longitude })
}

fn polygon() -> impl Strategy<Value = Polygon> {
    vec(point(), 3..6).prop_map(|mut points| {
        points.push(points[0]);
        Polygon { points }
    })
}

fn named_values() -> impl Strategy<Value = Vec<NamedValue>> {
    vec((text(), text()).prop_map(|(name, value)| NamedValue { name, value }), 0..3)
}

fn area() -> impl Strategy<Value = Area> {
    let circle = (point(), 0.0..10_000.0_f64).prop_map(|(middle, radius)| Circle { middle, radius });
    let heights = option::of((-1_000.0..60_000.0_f64, option::of(0.0..60_000.0_f64)));
    (text(), vec(polygon(), 0..3), vec(circle, 0..3), named_values(), heights).prop_map(
        |(description, polygons, circles, geocodes, heights)| Area {
            description,
            polygons,
            circles,
            geocodes,
            altitude: heights.map(|(altitude, _)| altitude),
            ceiling: heights.and_then(|(_, ceiling)| ceiling),
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    (
        text(),
        text(),
        option::of(any::<u64>()),
        option::of("[a-z/:.?&]{0,12}"),
        option::of(text()),
        option::of(text()),
    )
        .prop_map(|(description, media_type, size, uri, contents, digest)| Resource {
            description,
            media_type,
            size,
            uri,
            contents,
            digest,
        })
}

fn info() -> impl Strategy<Value = Info> {
    let codes = (
        vec(select(Category::ALL), 1..3),
        vec(select(ResponseType::ALL), 0..3),
        select(Urgency::ALL),
        select(Severity::ALL),
        select(Certainty::ALL),
    );
    let texts = vec(option::of(text()), 7);
    let times = (option::of(time()), option::of(time()), option::of(time()));
    let parts = (named_values(), named_values(), vec(resource(), 0..2), vec(area(), 0..2));
    (codes, text(), texts, times, parts, option::of(select(vec!["en", "es-US", "zh-Hant-TW"]))).prop_map(
        |(codes, event, texts, times, parts, language)| {
            let mut texts = texts.into_iter();
            let mut next = || texts.next().flatten();
            Info {
                language: language.map(str::to_owned),
                categories: codes.0,
                response_types: codes.1,
                audience: next(),
                event_codes: parts.0,
                effective: times.0,
                onset: times.1,
                expires: times.2,
                sender_name: next(),
                headline: next(),
                description: next(),
                instruction: next(),
                web: next().map(|text| text.replace(|c: char| c.is_whitespace(), "")),
                contact: next(),
                parameters: parts.1,
                resources: parts.2,
                areas: parts.3,
                ..Info::new(Category::Other, &event, codes.2, codes.3, codes.4)
            }
        },
    )
}

fn alert() -> impl Strategy<Value = Alert> {
    let reference = (name(), name(), time()).prop_map(|(sender, identifier, sent)| Reference {
        sender,
        identifier,
        sent,
    });
    let head = (name(), name(), time(), select(Status::ALL), select(MessageType::ALL), select(Scope::ALL));
    let words = || vec("[a-z][a-z \\n]{0,8}[a-z]", 1..3);
    (
        head,
        vec(option::of(text()), 2),
        text(),
        words(),
        words(),
        vec(text(), 0..3),
        vec(reference, 0..3),
        vec(info(), 0..3),
    )
        .prop_map(|(head, texts, restriction, addresses, incidents, codes, references, infos)| Alert {
            identifier: head.0,
            sender: head.1,
            sent: head.2,
            status: head.3,
            message_type: head.4,
            source: texts[0].clone(),
            scope: head.5,
            restriction: (head.5 == Scope::Restricted).then_some(restriction),
            addresses,
            codes,
            note: texts[1].clone(),
            references,
            incidents,
            infos,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_alert_reads_back_as_it_was_written(alert in alert()) {
        let written = alert.write().unwrap();
        prop_assert_eq!(Alert::read(written.as_bytes()), Ok(alert));
    }

    #[test]
    fn no_bytes_panic_and_what_is_read_can_be_written(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(alert) = Alert::read(&bytes) {
            prop_assert!(alert.write().is_ok());
        }
    }

    #[test]
    fn a_document_with_bytes_changed_is_refused_or_reads_back(alert in alert(), at in any::<usize>(), byte in any::<u8>()) {
        let mut bytes = alert.write().unwrap().into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(changed) = Alert::read(&bytes) {
            prop_assert_eq!(Alert::read(changed.write().unwrap().as_bytes()), Ok(changed));
        }
    }
}
