use crate::{CONTROL_BYTES_MAX, FINAL, opcode};

/// Appends a text message, in one frame.
pub fn write_text(text: &[u8], out: &mut Vec<u8>) {
    frame(opcode::TEXT, text, out);
}

/// Appends a question for a sign of life.
pub fn write_ping(out: &mut Vec<u8>) {
    frame(opcode::PING, &[], out);
}

/// Appends the answer to a ping, with what it said.
pub fn write_pong(said: &[u8], out: &mut Vec<u8>) {
    frame(opcode::PONG, &said[..said.len().min(CONTROL_BYTES_MAX)], out);
}

/// Appends the end: a code (RFC 6455 §7.4) and a reason in words, which is cut where it is too long for a frame.
pub fn write_close(code: u16, reason: &str, out: &mut Vec<u8>) {
    let fits = |end: &usize| *end <= CONTROL_BYTES_MAX - 2;
    let ends = reason.char_indices().map(|(at, letter)| at + letter.len_utf8());
    let reason = &reason[..ends.take_while(fits).last().unwrap_or(0)];
    let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
    frame(opcode::CLOSE, &payload, out);
}

fn frame(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.push(FINAL | opcode);
    match payload.len() {
        length @ 0..=125 => out.push(length as u8),
        length @ 126..=0xFFFF => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_frame_is_said_in_as_few_bytes_as_it_fits_in() {
        let head = |length| {
            let mut out = Vec::new();
            write_text(&vec![b'x'; length], &mut out);
            assert_eq!(&out[out.len() - length..], vec![b'x'; length]);
            out.truncate(out.len() - length);
            out
        };
        assert_eq!(head(5), [0x81, 5]);
        assert_eq!(head(125), [0x81, 125]);
        assert_eq!(head(126), [0x81, 126, 0, 126]);
        assert_eq!(head(0x1_0000), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn the_reason_for_an_end_is_cut_between_letters() {
        let mut out = Vec::new();
        write_close(4003, &"ü".repeat(100), &mut out);
        assert_eq!(out[..4], [0x88, 124, 0x0F, 0xA3]);
        assert!(std::str::from_utf8(&out[4..]).is_ok());
    }
}
