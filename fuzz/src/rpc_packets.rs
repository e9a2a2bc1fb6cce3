//! One packet of a call, and its body as the arguments and results of everything that calls carry.

use netbios::rpc::Uuid;
use netbios::rpc::conversation::{Answer, Question};
use netbios::rpc::endpoint::{MapRequest, MapResponse};
use netbios::rpc::ndr::{ByteOrder, Reader, Writer};
use netbios::rpc::pdu::Header;
use netbios::rpc::send_message::Request;

const UNITS_MAX: usize = 100;

pub(crate) fn run(data: &[u8]) {
    let (stub, order) = match Header::decode(data) {
        Ok((header, body)) => {
            let packet = header.encode(body);
            assert_eq!(Header::decode(&packet), Ok((header, body)), "a packet does not survive");
            (body, header.order)
        }
        Err(_) => (data, ByteOrder::Little),
    };
    if let Ok(request) = Request::decode(stub, order, UNITS_MAX) {
        let again = request.encode(order);
        let cut = |text: &[u8]| text.split(|byte| *byte == 0).next().map(<[u8]>::to_vec);
        let again = Request::decode(&again, order, UNITS_MAX).expect("what was written is read");
        assert_eq!(Some(again.text.to_vec()), cut(request.text), "a message does not survive");
    }
    if let Ok(question) = Question::decode(stub, order) {
        assert_eq!(
            Question::decode(&question.encode(order), order),
            Ok(question),
            "a question does not survive"
        );
    }
    if let Ok(answer) = Answer::decode(stub, order) {
        let again = Answer::decode(&answer.encode(Some(Uuid::NIL), order), order);
        assert_eq!(again, Ok(answer), "an answer does not survive");
    }
    if let Ok(request) = MapRequest::decode(stub, order)
        && let Ok(tower) = request.tower
    {
        let again = MapRequest::encode(tower.interface, tower.interface_version, order);
        let again = MapRequest::decode(&again, order).expect("what was written is read");
        let again = again.tower.expect("a tower");
        let kept = (again.interface, again.interface_version);
        assert_eq!(kept, (tower.interface, tower.interface_version), "a tower does not survive");
    }
    if let Ok(response) = MapResponse::decode(stub, order) {
        let again = MapResponse::decode(&response.encode(u32::MAX, [1, 2], order), order);
        assert_eq!(again, Ok(response), "towers do not survive");
    }
    if let Ok(text) = Reader::new(stub, order).wide_string(UNITS_MAX) {
        let mut writer = Writer::new(order);
        writer.wide_string(&text);
        let again = writer.finish();
        assert_eq!(Reader::new(&again, order).wide_string(UNITS_MAX), Ok(text), "a text does not survive");
    }
}
