//! The rules of the schema and of the text of the standard, one by one: each document differs from a good one by
//! breaking one of them.

use cap::{Alert, CapError};

/// With everything that an alert can have, once.
const WHOLE: &str = r#"<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>a.1</identifier>
<sender>gate@plant.example</sender>
<sent>2026-11-30T08:00:00-00:00</sent>
<status>Actual</status>
<msgType>Update</msgType>
<source>siren</source>
<scope>Private</scope>
<addresses>gate "control room"</addresses>
<code>x</code>
<note>n</note>
<references>gate@plant.example,a.0,2026-11-30T07:00:00-00:00</references>
<incidents>one</incidents>
<info>
<language>en-GB</language>
<category>Fire</category>
<event>Fire</event>
<responseType>Evacuate</responseType>
<urgency>Immediate</urgency>
<severity>Extreme</severity>
<certainty>Observed</certainty>
<audience>visitors</audience>
<eventCode><valueName>k</valueName><value>v</value></eventCode>
<effective>2026-11-30T08:00:00+01:00</effective>
<onset>2026-11-30T08:00:00+01:00</onset>
<expires>2026-11-30T09:00:00+01:00</expires>
<senderName>Gate</senderName>
<headline>Leave</headline>
<description>Fire in hall 2</description>
<instruction>Leave</instruction>
<web>https://plant.example/fire</web>
<contact>112</contact>
<parameter><valueName>k</valueName><value>v</value></parameter>
<resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>17</size><uri>map.png</uri><derefUri>AAAA</derefUri><digest>d</digest></resource>
<area><areaDesc>Hall 2</areaDesc><polygon>1,1 1,2 2,2 1,1</polygon><circle>1,1 0.5</circle><geocode><valueName>k</valueName><value>v</value></geocode><altitude>10</altitude><ceiling>20.5</ceiling></area>
</info>
</alert>"#;

fn read(document: &str) -> Result<Alert, CapError> {
    Alert::read(document.as_bytes())
}

/// The good document with one text replaced by another, which has to be in it exactly once.
fn with(old: &str, new: &str) -> String {
    assert_eq!(WHOLE.matches(old).count(), 1, "{old}");
    WHOLE.replace(old, new)
}

#[test]
fn everything_that_an_alert_can_have_is_read_and_written() {
    let alert = read(WHOLE).unwrap();
    assert_eq!(alert.addresses, ["gate", "control room"]);
    assert_eq!(alert.infos[0].areas[0].ceiling, Some(20.5));
    assert_eq!(alert.infos[0].resources[0].size, Some(17));
    assert_eq!(read(&alert.write().unwrap()).unwrap(), alert);
    let same = |text: &str| text.split_inclusive('\n').map(str::trim).collect::<String>();
    let written = alert.write().unwrap();
    assert_eq!(
        same(written.split_once('\n').unwrap().1),
        same(WHOLE),
        "the order of the schema, and nothing else"
    );
}

#[test]
fn what_may_be_left_out_may_be_left_out() {
    for left_out in [
        "<source>siren</source>",
        "<code>x</code>",
        "<note>n</note>",
        "<references>gate@plant.example,a.0,2026-11-30T07:00:00-00:00</references>",
        "<incidents>one</incidents>",
        "<language>en-GB</language>",
        "<responseType>Evacuate</responseType>",
        "<audience>visitors</audience>",
        "<eventCode><valueName>k</valueName><value>v</value></eventCode>",
        "<effective>2026-11-30T08:00:00+01:00</effective>",
        "<onset>2026-11-30T08:00:00+01:00</onset>",
        "<expires>2026-11-30T09:00:00+01:00</expires>",
        "<senderName>Gate</senderName>",
        "<headline>Leave</headline>",
        "<description>Fire in hall 2</description>",
        "<instruction>Leave</instruction>",
        "<web>https://plant.example/fire</web>",
        "<contact>112</contact>",
        "<parameter><valueName>k</valueName><value>v</value></parameter>",
        "<size>17</size>",
        "<uri>map.png</uri>",
        "<derefUri>AAAA</derefUri>",
        "<digest>d</digest>",
        "<polygon>1,1 1,2 2,2 1,1</polygon>",
        "<circle>1,1 0.5</circle>",
        "<geocode><valueName>k</valueName><value>v</value></geocode>",
        "<ceiling>20.5</ceiling>",
        "<altitude>10</altitude><ceiling>20.5</ceiling>",
    ] {
        assert!(read(&with(left_out, "")).is_ok(), "without {left_out}");
    }
}

#[test]
fn what_has_to_be_there_has_to_be_there() {
    for needed in [
        "<identifier>a.1</identifier>",
        "<sender>gate@plant.example</sender>",
        "<sent>2026-11-30T08:00:00-00:00</sent>",
        "<status>Actual</status>",
        "<msgType>Update</msgType>",
        "<scope>Private</scope>",
        "<category>Fire</category>",
        "<event>Fire</event>",
        "<urgency>Immediate</urgency>",
        "<severity>Extreme</severity>",
        "<certainty>Observed</certainty>",
        "<resourceDesc>map</resourceDesc>",
        "<mimeType>image/png</mimeType>",
        "<areaDesc>Hall 2</areaDesc>",
        "<addresses>gate \"control room\"</addresses>",
        "<altitude>10</altitude>",
    ] {
        assert!(read(&with(needed, "")).is_err(), "without {needed}");
    }
}

#[test]
fn what_comes_once_comes_once() {
    for once in
        ["<note>n</note>", "<status>Actual</status>", "<event>Fire</event>", "<altitude>10</altitude>"]
    {
        assert!(read(&with(once, &once.repeat(2))).is_err(), "{once}");
    }
    for often in ["<code>x</code>", "<category>Fire</category>", "<circle>1,1 0.5</circle>"] {
        assert!(read(&with(often, &often.repeat(3))).is_ok(), "{often}");
    }
}

#[test]
fn each_value_is_one_of_its_elements() {
    for (old, new) in [
        ("a.1<", "a 1<"),
        ("a.1<", "a,1<"),
        ("a.1<", "a&lt;1<"),
        ("a.1<", "a&amp;1<"),
        ("<identifier>a.1<", "<identifier><"),
        ("<sender>gate@plant.example<", "<sender>gate plant<"),
        ("08:00:00-00:00", "08:00:00Z"),
        ("08:00:00-00:00", "08:00:00"),
        ("08:00:00-00:00", "08:00:00.25-00:00"),
        ("<status>Actual<", "<status>actual<"),
        ("<status>Actual<", "<status> Actual <"),
        ("<msgType>Update<", "<msgType>Change<"),
        ("<scope>Private<", "<scope>Secret<"),
        ("<addresses>gate \"control room\"<", "<addresses>gate \"control room<"),
        ("gate@plant.example,a.0,2026-11-30T07:00:00-00:00", "gate@plant.example,a.0"),
        ("gate@plant.example,a.0,2026-11-30T07:00:00-00:00", "gate@plant.example,,2026-11-30T07:00:00-00:00"),
        ("en-GB", "english language"),
        ("en-GB", ""),
        ("<category>Fire<", "<category>Flames<"),
        ("<responseType>Evacuate<", "<responseType>Run<"),
        ("<urgency>Immediate<", "<urgency>Now<"),
        ("<severity>Extreme<", "<severity>Critical<"),
        ("<certainty>Observed<", "<certainty>Very Likely<"),
        ("09:00:00+01:00", "25:00:00+01:00"),
        ("https://plant.example/fire", "https://plant.example/the fire"),
        ("<size>17<", "<size>-1<"),
        ("<size>17<", "<size>much<"),
        ("<polygon>1,1 1,2 2,2 1,1<", "<polygon>1,1 1,2 2,2 1,1.5<"),
        ("<circle>1,1 0.5<", "<circle>1,1<"),
        ("<altitude>10<", "<altitude>1e1<"),
        ("<ceiling>20.5<", "<ceiling>INF<"),
    ] {
        assert!(read(&with(old, new)).is_err(), "{old} → {new}");
    }
}

#[test]
fn white_space_around_times_numbers_and_uris_says_nothing() {
    for (old, new) in [
        ("<sent>2026-11-30T08:00:00-00:00<", "<sent>\n 2026-11-30T08:00:00-00:00 <"),
        ("<size>17<", "<size> 17\n<"),
        ("https://plant.example/fire", " https://plant.example/fire "),
        ("<altitude>10<", "<altitude> 10 <"),
    ] {
        assert_eq!(read(&with(old, new)), read(WHOLE), "{new}");
    }
}

#[test]
fn order_strangers_and_stray_text_are_refused_with_their_place() {
    let swapped = with("<event>Fire</event>", "").replace("<contact>", "<event>Fire</event><contact>");
    assert_eq!(read(&swapped).unwrap_err().to_string(), "<info> needs <event> where it is not");
    let stranger = with("<note>n</note>", "<note>n</note><colour>red</colour>");
    assert_eq!(read(&stranger).unwrap_err().to_string(), "<alert> cannot have <colour> there");
    let nested = with("<note>n</note>", "<note>n<b>o</b></note>");
    assert_eq!(read(&nested).unwrap_err().to_string(), "<note> cannot have <b> there");
    let stray = with("<note>n</note>", "<note>n</note>oops");
    assert_eq!(read(&stray).unwrap_err().to_string(), "<alert> cannot have text of its own there");
    let attribute = with("<note>", "<note lang=\"en\">");
    assert_eq!(read(&attribute).unwrap_err().to_string(), "<note> cannot have the attribute lang there");
    let location = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:schemaLocation=\"a b\"";
    assert!(read(&with("<alert ", &format!("<alert {location} "))).is_ok());
}

#[test]
fn who_is_meant_fits_the_scope() {
    let restricted = with("<scope>Private</scope>", "<scope>Restricted</scope>");
    assert!(read(&restricted).is_err());
    let described = restricted.replace("<addresses>", "<restriction>staff</restriction><addresses>");
    assert!(read(&described).is_ok());
    assert!(read(&described.replace("Restricted", "Public")).is_err());
}

#[test]
fn only_documents_of_this_version_are_read() {
    for other in ["urn:oasis:names:tc:emergency:cap:1.1", "http://www.incident.com/cap/1.0", ""] {
        assert!(read(&with("urn:oasis:names:tc:emergency:cap:1.2", other)).is_err(), "{other}");
    }
    assert!(read(&WHOLE.replace("alert", "alarm")).is_err());
}

#[test]
fn what_breaks_a_rule_is_not_written() {
    let good = read(WHOLE).unwrap();
    let mut alert = good.clone();
    alert.identifier = "two words".to_owned();
    assert!(alert.write().is_err());
    let mut alert = good.clone();
    alert.addresses.clear();
    assert_eq!(alert.write(), Err(CapError::Rule("<addresses> has to be there where <scope> is Private")));
    let mut alert = good.clone();
    alert.addresses.push("a\"b".to_owned());
    assert!(alert.write().is_err());
    let mut alert = good.clone();
    alert.infos[0].areas[0].polygons[0].points.pop();
    assert!(alert.write().is_err());
    let mut alert = good.clone();
    alert.infos[0].areas[0].altitude = Some(f64::NAN);
    assert!(alert.write().is_err());
    let mut alert = good;
    alert.infos[0].categories.clear();
    assert!(alert.write().is_err());
}
