//! The job by the words of the benchmark's README: parse and check the model, look the row up, choose the topics.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;

pub const PORTAL: &str = "portal";
pub const NEWMEDIA: &str = "newmedia";
pub const REJECTIONS: &str = "rejections";

type Text<'a> = Cow<'a, str>;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    specversion: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    source: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    subject: Text<'a>,
    #[serde(borrow)]
    time: Text<'a>,
    #[serde(borrow, default = "json_type")]
    datacontenttype: Text<'a>,
    #[serde(borrow)]
    data: Publication<'a>,
}

#[derive(Deserialize)]
struct Publication<'a> {
    #[serde(borrow)]
    item: Text<'a>,
    #[serde(borrow)]
    kind: Text<'a>,
    version: u64,
    #[serde(borrow)]
    title: Text<'a>,
    #[serde(borrow)]
    short_title: Option<Text<'a>>,
    #[serde(borrow)]
    summary: Option<Text<'a>>,
    #[serde(borrow, rename = "body")]
    _body: Text<'a>,
    #[serde(borrow)]
    responsible_dept: Text<'a>,
    #[serde(borrow, default)]
    co_issuers: Vec<Confirmation<'a>>,
    #[serde(borrow, default)]
    coordination: Vec<Confirmation<'a>>,
    disclosure_attr: Disclosure,
    #[serde(borrow)]
    annotation: Option<Text<'a>>,
    #[serde(rename = "five_open")]
    _five_open: FiveOpen,
    #[serde(default, rename = "audience")]
    _audience: Audience,
    #[serde(borrow)]
    channels: Vec<Text<'a>>,
    #[serde(borrow, default, rename = "elements")]
    _elements: HashMap<Text<'a>, Text<'a>>,
    #[serde(borrow, default)]
    dates: HashMap<DateName, Text<'a>>,
    #[serde(borrow)]
    docno: Option<Text<'a>>,
    #[serde(borrow)]
    index_no: Option<Text<'a>>,
    #[serde(borrow)]
    topic: Option<Text<'a>>,
    #[serde(borrow, default)]
    sign_offs: Vec<SignOff<'a>>,
    #[serde(borrow)]
    secrecy_review: Option<SecrecyReview<'a>>,
    #[serde(borrow, default)]
    attachments: Vec<Attachment<'a>>,
    #[serde(borrow, default)]
    links: Vec<Link<'a>>,
    #[serde(borrow, default)]
    overrides: Vec<Override<'a>>,
    #[serde(borrow)]
    late_reason: Option<Text<'a>>,
    #[serde(borrow)]
    corrects: Option<Text<'a>>,
    #[serde(default, rename = "backfill")]
    _backfill: bool,
    #[serde(borrow)]
    published_on: Option<Text<'a>>,
    #[serde(borrow)]
    release_at: Option<Text<'a>>,
    #[serde(borrow)]
    personal: Option<Sealed<'a>>,
}

#[derive(Deserialize)]
struct SignOff<'a> {
    level: u8,
    #[serde(rename = "role")]
    _role: Role,
    #[serde(borrow)]
    person: Text<'a>,
    #[serde(borrow)]
    at: Text<'a>,
    #[serde(borrow)]
    content_sha256: Text<'a>,
}

#[derive(Deserialize)]
struct SecrecyReview<'a> {
    #[serde(borrow)]
    reviewer: Text<'a>,
    #[serde(borrow)]
    dept: Text<'a>,
    #[serde(rename = "result")]
    _result: SecrecyResult,
    #[serde(borrow, default)]
    ground: Text<'a>,
    #[serde(borrow)]
    at: Text<'a>,
}

#[derive(Deserialize)]
struct Confirmation<'a> {
    #[serde(borrow)]
    dept: Text<'a>,
    #[serde(borrow)]
    confirmed_at: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Attachment<'a> {
    #[serde(borrow)]
    sha256: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(rename = "size")]
    _size: u64,
    #[serde(borrow)]
    text_sha256: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Link<'a> {
    #[serde(borrow)]
    rel: Text<'a>,
    #[serde(borrow)]
    target: Text<'a>,
}

#[derive(Deserialize)]
struct Override<'a> {
    #[serde(borrow)]
    rule: Text<'a>,
    #[serde(borrow)]
    excerpt_sha256: Text<'a>,
    #[serde(borrow)]
    reason: Text<'a>,
    #[serde(borrow)]
    by: Text<'a>,
}

#[derive(Deserialize)]
struct Sealed<'a> {
    #[serde(borrow)]
    key_id: Text<'a>,
    #[serde(borrow, rename = "sealed")]
    _sealed: Text<'a>,
    #[serde(borrow, default, rename = "masked_findings")]
    _masked_findings: Vec<Text<'a>>,
}

#[derive(Deserialize)]
enum Role {
    审,
    校,
}

#[derive(Deserialize)]
enum Disclosure {
    主动公开,
    依申请公开,
    不予公开,
}

#[derive(Deserialize)]
enum FiveOpen {
    决策,
    执行,
    管理,
    服务,
    结果,
}

#[derive(Deserialize, Default)]
enum Audience {
    #[default]
    全社会,
    特定群体,
}

#[derive(Deserialize)]
enum SecrecyResult {
    公开,
    部分公开,
    不公开,
    报请确定,
}

#[derive(Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
enum DateName {
    Formed,
    Changed,
    Approved,
    Decided,
    Obtained,
    Signed,
    Effective,
    Expires,
}

fn json_type() -> Text<'static> {
    Cow::Borrowed("application/json")
}

fn within(text: &str, least: usize, most: usize) -> bool {
    // Bytes bound characters from both sides, so most texts need not be counted.
    let bytes = text.len();
    bytes >= least && (bytes <= most || text.chars().count() <= most) && (bytes / 4 >= least || text.chars().count() >= least)
}

fn optional(text: &Option<Text>, least: usize, most: usize) -> bool {
    text.as_ref().is_none_or(|text| within(text, least, most))
}

fn code(text: &str) -> bool {
    within(text, 1, 100)
}

fn instant(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
}

fn day(text: &str) -> bool {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn subject(text: &str) -> bool {
    text.len() <= 200
        && text.bytes().all(|byte| matches!(byte, b'!'..=b'~'))
        && text.find('/').is_some_and(|at| at > 0 && at + 1 < text.len())
}

impl Event<'_> {
    fn is_valid(&self) -> bool {
        self.specversion == "1.0"
            && within(&self.id, 1, 200)
            && within(&self.source, 1, 200)
            && self.kind == "cn.gongkai.publication.submitted.v1"
            && subject(&self.subject)
            && instant(&self.time)
            && self.datacontenttype == "application/json"
            && self.data.is_valid()
    }
}

impl Publication<'_> {
    fn is_valid(&self) -> bool {
        self.texts_are_valid() && self.parts_are_valid()
    }

    fn texts_are_valid(&self) -> bool {
        code(&self.item)
            && code(&self.kind)
            && (1..=1_000_000).contains(&self.version)
            && within(&self.title, 1, 500)
            && optional(&self.short_title, 0, 100)
            && optional(&self.summary, 0, 500)
            && code(&self.responsible_dept)
            && optional(&self.annotation, 0, 50)
            && !self.channels.is_empty()
            && self.channels.iter().all(|channel| code(channel))
            && optional(&self.docno, 0, 100)
            && optional(&self.index_no, 0, 100)
            && optional(&self.topic, 0, 100)
            && optional(&self.late_reason, 0, 500)
            && optional(&self.corrects, 0, 200)
    }

    fn parts_are_valid(&self) -> bool {
        let confirmations = self.co_issuers.iter().chain(&self.coordination);
        matches!(self.disclosure_attr, Disclosure::主动公开 | Disclosure::依申请公开 | Disclosure::不予公开)
            && confirmations.into_iter().all(|one| code(&one.dept) && one.confirmed_at.as_deref().is_none_or(instant))
            && self.dates.values().all(|text| day(text))
            && self.sign_offs.iter().all(SignOff::is_valid)
            && self.secrecy_review.as_ref().is_none_or(|review| {
                code(&review.reviewer) && code(&review.dept) && within(&review.ground, 0, 500) && instant(&review.at)
            })
            && self.attachments.iter().all(Attachment::is_valid)
            && self.links.iter().all(|link| code(&link.rel) && within(&link.target, 1, 500))
            && self.overrides.iter().all(|one| {
                code(&one.rule) && digest(&one.excerpt_sha256) && within(&one.reason, 1, 2_000) && code(&one.by)
            })
            && self.published_on.as_deref().is_none_or(day)
            && self.release_at.as_deref().is_none_or(instant)
            && self.personal.as_ref().is_none_or(|sealed| code(&sealed.key_id))
    }
}

impl SignOff<'_> {
    fn is_valid(&self) -> bool {
        (1..=3).contains(&self.level)
            && code(&self.person)
            && instant(&self.at)
            && within(&self.content_sha256, 64, 64)
    }
}

impl Attachment<'_> {
    fn is_valid(&self) -> bool {
        digest(&self.sha256)
            && within(&self.name, 1, 255)
            && within(&self.kind, 1, 100)
            && self.text_sha256.as_deref().is_none_or(digest)
    }
}

/// The catalogue: 95 rows, and whether a row is for new media as well.
pub fn rows() -> HashMap<String, bool> {
    (1..=19)
        .flat_map(|line| (1..=5).map(move |row| (format!("{line:02}-{row}"), row % 2 == 0)))
        .collect()
}

/// The topics on which an event goes on unchanged.
pub fn topics_of(rows: &HashMap<String, bool>, value: &[u8]) -> &'static [&'static str] {
    match serde_json::from_slice::<Event>(value) {
        Ok(event) if event.is_valid() => match rows.get(event.data.item.as_ref()) {
            Some(true) => &[PORTAL, NEWMEDIA],
            Some(false) => &[PORTAL],
            None => &[REJECTIONS],
        },
        _ => &[REJECTIONS],
    }
}
