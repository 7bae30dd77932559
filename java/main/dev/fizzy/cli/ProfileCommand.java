package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.profile.Counters;
import dev.fizzy.engine.profile.Peak;
import dev.fizzy.engine.profile.Profile;
import dev.fizzy.engine.profile.Trace;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "profile",
    description =
        "Times each operation of a network against what this machine can do at most: the floor is"
            + " the larger of FLOPs over peak and bytes over bandwidth. \"± ms\" is half the"
            + " interquartile range of the runs, \"busy\" the share of the threads' time spent"
            + " computing.",
    footer = {
      "",
      "Examples:",
      "  fizzy profile --config face112 --batch 16 --training",
      "  fizzy profile --model default --batch 16 --training --distill 2",
      "  fizzy profile --config idiff-face --batch 8 --type bf16 --by operation --sort lost --top"
          + " 20",
      "  fizzy profile --model model.safetensors --network decoder --by layer --filter 'up.0'",
      "  fizzy profile --model calibrated.safetensors --batch 16 --type int8",
      "  fizzy profile --config iresnet50 --runs 30 --csv > iresnet50.csv",
      "  fizzy profile --network autoencoder --threads 1 --json > one-thread.json",
      "  fizzy profile --device cuda --batch 32 --type bf16",
      "  fizzy profile --peak f32=95,bf16=310,memory=28",
      "  fizzy profile --config face112 --batch 16 --counters",
      "  fizzy profile --config face112 --batch 16 --trace trace.json",
      "  fizzy profile --config idiff-face --batch 8 --roofline roofline.html",
      "  fizzy profile --batch 8 --out before.json",
      "  fizzy profile --batch 8 --against before.json --threshold 3",
      "  fizzy profile --batch 8 --type bf16 --against before.json --force"
    })
final class ProfileCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ProfileCommand.class);

  /** Exit code: slower than the profile compared with. */
  private static final int SLOWER = 3;

  private static final int TRACED_RUNS = 3;

  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;
  @Mixin private PeakOptions peaks;
  @Mixin private ProfileView view;
  @Mixin private ResultOutput output;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "Number of timed runs after a warm-up, of which medians are printed; default: as many as"
              + " take about 10 s, from 3 to 20.")
  @Range(min = 1)
  private Integer runs;

  @Option(names = "--csv", description = "Print the rows as CSV on stdout, times in seconds.")
  private boolean csv;

  @Option(
      names = "--counters",
      description =
          "Also count cycles, instructions, misses of the last-level cache (all in user space) and"
              + " preemptions of each operation on the CPU. Hardware counters need"
              + " /proc/sys/kernel/perf_event_paranoid of 2 or less, and a machine that has them.")
  private boolean counters;

  @Option(
      names = "--trace",
      paramLabel = "FILE.json",
      description =
          "Also record "
              + TRACED_RUNS
              + " runs in Chrome's trace format, which Perfetto opens, with the shapes and bytes of"
              + " each operation.")
  private Path trace;

  @Option(
      names = "--roofline",
      paramLabel = "FILE.html",
      description =
          "Draw every operation under the roofs of this machine: its peak, and its bandwidth times"
              + " FLOP per byte; a click shows the operation's row.")
  private Path roofline;

  @Option(
      names = "--against",
      paramLabel = "FILE.json",
      description =
          "Compare with a profile that --out or --json wrote before: ratios with their standard"
              + " errors, what became slower or faster, other implementations.")
  private Path against;

  @Option(
      names = "--threshold",
      defaultValue = "5",
      paramLabel = "PERCENT",
      description =
          "With --against: exit code 3 if the network became slower by more than this, beyond the"
              + " uncertainty; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double threshold;

  @Option(
      names = "--force",
      description = "With --against: compare even other networks, settings or machines.")
  private boolean force;

  @Override
  public Integer call() {
    peaks.check();
    view.check();
    network.check(devices);
    long begin = System.nanoTime();
    output.begin();
    if (roofline != null) {
      Outputs.checkFile(roofline, ".html");
    }
    if (trace != null) {
      Outputs.checkFile(trace);
    }
    NetworkWork work = network.work();
    try (Device device = devices.open()) {
      Peak peak = peaks.of(device);
      try (Parameters parameters = work.parameters(device)) {
        network.start(parameters);
        try (Program program = new Program(work.graph(), device, parameters)) {
          work.feed().accept(program);
          Profile profile = profile(program, peak);
          keep(profile, device);
          if (trace != null) {
            trace(program);
          }
          Map<String, Object> json =
              ProfileJson.fields(network.fields(), device.description(), profile);
          if (roofline != null) {
            output.writePage("profile", roofline, begin, devices.threads(), json, "profile");
          }
          return publish(json, profile);
        }
      }
    }
  }

  private Profile profile(Program program, Peak peak) {
    int wanted = runs == null ? 0 : runs;
    if (!counters) {
      return Profile.of(program, wanted, peak);
    }
    program.run(); // starts the threads that compute, which are then counted
    try (Counters opened = program.device().counters()) {
      if (opened.refusal() != null) {
        log.warn("only preemptions are counted: {}", opened.refusal());
      }
      return Profile.of(program, wanted, peak, opened);
    }
  }

  /** For `fizzy plan`, which prints the last time of a network. */
  private void keep(Profile profile, Device device) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    StoredTimes.Time time = new StoredTimes.Time(profile.wallSeconds(), now, profile.load().busy());
    StoredTimes.ofUser().keep(network.fields(), device.description(), time);
  }

  private void trace(Program program) {
    try (Trace recorded = Trace.start()) {
      for (int i = 0; i < TRACED_RUNS; i++) {
        program.run();
      }
      recorded.close();
      TraceFile.write(recorded, trace, output.command());
    }
  }

  private int publish(Map<String, Object> json, Profile profile) {
    String text = csv ? ProfileTable.csv(profile, view) : ProfileTable.text(profile, view);
    boolean exceeded = false;
    if (against != null) {
      ProfileComparison comparison = ProfileComparison.of(against, json, force);
      exceeded = comparison.slowerThan(threshold / 100);
      json.put("against", comparison.fields(exceeded));
      text = csv ? text : text + String.format("%n%n") + comparison.text();
    }
    output.publish("profile", devices.threads(), json, text);
    return exceeded ? SLOWER : 0;
  }
}
