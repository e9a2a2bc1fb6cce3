use crate::{CONTROL_BYTES_MAX, FINAL, WebSocketError, opcode};

/// The bits of a first byte that extensions would use.
const RESERVED: u8 = 0x70;

/// The bit of a second byte that says that the payload is masked, as everything that a client sends is.
const MASKED: u8 = 0x80;

/// Reads what one client says. It holds what has come and is not complete, and nothing else: at most a message and what
/// was pushed last.
#[derive(Debug)]
pub struct Reader {
    bytes_max: usize,
    /// What has come; from `at` on it has not been looked at.
    buffer: Vec<u8>,
    at: usize,
    /// The pieces of a message whose end has not come.
    message: Option<Vec<u8>>,
    ended: bool,
}

/// One thing that a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A message.
    Text(String),
    /// A ping, which is to be answered with these bytes.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// It says no more; why, where it says so.
    Close(Option<u16>),
}

/// The beginning of a frame.
struct Head {
    is_final: bool,
    opcode: u8,
    /// Where the payload begins, and how many bytes it has.
    start: usize,
    length: usize,
    mask: [u8; 4],
}

impl Reader {
    /// A reader of messages of at most so many bytes.
    pub fn new(bytes_max: usize) -> Self {
        Self { bytes_max, buffer: Vec::new(), at: 0, message: None, ended: false }
    }

    /// More has come. What came before is to be read first, until [`read`](Self::read) has nothing more.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.ended {
            self.buffer.drain(..self.at);
            self.at = 0;
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next thing that was said; nothing where more has to come first. After an error, and after
    /// [`Received::Close`], nothing more is read.
    pub fn read(&mut self) -> Result<Option<Received>, WebSocketError> {
        while !self.ended {
            match self.frame() {
                Ok(Some(Some(received))) => return Ok(Some(received)),
                Ok(Some(None)) => {}
                Ok(None) => return Ok(None),
                Err(error) => {
                    self.end();
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// Gives back the memory that is not needed while nothing comes.
    pub fn release(&mut self) {
        if self.at == self.buffer.len() {
            (self.buffer, self.at) = (Vec::new(), 0);
        } else {
            self.buffer.drain(..self.at);
            self.at = 0;
            self.buffer.shrink_to_fit();
        }
    }

    fn end(&mut self) {
        self.ended = true;
        (self.buffer, self.at, self.message) = (Vec::new(), 0, None);
    }

    /// Reads one frame: what it completes, if it completes anything. None where its end has not come.
    fn frame(&mut self) -> Result<Option<Option<Received>>, WebSocketError> {
        let Some(head) = self.head()? else { return Ok(None) };
        let Some(payload) = self.buffer.get_mut(head.start..head.start + head.length) else {
            return Ok(None);
        };
        for (byte, mask) in payload.iter_mut().zip(head.mask.iter().cycle()) {
            *byte ^= mask;
        }
        let payload = payload.to_vec();
        self.at = head.start + head.length;
        Ok(Some(match head.opcode {
            opcode::PING => Some(Received::Ping(payload)),
            opcode::PONG => Some(Received::Pong),
            opcode::CLOSE => {
                let code = close_code(&payload)?;
                self.end();
                Some(Received::Close(code))
            }
            _ => self.piece(payload, head.is_final)?,
        }))
    }

    /// A piece of a message has come: the whole, where it was the last one.
    fn piece(&mut self, payload: Vec<u8>, is_final: bool) -> Result<Option<Received>, WebSocketError> {
        let whole = match self.message.take() {
            Some(mut begun) => {
                begun.extend_from_slice(&payload);
                begun
            }
            None => payload,
        };
        if !is_final {
            self.message = Some(whole);
            return Ok(None);
        }
        let text = String::from_utf8(whole).map_err(|_| WebSocketError::NotUtf8)?;
        Ok(Some(Received::Text(text)))
    }

    /// The beginning of the next frame, which is judged before its payload has come.
    fn head(&self) -> Result<Option<Head>, WebSocketError> {
        let wrong = |what| Err(WebSocketError::Protocol(what));
        let bytes = &self.buffer[self.at..];
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let (is_final, opcode) = (first & FINAL != 0, first & 0x0F);
        if first & RESERVED != 0 {
            return wrong("no extension was agreed on");
        }
        if second & MASKED == 0 {
            return wrong("a client masks its frames");
        }
        let short = usize::from(second & !MASKED);
        match opcode {
            opcode::TEXT if self.message.is_some() => return wrong("a message begins within another"),
            opcode::CONTINUATION if self.message.is_none() => return wrong("nothing is continued"),
            opcode::TEXT | opcode::CONTINUATION => {}
            opcode::BINARY => return Err(WebSocketError::NotText),
            opcode::CLOSE | opcode::PING | opcode::PONG => {
                if !is_final || short > CONTROL_BYTES_MAX {
                    return wrong("a control frame is whole and short");
                }
            }
            _ => return wrong("there is no such kind of frame"),
        }
        let (length, size) = match short {
            126 => match rest {
                [a, b, ..] => (u64::from(u16::from_be_bytes([*a, *b])), 2),
                _ => return Ok(None),
            },
            127 => match rest.first_chunk::<8>() {
                Some(bytes) => (u64::from_be_bytes(*bytes), 8),
                None => return Ok(None),
            },
            short => (short as u64, 0),
        };
        if size == 2 && length < 126 || size == 8 && length <= 0xFFFF {
            return wrong("a length is written in as few bytes as it fits in");
        }
        let begun = self.message.as_ref().map_or(0, Vec::len);
        let room = self.bytes_max.saturating_sub(begun);
        let too_large = WebSocketError::TooLarge { bytes_max: self.bytes_max };
        let length = usize::try_from(length).map_err(|_| too_large)?;
        let is_control = opcode & 0x8 != 0;
        if !is_control && length > room {
            return Err(too_large);
        }
        let Some(mask) = rest.get(size..).and_then(|rest| rest.first_chunk::<4>()) else { return Ok(None) };
        Ok(Some(Head { is_final, opcode, start: self.at + 2 + size + 4, length, mask: *mask }))
    }
}

/// Why a client ends (RFC 6455 §5.5.1, §7.4).
fn close_code(payload: &[u8]) -> Result<Option<u16>, WebSocketError> {
    let [first, second, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(None) } else { Err(WebSocketError::Protocol("half a code")) };
    };
    let code = u16::from_be_bytes([*first, *second]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(WebSocketError::Protocol("this code is not sent"));
    }
    std::str::from_utf8(reason).map_err(|_| WebSocketError::NotUtf8)?;
    Ok(Some(code))
}
