package dev.fizzy.cli;

import dev.fizzy.engine.profile.Trace;
import dev.fizzy.file.AtomicFile;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Writes a trace for Perfetto. */
final class TraceFile {
  private static final Logger log = LoggerFactory.getLogger(TraceFile.class);

  private TraceFile() {}

  /** Writes a closed trace; says so if some spans are missing. */
  static void write(Trace trace, Path file, CommandLine command) {
    Map<String, String> about =
        Map.of("command", JsonOutput.commandLine(command), "version", Version.number());
    AtomicFile.write(file, out -> trace.write(out, about));
    if (trace.dropped() > 0) {
      log.warn(incomplete(trace, file));
    }
  }

  /** The sentence about a trace that is larger than its limit. */
  static String incomplete(Trace trace, Path file) {
    return String.format(
        Locale.ROOT,
        "%s holds the first %,d spans; %,d later ones are missing: record fewer steps",
        file,
        trace.size(),
        trace.dropped());
  }
}
