package peer;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The model of a submitted publication; a record that breaks a limit can't be made. */
public final class Publication {
    private static final Set<String> DISCLOSURES = Set.of("主动公开", "依申请公开", "不予公开");
    private static final Set<String> FIVE_OPEN = Set.of("决策", "执行", "管理", "服务", "结果");
    private static final Set<String> AUDIENCES = Set.of("全社会", "特定群体");
    private static final Set<String> RESULTS = Set.of("公开", "部分公开", "不公开", "报请确定");
    private static final Set<String> ROLES = Set.of("审", "校");

    private Publication() {}

    /** The envelope. */
    public record Event(
            @JsonProperty(required = true) String specversion,
            @JsonProperty(required = true) String id,
            @JsonProperty(required = true) String source,
            @JsonProperty(required = true) String type,
            @JsonProperty(required = true) String subject,
            @JsonProperty(required = true) String time,
            String datacontenttype,
            @JsonProperty(required = true) Data data) {
        public Event {
            must(specversion.equals("1.0") && type.equals("cn.gongkai.publication.submitted.v1"));
            must(datacontenttype == null || datacontenttype.equals("application/json"));
            within(id, 1, 200);
            within(source, 1, 200);
            path(subject);
            OffsetDateTime.parse(time);
            must(data != null);
        }
    }

    /** What is published, and who answers for it. */
    public record Data(
            @JsonProperty(required = true) String item,
            @JsonProperty(required = true) String kind,
            @JsonProperty(required = true) long version,
            @JsonProperty(required = true) String title,
            @JsonProperty("short_title") String shortTitle,
            String summary,
            @JsonProperty(required = true) String body,
            @JsonProperty(value = "responsible_dept", required = true) String responsibleDept,
            @JsonProperty("co_issuers") List<Confirmation> coIssuers,
            List<Confirmation> coordination,
            @JsonProperty(value = "disclosure_attr", required = true) String disclosureAttr,
            String annotation,
            @JsonProperty(value = "five_open", required = true) String fiveOpen,
            String audience,
            @JsonProperty(required = true) List<String> channels,
            Map<String, String> elements,
            Map<DateName, String> dates,
            String docno,
            @JsonProperty("index_no") String indexNo,
            String topic,
            @JsonProperty("sign_offs") List<SignOff> signOffs,
            @JsonProperty("secrecy_review") SecrecyReview secrecyReview,
            List<Attachment> attachments,
            List<Link> links,
            List<Override> overrides,
            @JsonProperty("late_reason") String lateReason,
            String corrects,
            Boolean backfill,
            @JsonProperty("published_on") String publishedOn,
            @JsonProperty("release_at") String releaseAt,
            Sealed personal) {
        public Data {
            code(item);
            code(kind);
            must(version >= 1 && version <= 1_000_000);
            within(title, 1, 500);
            optional(shortTitle, 100);
            optional(summary, 500);
            must(body != null);
            code(responsibleDept);
            must(DISCLOSURES.contains(disclosureAttr) && FIVE_OPEN.contains(fiveOpen));
            must(audience == null || AUDIENCES.contains(audience));
            optional(annotation, 50);
            must(!channels.isEmpty());
            channels.forEach(Publication::code);
            must(elements == null || !elements.containsValue(null));
            if (dates != null) dates.values().forEach(LocalDate::parse);
            optional(docno, 100);
            optional(indexNo, 100);
            optional(topic, 100);
            optional(lateReason, 500);
            optional(corrects, 200);
            if (publishedOn != null) LocalDate.parse(publishedOn);
            if (releaseAt != null) OffsetDateTime.parse(releaseAt);
        }
    }

    /** Days a clock may start from. */
    public enum DateName { formed, changed, approved, decided, obtained, signed, effective, expires }

    /** One of the six sign-offs. */
    public record SignOff(
            @JsonProperty(required = true) int level,
            @JsonProperty(required = true) String role,
            @JsonProperty(required = true) String person,
            @JsonProperty(required = true) String at,
            @JsonProperty(value = "content_sha256", required = true) String contentSha256) {
        public SignOff {
            must(level >= 1 && level <= 3 && ROLES.contains(role));
            code(person);
            OffsetDateTime.parse(at);
            within(contentSha256, 64, 64);
        }
    }

    /** The secrecy review. */
    public record SecrecyReview(
            @JsonProperty(required = true) String reviewer,
            @JsonProperty(required = true) String dept,
            @JsonProperty(required = true) String result,
            String ground,
            @JsonProperty(required = true) String at) {
        public SecrecyReview {
            code(reviewer);
            code(dept);
            must(RESULTS.contains(result));
            optional(ground, 500);
            OffsetDateTime.parse(at);
        }
    }

    /** Another department's word. */
    public record Confirmation(
            @JsonProperty(required = true) String dept, @JsonProperty("confirmed_at") String confirmedAt) {
        public Confirmation {
            code(dept);
            if (confirmedAt != null) OffsetDateTime.parse(confirmedAt);
        }
    }

    /** A file. */
    public record Attachment(
            @JsonProperty(required = true) String sha256,
            @JsonProperty(required = true) String name,
            @JsonProperty(required = true) String type,
            @JsonProperty(required = true) Long size,
            @JsonProperty("text_sha256") String textSha256) {
        public Attachment {
            digest(sha256);
            within(name, 1, 255);
            within(type, 1, 100);
            must(size >= 0);
            if (textSha256 != null) digest(textSha256);
        }
    }

    /** A link. */
    public record Link(@JsonProperty(required = true) String rel, @JsonProperty(required = true) String target) {
        public Link {
            code(rel);
            within(target, 1, 500);
        }
    }

    /** A finding that somebody answers for. */
    public record Override(
            @JsonProperty(required = true) String rule,
            @JsonProperty(value = "excerpt_sha256", required = true) String excerptSha256,
            @JsonProperty(required = true) String reason,
            @JsonProperty(required = true) String by) {
        public Override {
            code(rule);
            digest(excerptSha256);
            within(reason, 1, 2_000);
            code(by);
        }
    }

    /** Personal data, sealed. */
    public record Sealed(
            @JsonProperty(value = "key_id", required = true) String keyId,
            @JsonProperty(required = true) String sealed,
            @JsonProperty("masked_findings") List<String> maskedFindings) {
        public Sealed {
            code(keyId);
            must(sealed != null);
        }
    }

    private static void must(boolean holds) {
        if (!holds) throw new IllegalArgumentException("outside the model");
    }

    private static void code(String text) {
        within(text, 1, 100);
    }

    private static void optional(String text, int most) {
        if (text != null) within(text, 0, most);
    }

    private static void within(String text, int least, int most) {
        int units = text.length();
        boolean plain = units <= most && units >= 2 * least;
        if (plain) return;
        int length = text.codePointCount(0, units);
        must(length >= least && length <= most);
    }

    private static void digest(String text) {
        must(text.length() == 64 && text.chars().allMatch(c -> c >= '0' && c <= '9' || c >= 'a' && c <= 'f'));
    }

    private static void path(String text) {
        int slash = text.indexOf('/');
        must(text.length() <= 200 && slash > 0 && slash + 1 < text.length());
        for (int at = 0; at < text.length(); at++) must(text.charAt(at) >= '!' && text.charAt(at) <= '~');
    }
}
