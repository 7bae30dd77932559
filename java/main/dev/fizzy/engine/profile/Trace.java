package dev.fizzy.engine.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Records what the threads of this process do, for Chrome's trace format, which Perfetto and
 * chrome://tracing open: stages, operations, host copies, waiting, reading and writing. One trace
 * is active at a time; while none is, a span costs one read of a variable.
 */
public final class Trace implements AutoCloseable {
  /** Categories of spans. */
  public enum Category {
    STAGE,
    OPERATION,
    COPY,
    WAIT,
    WORK
  }

  /** Largest number of spans, about 200 bytes of file each; later ones are counted, not kept. */
  public static final int LIMIT = 1_000_000;

  /** The environment variable that makes programs emit {@link OperationEvent}s. */
  public static final String FLIGHT_RECORDER = "FIZZY_JFR";

  /** Whether it is set; here, so that no program loads the recorder in vain. */
  public static final boolean EVENTS = "1".equals(System.getenv(FLIGHT_RECORDER));

  /** Numbers of the rows of GPUs begin here, beyond those of threads. */
  private static final long FIRST_DEVICE = 1_000_000;

  private static volatile Trace active;

  private record Event(
      long thread, Category category, String name, long begin, long end, Program.Launch launch) {}

  /** A part of a thread's time; ends when closed. */
  public interface Span extends AutoCloseable {
    @Override
    void close();
  }

  private static final Span NONE = () -> {};

  private final long begin = System.nanoTime();
  private final int limit;
  private final List<Event> events = new ArrayList<>();
  private final Map<Long, String> threads = new LinkedHashMap<>();
  private final Map<String, Long> devices = new LinkedHashMap<>();
  private long end;
  private long dropped;

  private Trace(int limit) {
    this.limit = limit;
  }

  /** Starts recording. */
  public static Trace start() {
    return start(LIMIT);
  }

  /** Starts recording at most so many spans; later ones are only counted. */
  public static synchronized Trace start(int limit) {
    if (active != null) {
      throw new IllegalStateException("a trace is already recorded");
    }
    active = new Trace(limit);
    return active;
  }

  /** The trace that is recorded, or null. */
  public static Trace active() {
    return active;
  }

  /** Begins a span of the calling thread, if a trace is recorded. */
  public static Span span(Category category, String name) {
    Trace trace = active;
    if (trace == null) {
      return NONE;
    }
    long from = System.nanoTime();
    return () -> trace.add(category, name, from, System.nanoTime(), null);
  }

  private void add(Category category, String name, long from, long to, Program.Launch launch) {
    Thread thread = Thread.currentThread();
    add(
        thread.getId(),
        thread.getName(),
        new Event(thread.getId(), category, name, from, to, launch));
  }

  /**
   * An operation on a GPU, which has a row of its own: it ended when the host had waited for it.
   */
  private synchronized void addOn(Device device, Program.Launch launch, double seconds, long to) {
    long row = devices.computeIfAbsent(device.name(), name -> FIRST_DEVICE + devices.size());
    String name = launch.node().operation().name();
    long from = to - Math.round(seconds * 1e9);
    add(row, device.name(), new Event(row, Category.OPERATION, name, from, to, launch));
  }

  private synchronized void add(long row, String rowName, Event event) {
    if (active != this) {
      return; // it ended meanwhile
    }
    if (events.size() >= limit) {
      dropped++;
      return;
    }
    threads.putIfAbsent(row, rowName);
    events.add(event);
  }

  /**
   * Runs a stage operation by operation and records each. On a GPU the host waits for each: its row
   * shows launching and waiting, the GPU's row the time between two events in its stream.
   */
  public void replay(Program program, Stage stage) {
    Device device = program.device();
    boolean elsewhere = Double.isNaN(device.threadSeconds());
    List<Program.Launch> launches = program.launches(stage);
    long stageBegin = System.nanoTime();
    for (int i = 0; i < launches.size(); i++) {
      Program.Launch launch = launches.get(i);
      long from = System.nanoTime();
      double seconds = device.seconds(launch.kernel());
      long to = System.nanoTime();
      add(Category.OPERATION, launch.node().operation().name(), from, to, launch);
      if (elsewhere) {
        addOn(device, launch, seconds, to);
      }
    }
    if (!launches.isEmpty()) {
      String name = stage.name().toLowerCase(Locale.ROOT);
      add(Category.STAGE, name, stageBegin, System.nanoTime(), null);
    }
  }

  /** Ends the recording; nothing more is added. */
  @Override
  public void close() {
    synchronized (Trace.class) {
      if (active == this) {
        end = System.nanoTime();
        active = null;
      }
    }
  }

  /** Number of spans beyond the limit, which are not in the file. */
  public synchronized long dropped() {
    return dropped;
  }

  public synchronized int size() {
    return events.size();
  }

  /** Seconds from start to close. */
  public double seconds() {
    return ((active == this ? System.nanoTime() : end) - begin) / 1e9;
  }

  /**
   * Shares of the recorded time in each category, by name in lower case: of the calling thread, or,
   * if it ran no operation, the mean of the threads that did. Stages are left out, since operations
   * are their parts.
   */
  public synchronized Map<String, Double> shares() {
    Map<String, Double> shares = new LinkedHashMap<>();
    for (Category category : Category.values()) {
      if (category != Category.STAGE) {
        shares.put(category.name().toLowerCase(Locale.ROOT), 0.);
      }
    }
    Set<Long> computing = computing();
    double total = seconds() * 1e9 * computing.size();
    for (Event e : events) {
      if (computing.contains(e.thread) && e.category != Category.STAGE) {
        String name = e.category.name().toLowerCase(Locale.ROOT);
        shares.merge(name, (e.end - e.begin) / total, Double::sum);
      }
    }
    return shares;
  }

  private Set<Long> computing() {
    Set<Long> all =
        events.stream()
            .filter(e -> e.category == Category.OPERATION && e.thread < FIRST_DEVICE)
            .map(Event::thread)
            .collect(Collectors.toSet());
    long self = Thread.currentThread().getId();
    return all.isEmpty() || all.contains(self) ? Set.of(self) : all;
  }

  /**
   * Writes JSON: an object with {@code traceEvents}, complete events ({@code ph} X) with times in
   * microseconds, and {@code otherData}.
   *
   * @param about written to {@code otherData}
   */
  public synchronized void write(OutputStream out, Map<String, String> about) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeStringField("displayTimeUnit", "ms");
      json.writeObjectFieldStart("otherData");
      for (Map.Entry<String, String> entry : about.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeStringField("dropped", Long.toString(dropped));
      json.writeEndObject();
      json.writeArrayFieldStart("traceEvents");
      metadata(json, "process_name", 0, "fizzy");
      for (Map.Entry<Long, String> thread : threads.entrySet()) {
        metadata(json, "thread_name", thread.getKey(), thread.getValue());
      }
      for (Event e : events) {
        write(json, e);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void metadata(JsonGenerator json, String what, long thread, String name)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("ph", "M");
    json.writeStringField("name", what);
    json.writeNumberField("pid", 1);
    json.writeNumberField("tid", thread);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void write(JsonGenerator json, Event e) throws IOException {
    json.writeStartObject();
    json.writeStringField("ph", "X");
    json.writeStringField("name", e.name);
    json.writeStringField("cat", e.category.name().toLowerCase(Locale.ROOT));
    json.writeNumberField("pid", 1);
    json.writeNumberField("tid", e.thread);
    json.writeNumberField("ts", (e.begin - begin) / 1e3);
    json.writeNumberField("dur", (e.end - e.begin) / 1e3);
    if (e.launch != null) {
      Operation operation = e.launch.node().operation();
      json.writeObjectFieldStart("args");
      json.writeStringField("layer", e.launch.node().scope());
      json.writeStringField("shape", Profiler.shape(operation));
      json.writeNumberField("flops", operation.flops());
      json.writeNumberField("bytes", e.launch.bytes());
      json.writeStringField("implementation", e.launch.implementation());
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
