//! The benchmark's job on rdkafka, as fast as a small program makes it: consume, judge, produce, commit what is
//! delivered. A slice is a run of messages; each of its outputs holds the slice's token, and when librdkafka has
//! given back all of them the slice is delivered and its offsets may be committed.

mod job;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig, ClientContext, Offset, TopicPartitionList};

const SLICE: usize = 1_000;
const IN_FLIGHT: usize = 8;
const COMMIT: Duration = Duration::from_millis(500);

struct Reports;

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = Arc<()>;

    fn delivery(&self, result: &DeliveryResult, _token: Arc<()>) {
        if let Err((error, _)) = result {
            eprintln!("not delivered: {error}");
            std::process::exit(3);
        }
    }
}

struct Slice {
    token: Arc<()>,
    offsets: HashMap<i32, i64>,
    size: usize,
}

impl Slice {
    fn new() -> Self {
        Slice { token: Arc::new(()), offsets: HashMap::new(), size: 0 }
    }

    fn delivered(&self) -> bool {
        Arc::strong_count(&self.token) == 1
    }
}

fn main() {
    let args = arguments();
    let ended = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, ended.clone()).expect("a signal handler");
    let consumer = consumer(&args);
    let producer = producer(&args);
    let names: HashMap<&str, String> =
        [job::PORTAL, job::NEWMEDIA, job::REJECTIONS].map(|name| (name, format!("{}{name}", args["output"]))).into();
    let rows = job::rows();
    let (mut open, mut under_way) = (Slice::new(), VecDeque::new());
    let mut committed = Instant::now();
    while !ended.load(Ordering::Relaxed) {
        match consumer.poll(Duration::from_millis(20)) {
            Some(Ok(message)) => {
                for topic in job::topics_of(&rows, message.payload().unwrap_or_default()) {
                    send(&producer, topic, &names[topic], &message, &open.token);
                }
                open.offsets.insert(message.partition(), message.offset() + 1);
                open.size += 1;
            }
            Some(Err(error)) => fail(&error),
            None => under_way.push_back(std::mem::replace(&mut open, Slice::new())),
        }
        if open.size == SLICE {
            under_way.push_back(std::mem::replace(&mut open, Slice::new()));
        }
        while under_way.len() > IN_FLIGHT && !under_way[0].delivered() {
            std::thread::sleep(Duration::from_micros(200));
        }
        if committed.elapsed() > COMMIT {
            commit(&consumer, &args["input"], &mut under_way, CommitMode::Async);
            committed = Instant::now();
        }
    }
    under_way.push_back(open);
    producer.flush(Duration::from_secs(15)).expect("outputs delivered");
    commit(&consumer, &args["input"], &mut under_way, CommitMode::Sync);
}

fn send(producer: &ThreadedProducer<Reports>, name: &str, topic: &str, message: &impl Message, token: &Arc<()>) {
    let id = format!("{}/{}/{name}", message.partition(), message.offset());
    let mut record = BaseRecord::with_opaque_to(topic, token.clone())
        .key(message.key().unwrap_or_default())
        .payload(message.payload().unwrap_or_default())
        .headers(OwnedHeaders::new_with_capacity(1).insert(Header { key: "gk-id", value: Some(&id) }))
        .partition(message.partition());
    while let Err((error, back)) = producer.send(record) {
        if !matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)) {
            fail(&error);
        }
        std::thread::sleep(Duration::from_millis(1));
        record = back;
    }
}

fn commit(consumer: &BaseConsumer, input: &str, under_way: &mut VecDeque<Slice>, mode: CommitMode) {
    let mut offsets: HashMap<i32, i64> = HashMap::new();
    while under_way.front().is_some_and(Slice::delivered) {
        offsets.extend(under_way.pop_front().expect("a slice").offsets);
    }
    if offsets.is_empty() {
        return;
    }
    let mut places = TopicPartitionList::new();
    for (partition, next) in offsets {
        places.add_partition_offset(input, partition, Offset::Offset(next)).expect("an offset");
    }
    if let Err(error) = consumer.commit(&places, mode) {
        fail(&error);
    }
}

fn consumer(args: &HashMap<String, String>) -> BaseConsumer {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &args["bootstrap"])
        .set("group.id", &args["group"])
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("queued.max.messages.kbytes", "32768")
        .set("fetch.queue.backoff.ms", "5")
        .create()
        .expect("a consumer");
    consumer.subscribe(&[&args["input"]]).expect("a subscription");
    consumer
}

fn producer(args: &HashMap<String, String>) -> ThreadedProducer<Reports> {
    ClientConfig::new()
        .set("bootstrap.servers", &args["bootstrap"])
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("linger.ms", "5")
        .set("batch.size", "1000000")
        .set("queue.buffering.max.messages", "100000")
        .create_with_context(Reports)
        .expect("a producer")
}

fn arguments() -> HashMap<String, String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    words.chunks(2).map(|pair| (pair[0].trim_start_matches('-').to_owned(), pair[1].clone())).collect()
}

fn fail(error: &KafkaError) -> ! {
    eprintln!("{error}");
    std::process::exit(3);
}
