use std::time::{Duration, Instant};

use crate::xmpp_house::House;

#[tokio::test]
async fn who_sends_too_fast_is_answered_more_slowly_and_loses_nothing() {
    let house = House::open_with(|settings| settings.stanzas_per_second_max = 50).await;
    let mut client = house.sign_in("anna", "desk").await;
    let began = Instant::now();
    // Five seconds' worth at once, and half a second's worth more.
    let pings: String = (0..275)
        .map(|number| format!("<iq type='get' id='ping-{number}'><ping xmlns='urn:xmpp:ping'/></iq>"))
        .collect();
    client.send(&pings).await;
    for number in 0..275 {
        let pong = client.until(&["/>"]).await;
        assert!(pong.contains(&format!("id='ping-{number}'")), "{pong}");
    }
    assert!(began.elapsed() >= Duration::from_millis(480), "{:?}", began.elapsed());
}
