package peer;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The job by the words of the benchmark's README: parse and check the model, look the row up, choose the topics. */
final class Job {
    private static final ObjectReader READER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build()
            .readerFor(Publication.Event.class);
    private final List<String> portal;
    private final List<String> both;
    private final List<String> rejected;
    private final Map<String, List<String>> rows = new HashMap<>();

    Job(String prefix) {
        portal = List.of(prefix + "portal");
        both = List.of(prefix + "portal", prefix + "newmedia");
        rejected = List.of(prefix + "rejections");
        for (int line = 1; line <= 19; line++)
            for (int row = 1; row <= 5; row++)
                rows.put(String.format("%02d-%d", line, row), row % 2 == 0 ? both : portal);
    }

    /** The topics on which an event goes on unchanged. */
    List<String> topicsOf(byte[] value) {
        try {
            Publication.Event event = READER.readValue(value);
            return rows.getOrDefault(event.data().item(), rejected);
        } catch (IOException refused) {
            return rejected;
        }
    }
}
