//! The line between devices and a relay: bytes pass, until a fault is put on it.

mod traffic;

pub use traffic::{Connection, Cost, Exchange, Message};

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// What happens to connections from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: bytes pass.
    None,
    /// Nobody gets through.
    Down,
    /// The relay's answers are cut after this many bytes, once; then bytes pass again.
    CutAnswer(usize),
    /// The questions to the relay are cut after this many bytes, once; then bytes pass again.
    CutQuestion(usize),
    /// Of the questions from now on this one is lost, the first being 1, and the connection with it.
    LoseQuestion(u32),
    /// Of the answers from now on this one is lost, the first being 1, and the connection with it.
    LoseAnswer(u32),
    /// The next question is kept back, and who asked is hung up on; then bytes pass again.
    /// [`Line::deliver`] hands it over.
    Hold,
}

/// A line with a listener of its own.
pub struct Line {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    relay: SocketAddr,
    fault: Mutex<Fault>,
    /// Changes whenever connections are to be dropped.
    hang_up: watch::Sender<u64>,
    connections: Mutex<Vec<Connection>>,
    held: Mutex<Vec<Vec<u8>>>,
    passed: watch::Sender<Passed>,
}

/// How many bytes passed, with HTTP's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Passed {
    up: u64,
    down: u64,
}

impl Line {
    /// A line to a relay.
    pub async fn to(relay: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            relay,
            fault: Mutex::new(Fault::None),
            hang_up: watch::Sender::new(0),
            connections: Mutex::default(),
            held: Mutex::default(),
            passed: watch::Sender::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self {
            address,
            state,
            accepting,
        }
    }

    /// Where devices connect.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Puts a fault on the line. [`Fault::Down`] also hangs up connections that are open.
    pub fn set(&self, fault: Fault) {
        *self.state.fault.lock().expect("no panic") = fault;
        if fault == Fault::Down {
            self.hang_up();
        }
    }

    /// Drops every open connection; new ones pass.
    pub fn hang_up(&self) {
        self.state.hang_up.send_modify(|count| *count += 1);
    }

    /// The fault that is on the line. One that happens once is gone when it has happened.
    pub fn fault(&self) -> Fault {
        *self.state.fault.lock().expect("no panic")
    }

    /// Every connection so far, with what was said over it, also what a fault kept from arriving.
    pub fn connections(&self) -> Vec<Connection> {
        self.state.connections.lock().expect("no panic").clone()
    }

    /// Every byte that was said, both ways.
    pub fn traffic(&self) -> Vec<u8> {
        let connections = self.connections();
        let bytes = connections
            .into_iter()
            .map(|connection| [connection.up, connection.down].concat());
        bytes.flatten().collect()
    }

    /// Every whole question with its answer, in the order in which their connections began.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let connections = self.connections();
        connections.iter().flat_map(Connection::exchanges).collect()
    }

    /// What all exchanges so far cost.
    pub fn cost(&self) -> Cost {
        let exchanges = self.exchanges();
        exchanges.iter().fold(Cost::default(), Cost::and)
    }

    /// Bytes to the relay and from it, with HTTP's own.
    pub fn bytes(&self) -> (u64, u64) {
        let passed = *self.state.passed.borrow();
        (passed.up, passed.down)
    }

    /// Waits until so many bytes have passed to the relay since the line was laid.
    pub async fn until_up(&self, bytes: u64) {
        let mut passed = self.state.passed.subscribe();
        let done = passed.wait_for(|passed| passed.up >= bytes).await;
        done.expect("the line is there");
    }

    /// Hands over the oldest question that was held, or another one again; gives the relay's answer.
    /// Whoever asked it at first hears nothing of it.
    pub async fn deliver(&self, question: Option<Vec<u8>>) -> Message {
        let question = question.unwrap_or_else(|| {
            let mut held = self.state.held.lock().expect("no panic");
            assert!(!held.is_empty(), "no question was held");
            held.remove(0)
        });
        let mut relay = TcpStream::connect(self.state.relay)
            .await
            .expect("the relay is there");
        relay.write_all(&question).await.expect("the relay listens");
        let mut answer = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = relay.read(&mut buffer).await.expect("the relay answers");
            assert!(read > 0, "the relay hung up");
            answer.extend_from_slice(&buffer[..read]);
            if let Some((message, _)) = Message::first(&answer) {
                return message;
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
        self.hang_up();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, Arc::clone(&state)));
    }
}

async fn carry(client: TcpStream, state: Arc<State>) {
    let mut hang_up = state.hang_up.subscribe();
    if *state.fault.lock().expect("no panic") == Fault::Down {
        return;
    }
    let Ok(relay) = TcpStream::connect(state.relay).await else {
        return;
    };
    let _ = (client.set_nodelay(true), relay.set_nodelay(true));
    let number = {
        let mut connections = state.connections.lock().expect("no panic");
        connections.push(Connection::default());
        connections.len() - 1
    };
    let (from_client, to_client) = client.into_split();
    let (from_relay, to_relay) = relay.into_split();
    tokio::select! {
        () = copy(from_client, to_relay, &state, Way::Up, number) => {}
        () = copy(from_relay, to_client, &state, Way::Down, number) => {}
        _ = hang_up.changed() => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &State,
    way: Way,
    number: usize,
) {
    let mut buffer = vec![0; 64 * 1024];
    let mut holding = Vec::new();
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if way == Way::Up && state.holds(&mut holding, &buffer[..read]) {
            state.note(number, way, &buffer[..read], 0);
            if holding.is_empty() {
                return;
            }
            continue;
        }
        let begins = matches!(&buffer[..4], b"POST" | b"GET " | b"HTTP");
        let (passes, cut) = state.pass(way, read, begins);
        state.note(number, way, &buffer[..read], passes);
        if to.write_all(&buffer[..passes]).await.is_err() || cut {
            return;
        }
    }
}

impl State {
    /// How many of `read` bytes pass, and whether the connection ends with them. `begins`: whether they begin
    /// a message.
    fn pass(&self, way: Way, read: usize, begins: bool) -> (usize, bool) {
        let mut fault = self.fault.lock().expect("no panic");
        let lost = match (&mut *fault, way) {
            (Fault::LoseQuestion(left), Way::Up) | (Fault::LoseAnswer(left), Way::Down)
                if begins =>
            {
                *left -= 1;
                *left == 0
            }
            _ => false,
        };
        if lost {
            *fault = Fault::None;
            return (0, true);
        }
        let left = match (*fault, way) {
            (Fault::CutAnswer(left), Way::Down) | (Fault::CutQuestion(left), Way::Up) => left,
            (Fault::Down, _) => return (0, true),
            _ => return (read, false),
        };
        if read >= left {
            *fault = Fault::None;
            return (left, true);
        }
        *fault = match way {
            Way::Down => Fault::CutAnswer(left - read),
            Way::Up => Fault::CutQuestion(left - read),
        };
        (read, false)
    }

    /// Whether these bytes are kept back. `holding` is empty again when the question is whole.
    fn holds(&self, holding: &mut Vec<u8>, bytes: &[u8]) -> bool {
        let mut fault = self.fault.lock().expect("no panic");
        if *fault != Fault::Hold {
            return false;
        }
        holding.extend_from_slice(bytes);
        if Message::first(holding).is_some() {
            *fault = Fault::None;
            let question = std::mem::take(holding);
            self.held.lock().expect("no panic").push(question);
        }
        true
    }

    fn note(&self, number: usize, way: Way, bytes: &[u8], passes: usize) {
        let mut connections = self.connections.lock().expect("no panic");
        let connection = &mut connections[number];
        let count = passes as u64;
        match way {
            Way::Up => connection.up.extend_from_slice(bytes),
            Way::Down => connection.down.extend_from_slice(bytes),
        }
        drop(connections);
        self.passed.send_modify(|passed| match way {
            Way::Up => passed.up += count,
            Way::Down => passed.down += count,
        });
    }
}
