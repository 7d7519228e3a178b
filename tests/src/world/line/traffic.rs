//! What was said over a line, as HTTP messages: enough of HTTP to count bodies and to say a question again.

use std::ops::Sub;

/// What was said over one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// To the relay.
    pub up: Vec<u8>,
    /// From the relay.
    pub down: Vec<u8>,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// To the relay.
    pub question: Message,
    /// From the relay; none where it was cut.
    pub answer: Option<Message>,
}

/// What was asked and answered over a line. Take one from a later one to know what happened between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Whole questions.
    pub questions: usize,
    /// Bytes of the bodies to the relay.
    pub bodies_up: usize,
    /// Bytes of the bodies from the relay.
    pub bodies_down: usize,
    /// Bytes both ways, with HTTP's own.
    pub all: usize,
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            questions: self.questions - before.questions,
            bodies_up: self.bodies_up - before.bodies_up,
            bodies_down: self.bodies_down - before.bodies_down,
            all: self.all - before.all,
        }
    }
}

impl Cost {
    /// What an exchange adds.
    pub(super) fn and(self, exchange: &Exchange) -> Self {
        let (up, down) = (&exchange.question, exchange.answer.as_ref());
        let answered = down.map_or(0, |down| down.to_bytes().len());
        Self {
            questions: self.questions + 1,
            bodies_up: self.bodies_up + up.body.len(),
            bodies_down: self.bodies_down + down.map_or(0, |down| down.body.len()),
            all: self.all + up.to_bytes().len() + answered,
        }
    }
}

/// One HTTP message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The first line and the headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Every whole question with its answer.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut answers = Message::all(&self.down).into_iter();
        let questions = Message::all(&self.up).into_iter();
        let exchange = |question| Exchange {
            question,
            answer: answers.next(),
        };
        questions.map(exchange).collect()
    }

    /// What a live socket's client said, frame by frame, without the masks that every client's frame has.
    pub fn frames_up(&self) -> Vec<Vec<u8>> {
        let Some((opening, mut rest)) = Message::first(&self.up) else {
            return Vec::new();
        };
        let mut frames = Vec::new();
        if opening.head.starts_with("GET /v1/live ") {
            while let Some((frame, after)) = unmasked(rest) {
                frames.push(frame);
                rest = after;
            }
        }
        frames
    }
}

/// The payload of the first whole frame of a client (RFC 6455, section 5.2), and what comes after it.
fn unmasked(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match head[1] & 0x7f {
        126 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        127 => {
            let (length, rest) = rest.split_first_chunk()?;
            let length = u64::from_be_bytes(*length);
            (usize::try_from(length).ok()?, rest)
        }
        length => (usize::from(length), rest),
    };
    let (mask, rest) = rest.split_first_chunk::<4>()?;
    let (payload, after) = rest.split_at_checked(length)?;
    let unmask = |(byte, mask): (&u8, &u8)| byte ^ mask;
    let payload = payload.iter().zip(mask.iter().cycle()).map(unmask);
    Some((payload.collect(), after))
}

impl Message {
    /// The first whole message in some bytes, and what comes after it.
    pub fn first(bytes: &[u8]) -> Option<(Self, &[u8])> {
        const END: &[u8] = b"\r\n\r\n";
        let end = bytes.windows(END.len()).position(|window| window == END)?;
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().expect("a length"))
        });
        let (body, rest) = bytes[end + END.len()..].split_at_checked(length.unwrap_or(0))?;
        let message = Self {
            head,
            body: body.to_vec(),
        };
        Some((message, rest))
    }

    fn all(mut bytes: &[u8]) -> Vec<Self> {
        let mut messages = Vec::new();
        while let Some((message, rest)) = Self::first(bytes) {
            messages.push(message);
            bytes = rest;
        }
        messages
    }

    /// The message as it travels.
    pub fn to_bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), b"\r\n\r\n", &self.body].concat()
    }

    /// An answer's status.
    pub fn status(&self) -> u16 {
        let status = self.head.split(' ').nth(1);
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }
}
