//! kill -9 of a relay that works: what was acknowledged is there afterwards (threat L2).

use crate::{
    admin::binary,
    client::Client,
    person::{Pen, Person},
    world::{World, pushed},
};
use daymark_wire::{Record, VerifyingKey, problem::Code, record::Place, sync::PushOutcome};
use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

/// A relay in a process of its own.
pub(crate) struct Process {
    child: Child,
    log: Option<JoinHandle<String>>,
    address: SocketAddr,
    key: VerifyingKey,
}

impl Process {
    pub(crate) fn serve(data: &Path, log: &str) -> Self {
        Self::start(binary(), data, log)
    }

    /// No file may grow beyond so many KiB: a write beyond that fails, until [`Self::allow_any_size`].
    fn serve_within(data: &Path, kib: u32) -> Self {
        let mut command = Command::new("bash");
        let limited = format!("trap '' XFSZ; ulimit -S -f {kib}; exec \"$0\" \"$@\"");
        command.args(["-c", &limited]).arg(binary().get_program());
        Self::start(command, data, "info")
    }

    fn allow_any_size(&self) {
        let id = self.child.id().to_string();
        let done = Command::new("prlimit")
            .args(["--pid", &id, "--fsize=unlimited:"])
            .status();
        assert!(done.unwrap().success());
    }

    fn start(mut command: Command, data: &Path, log: &str) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--registration", "open"])
            .args(["--log", log, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        // Read all along, so that the relay never waits for it.
        let mut stderr = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let rest = line.trim().strip_prefix("listening on http://").unwrap();
        let (address, key) = rest.split_once(", key ").unwrap();
        let key: Vec<u8> = (0..32)
            .map(|n| u8::from_str_radix(&key[2 * n..2 * n + 2], 16).unwrap())
            .collect();
        Self {
            child,
            log: Some(log),
            address: address.parse().unwrap(),
            key: VerifyingKey::from_bytes(key.try_into().unwrap()).unwrap(),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks the relay to stop, waits, and gives all that it logged.
    pub(crate) fn stop_and_read_log(mut self) -> String {
        self.terminate();
        self.log.take().unwrap().join().unwrap()
    }

    fn terminate(&mut self) {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    /// Resident memory in KiB.
    pub(crate) fn memory(&self) -> usize {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn client<'a>(&self, person: &'a Person) -> Client<'a> {
        Client {
            address: self.address,
            relay: self.key,
            account: person.id(),
            device: person.device.id,
            key: &person.device.key,
            time: daymark_relay::Clock::system().now(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Pushes one record after another until the relay is killed; gives what was acknowledged.
async fn push_until_killed(
    mut relay: Process,
    person: &Person,
    first: u16,
    kill_after: usize,
) -> Vec<Record> {
    let mut pens = [
        Pen::new(&person.device, first),
        Pen::new(&person.device, first + 1),
    ];
    let mut acknowledged = Vec::new();
    while acknowledged.len() < kill_after {
        for pen in &mut pens {
            let records = pen.write_many(person, &person.device, 3);
            let reply = relay
                .client(person)
                .sync(&person.pushing(records.clone()))
                .await;
            assert_eq!(pushed(&reply.unwrap()), &PushOutcome::Accepted);
            acknowledged.extend(records);
        }
    }
    // One more is on its way when the relay dies; whether it was taken is open.
    let records = pens[0].write_many(person, &person.device, 3);
    let body = person.pushing(records).to_bytes();
    let client = relay.client(person);
    let header = client.sign("POST", "/v1/sync", &body).to_header();
    let mut stream = tokio::net::TcpStream::connect(relay.address).await.unwrap();
    let head = format!(
        "POST /v1/sync HTTP/1.1\r\nhost: relay\r\nauthorization: {header}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    tokio::io::AsyncWriteExt::write_all(&mut stream, &[head.as_bytes(), &body].concat())
        .await
        .unwrap();
    relay.child.kill().unwrap();
    relay.child.wait().unwrap();
    acknowledged
}

#[tokio::test]
async fn l2_what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let person = Person::new(1);
    let mut acknowledged: Vec<Record> = Vec::new();
    for round in 0..5_u16 {
        let relay = Process::serve(&data, "trace");
        let client = relay.client(&person);
        if round == 0 {
            client.sync(&person.registration(None)).await.unwrap();
        }
        assert_all_there(&client, &person, &acknowledged).await;
        let kill_after = 6 + 12 * usize::from(round);
        let taken = push_until_killed(relay, &person, 2 * round + 1, kill_after).await;
        acknowledged.extend(taken);
    }
    let relay = Process::serve(&data, "trace");
    assert_all_there(&relay.client(&person), &person, &acknowledged).await;
}

async fn assert_all_there(client: &Client<'_>, person: &Person, acknowledged: &[Record]) {
    let reply = client.sync(&person.request()).await.unwrap();
    let space = &reply.spaces[0];
    assert!(!space.more && space.want.is_empty());
    let there: std::collections::BTreeMap<Place, &Record> = space
        .records
        .iter()
        .map(|record| (record.place(), record))
        .collect();
    for record in acknowledged {
        assert_eq!(there.get(&record.place()), Some(&record));
    }
}

#[tokio::test]
async fn a_relay_that_is_asked_to_stop_leaves_one_file_and_goes() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut relay = Process::serve(&data, "trace");
    let person = Person::new(1);
    let client = relay.client(&person);
    client.sync(&person.registration(None)).await.unwrap();
    relay.terminate();
    let mut rest = String::new();
    relay
        .child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    assert_eq!(rest, "", "one line on stdout and no more");
    assert!(!data.join("relay.sqlite-wal").exists());
}

/// Dropped, as by a program that embeds a relay and does not wait for its end: the folder is free when the
/// last commit is over.
#[tokio::test]
async fn l2_a_relay_that_was_dropped_leaves_its_folder_to_the_next() {
    let mut world = World::open().await;
    let person = world.person(1).await;
    let mut pen = Pen::new(&person.device, 1);
    for round in 1..=3 {
        let records = pen.write_many(&person, &person.device, 2);
        let reply = world.client(&person).sync(&person.pushing(records)).await;
        assert_eq!(pushed(&reply.unwrap()), &PushOutcome::Accepted);
        world = world.drop_and_start().await;
        let reply = world.client(&person).sync(&person.request()).await;
        assert_eq!(reply.unwrap().spaces[0].records.len(), 2 * round);
    }
}

/// Whatever the disk does not take is refused whole, nothing of it stays, and the same relay goes on when
/// there is room again.
#[tokio::test]
async fn l2_a_disk_that_takes_no_more_costs_nothing_that_was_acknowledged() {
    let person = Person::new(1);
    // It ends between small commits, in a middling one, and in one that is written before its end.
    for (kib, count) in [(760, 1), (1060, 40), (5160, 900)] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let relay = Process::serve_within(&data, kib);
        let client = relay.client(&person);
        client.sync(&person.registration(None)).await.unwrap();
        let mut pen = Pen::new(&person.device, 1);
        let mut acknowledged = Vec::new();
        let refused = loop {
            let records: Vec<_> = (0..count)
                .map(|_| pen.write(&person, &person.device, &[7; 4000]))
                .collect();
            match client.sync(&person.pushing(records.clone())).await {
                Ok(reply) => {
                    assert_eq!(pushed(&reply), &PushOutcome::Accepted);
                    acknowledged.extend(records);
                }
                Err(code) => {
                    assert_eq!(code, Code::Unavailable, "{kib}");
                    break records;
                }
            }
        };
        for _ in 0..2 {
            let again = client.sync(&person.pushing(refused.clone())).await;
            assert_eq!(again.unwrap_err(), Code::Unavailable, "{kib}");
            assert_whole(&client, &person, &acknowledged).await;
        }
        relay.allow_any_size();
        let again = client.sync(&person.pushing(refused.clone())).await;
        assert_eq!(pushed(&again.unwrap()), &PushOutcome::Accepted, "{kib}");
        acknowledged.extend(refused);
        assert_whole(&client, &person, &acknowledged).await;
        drop(relay);
        let relay = Process::serve(&data, "info");
        assert_whole(&relay.client(&person), &person, &acknowledged).await;
    }
}

/// The relay has these records and no others.
async fn assert_whole(client: &Client<'_>, person: &Person, acknowledged: &[Record]) {
    let mut request = person.request();
    let mut there = Vec::new();
    loop {
        let mut reply = client.sync(&request).await.unwrap();
        let space = reply.spaces.remove(0);
        assert!(space.want.is_empty());
        there.extend(space.records);
        if !space.more {
            break;
        }
        let places = there.iter().map(Record::place);
        request.spaces[0].have = places.map(|place| (place.chain, place.seq)).collect();
    }
    assert!(
        there == acknowledged,
        "{} of {}",
        there.len(),
        acknowledged.len()
    );
}
