package peer;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Kafka Streams, at least once (its default), two threads. */
public final class Peer {
    private static final int THREADS = 2;

    /** A value and where it goes. */
    private record Routed(String topic, byte[] value) {}

    private static final class Route extends ContextualFixedKeyProcessor<byte[], byte[], Routed> {
        private final Job job;
        private final String prefix;

        Route(Job job, String prefix) {
            this.job = job;
            this.prefix = prefix;
        }

        @Override
        public void process(FixedKeyRecord<byte[], byte[]> record) {
            List<String> topics = job.topicsOf(record.value());
            RecordMetadata place = context().recordMetadata().orElseThrow();
            for (String topic : topics) {
                String id = place.partition() + "/" + place.offset() + "/" + topic.substring(prefix.length());
                Headers headers = new RecordHeaders().add("gk-id", id.getBytes(StandardCharsets.US_ASCII));
                context().forward(record.withValue(new Routed(topic, record.value())).withHeaders(headers));
            }
        }
    }

    /** Reads the protocol's arguments and works until SIGTERM. */
    public static void main(String[] words) throws Exception {
        Map<String, String> args = new HashMap<>();
        for (int at = 0; at < words.length; at += 2) args.put(words[at].substring(2), words[at + 1]);
        KafkaStreams streams = new KafkaStreams(topology(args), properties(args));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(3);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(15))));
        streams.start();
    }

    private static Topology topology(Map<String, String> args) {
        StreamsBuilder builder = new StreamsBuilder();
        Job job = new Job(args.get("output"));
        builder.stream(args.get("input"), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .processValues(() -> new Route(job, args.get("output")))
                .to((key, routed, context) -> routed.topic(), Produced.with(Serdes.ByteArray(), Serdes.serdeFrom(
                        (topic, routed) -> routed.value(), (topic, bytes) -> null)));
        return builder.build();
    }

    private static Properties properties(Map<String, String> args) throws Exception {
        Properties given = new Properties();
        given.put(StreamsConfig.APPLICATION_ID_CONFIG, args.get("group"));
        given.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args.get("bootstrap"));
        given.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        given.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
        given.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1_000);
        given.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("peer").toString());
        given.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        given.put(StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
        given.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5);
        given.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 512 * 1024);
        given.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64L * 1024 * 1024);
        return given;
    }

    private Peer() {}
}
