package dev.fizzy.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.engine.profile.Trace;
import dev.fizzy.file.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: records what a job does, for Perfetto, with the share of waiting. */
class TraceOptions implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TraceOptions.class);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--profile",
      paramLabel = "DIR",
      description =
          "Record operations, host copies, waiting, reading and writing of all threads:"
              + " DIR/trace.json opens in Perfetto, DIR/shares.json has the shares of the time.")
  private Path folder;

  private Trace trace;

  boolean wanted() {
    return folder != null;
  }

  /** Checks that the trace can be written. */
  void check() {
    if (wanted()) {
      Outputs.checkFile(folder.resolve("trace.json"));
    }
  }

  /** Starts recording, if that is wanted. */
  TraceOptions start() {
    if (wanted()) {
      trace = Trace.start();
    }
    return this;
  }

  boolean started() {
    return trace != null;
  }

  /** Ends recording and writes both files; does nothing if none was started or it ended before. */
  @Override
  public void close() {
    if (trace == null || Trace.active() != trace) {
      return;
    }
    trace.close();
    CommandLine line = command.commandLine();
    TraceFile.write(trace, folder.resolve("trace.json"), line);
    Map<String, Double> shares = trace.shares();
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("command", JsonOutput.commandLine(line));
    json.put("seconds", trace.seconds());
    json.put("spans", trace.size());
    json.put("dropped", trace.dropped());
    shares.forEach(json.putObject("shares")::put);
    AtomicFile.write(
        folder.resolve("shares.json"),
        (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    log.info(
        String.format(
            Locale.ROOT,
            "{}: %.1f s, of which operations %.1f %%, host copies %.1f %%, waiting %.1f %%",
            trace.seconds(),
            100 * shares.get("operation"),
            100 * shares.get("copy"),
            100 * shares.get("wait")),
        folder);
  }
}
