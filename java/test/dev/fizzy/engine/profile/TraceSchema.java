package dev.fizzy.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the JSON object form of Chrome's trace format requires of metadata and complete events. */
public final class TraceSchema {
  private static final double ROUNDING = 1e-3; // microseconds

  private TraceSchema() {}

  /** Events with that phase. */
  public static List<JsonNode> events(JsonNode trace, String phase) {
    List<JsonNode> of = new ArrayList<>();
    for (JsonNode event : trace.get("traceEvents")) {
      if (event.get("ph").asText().equals(phase)) {
        of.add(event);
      }
    }
    return of;
  }

  /** Checks every event, and that those of a thread are nested or follow one another. */
  public static void check(JsonNode trace) {
    assertEquals("ms", trace.get("displayTimeUnit").asText());
    Set<Integer> named = new HashSet<>();
    for (JsonNode event : events(trace, "M")) {
      assertTrue(event.get("name").asText().matches("process_name|thread_name"), event.toString());
      assertTrue(event.at("/args/name").isTextual(), event.toString());
      named.add(event.get("tid").asInt());
    }
    Map<Integer, List<JsonNode>> threads = new HashMap<>();
    for (JsonNode event : events(trace, "X")) {
      for (String key : List.of("ts", "dur")) {
        assertTrue(event.get(key).isNumber() && event.get(key).asDouble() >= 0, event.toString());
      }
      for (String key : List.of("name", "cat")) {
        assertTrue(!event.get(key).asText().isEmpty(), event.toString());
      }
      assertTrue(event.get("pid").canConvertToInt(), event.toString());
      threads.computeIfAbsent(event.get("tid").asInt(), k -> new ArrayList<>()).add(event);
    }
    assertEquals(
        trace.get("traceEvents").size(), events(trace, "M").size() + events(trace, "X").size());
    assertTrue(named.containsAll(threads.keySet()), named + " " + threads.keySet());
    threads.values().forEach(TraceSchema::checkNested);
  }

  private static void checkNested(List<JsonNode> events) {
    events.sort(
        Comparator.comparingDouble((JsonNode e) -> e.get("ts").asDouble())
            .thenComparingDouble(e -> -e.get("dur").asDouble()));
    List<Double> open = new ArrayList<>();
    for (JsonNode event : events) {
      double begin = event.get("ts").asDouble();
      double end = begin + event.get("dur").asDouble();
      open.removeIf(outer -> outer <= begin + ROUNDING);
      assertTrue(open.stream().allMatch(outer -> end <= outer + ROUNDING), event.toString());
      open.add(end);
    }
  }
}
