//! Documents with the facts and the structure of the standard's own examples (CAP 1.2 appendix A), in other words.

use cap::{Alert, Category, Certainty, MessageType, ResponseType, Severity, Status, Urgency};

const THUNDERSTORM: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>KSTO1055887203</identifier>
  <sender>KSTO@NWS.NOAA.GOV</sender>
  <sent>2003-06-17T14:57:00-07:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <category>Met</category>
    <event>SEVERE THUNDERSTORM</event>
    <responseType>Shelter</responseType>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <eventCode><valueName>SAME</valueName><value>SVR</value></eventCode>
    <expires>2003-06-17T16:00:00-07:00</expires>
    <senderName>Weather office, Sacramento</senderName>
    <headline>Thunderstorm with large hail</headline>
    <description>Radar shows a storm south-east of Markleeville &amp; moving east at 5 mph.
Hail and strong wind are likely.</description>
    <instruction>Go indoors until it has passed.</instruction>
    <contact>forecaster on duty</contact>
    <area>
      <areaDesc>Eastern Alpine County</areaDesc>
      <polygon>38.47,-120.14 38.34,-119.95 38.52,-119.74 38.62,-119.89 38.47,-120.14</polygon>
      <geocode><valueName>SAME</valueName><value>006109</value></geocode>
      <geocode><valueName>SAME</valueName><value>006009</value></geocode>
      <geocode><valueName>SAME</valueName><value>006003</value></geocode>
    </area>
  </info>
</alert>
"#;

const EARTHQUAKE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<c:alert xmlns:c="urn:oasis:names:tc:emergency:cap:1.2">
  <c:identifier>TRI13970876.2</c:identifier>
  <c:sender>trinet@caltech.edu</c:sender>
  <c:sent>2003-06-11T20:56:00-07:00</c:sent>
  <c:status>Actual</c:status>
  <c:msgType>Update</c:msgType>
  <c:scope>Public</c:scope>
  <c:references>trinet@caltech.edu,TRI13970876.1,2003-06-11T20:30:00-07:00</c:references>
  <c:info>
    <c:category>Geo</c:category>
    <c:event>Earthquake</c:event>
    <c:urgency>Past</c:urgency>
    <c:severity>Minor</c:severity>
    <c:certainty>Observed</c:certainty>
    <c:senderName>Seismic network of southern California</c:senderName>
    <c:headline>Magnitude 3.4 in Imperial County</c:headline>
    <c:description><![CDATA[A light earthquake near Brawley; <no> damage is known.]]></c:description>
    <c:web>http://www.trinet.org/scsn/scsn.html</c:web>
    <c:parameter><c:valueName>EventID</c:valueName><c:value>13970876</c:value></c:parameter>
    <c:parameter><c:valueName>Magnitude</c:valueName><c:value>3.4 Ml</c:value></c:parameter>
    <c:parameter><c:valueName>Depth</c:valueName><c:value>11.8 mi</c:value></c:parameter>
    <c:area>
      <c:areaDesc>1 mile from Brawley</c:areaDesc>
      <c:circle>32.9525,-115.5527 0</c:circle>
    </c:area>
  </c:info>
</c:alert>
"#;

const MISSING_CHILD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>KAR0-0306112239-SW</identifier>
  <sender>KARO@CLETS.DOJ.CA.GOV</sender>
  <sent>2003-06-11T22:39:00-07:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <source>SW</source>
  <scope>Public</scope>
  <info>
    <language>en-US</language>
    <category>Rescue</category>
    <event>Child Abduction</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <eventCode><valueName>SAME</valueName><value>CAE</value></eventCode>
    <senderName>State police, Los Angeles</senderName>
    <headline>Missing child in Los Angeles County</headline>
    <area><areaDesc>Los Angeles County</areaDesc></area>
  </info>
  <info>
    <language>es-US</language>
    <category>Rescue</category>
    <event>Abducción de menor</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Likely</certainty>
    <eventCode><valueName>SAME</valueName><value>CAE</value></eventCode>
    <senderName>Policía estatal, Los Ángeles</senderName>
    <headline>Menor desaparecida en el condado de Los Ángeles</headline>
    <area><areaDesc>Condado de Los Ángeles</areaDesc></area>
  </info>
</alert>
"#;

fn read(document: &str) -> Alert {
    Alert::read(document.as_bytes()).expect("a document of the standard is read")
}

#[test]
fn a_thunderstorm_is_read_with_its_times_codes_and_shape() {
    let alert = read(THUNDERSTORM);
    assert_eq!(alert.identifier, "KSTO1055887203");
    assert_eq!((alert.status, alert.message_type), (Status::Actual, MessageType::Alert));
    let [info] = alert.infos.as_slice() else { panic!("one text") };
    assert_eq!(info.categories, [Category::Met]);
    assert_eq!(info.response_types, [ResponseType::Shelter]);
    assert_eq!(
        (info.urgency, info.severity, info.certainty),
        (Urgency::Immediate, Severity::Severe, Certainty::Observed)
    );
    assert_eq!(info.expires.unwrap().timestamp(), "2003-06-17T23:00:00Z".parse().unwrap());
    assert!(info.description.as_deref().unwrap().contains("Markleeville & moving east at 5 mph.\nHail"));
    assert_eq!(info.areas[0].polygons[0].points.len(), 5);
    assert_eq!(info.areas[0].geocodes[2].value, "006003");
}

#[test]
fn an_earthquake_says_which_earlier_alert_it_replaces() {
    let alert = read(EARTHQUAKE);
    assert_eq!(alert.message_type, MessageType::Update);
    assert_eq!(alert.references[0].identifier, "TRI13970876.1");
    assert_eq!(alert.references[0].sent.to_string(), "2003-06-11T20:30:00-07:00");
    assert_eq!(alert.reference().to_string(), "trinet@caltech.edu,TRI13970876.2,2003-06-11T20:56:00-07:00");
    let info = &alert.infos[0];
    assert_eq!(info.description.as_deref(), Some("A light earthquake near Brawley; <no> damage is known."));
    assert_eq!(info.areas[0].circles[0].radius, 0.0);
    assert_eq!(info.parameters[1].value, "3.4 Ml");
}

#[test]
fn an_alert_in_two_languages_gives_each_reader_the_one_that_fits() {
    let alert = read(MISSING_CHILD);
    let event = |languages: &[&str]| alert.info_for(languages).unwrap().event.as_str();
    assert_eq!(event(&["es"]), "Abducción de menor");
    assert_eq!(event(&["ES-us", "en"]), "Abducción de menor");
    assert_eq!(event(&["de", "es-MX"]), "Abducción de menor");
    assert_eq!(event(&["de"]), "Child Abduction");
    assert_eq!(event(&[]), "Child Abduction");
}

#[test]
fn what_is_written_reads_back_as_the_same_alert() {
    for document in [THUNDERSTORM, EARTHQUAKE, MISSING_CHILD] {
        let alert = read(document);
        assert_eq!(read(&alert.write().unwrap()), alert);
    }
}

#[test]
fn a_document_that_has_no_whims_is_written_as_it_was_read() {
    let tidy = MISSING_CHILD
        .replace("<valueName>", "\n        <valueName>")
        .replace("</valueName><value>", "</valueName>\n        <value>")
        .replace("</value></eventCode>", "</value>\n      </eventCode>");
    let written = read(MISSING_CHILD).write().unwrap();
    let same = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().concat();
    assert_eq!(same(&written), same(&tidy));
}

#[test]
fn a_signature_at_the_end_is_skipped_and_anything_else_of_others_refused() {
    let signature = "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"a\"><SignedInfo>x\
                     <alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\" y=\"z\"/></SignedInfo></Signature>";
    let signed = THUNDERSTORM.replace("</alert>", &format!("{signature}</alert>"));
    assert_eq!(read(&signed), read(THUNDERSTORM));
    let inside = THUNDERSTORM.replace("<info>", &format!("{signature}<info>"));
    assert!(Alert::read(inside.as_bytes()).is_err());
}
