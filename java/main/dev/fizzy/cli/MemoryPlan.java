package dev.fizzy.cli;

import dev.fizzy.autoregression.CodeSampler;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Weights;
import dev.fizzy.engine.Workers;
import dev.fizzy.engine.profile.ResidentMemory;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The memory of a job: its programs and parameters, and the process around them.
 *
 * @param programs in the order in which they run
 * @param workers that run them at the same time and share their weights
 * @param process bytes of Java, the libraries and generated code, as this process has them after
 *     planning
 */
record MemoryPlan(List<Planned> programs, int workers, long process) {
  /**
   * A program that is planned.
   *
   * @param name of its network
   * @param held parameters that the job holds for it: at least those of its graph
   */
  record Planned(String name, NetworkWork work, Plan plan, List<Parameter> held) {
    static Planned of(String name, NetworkWork work, Device device) {
      return new Planned(name, work, new Plan(work.graph(), device), work.graph().parameters());
    }

    Planned holding(List<Parameter> all) {
      return new Planned(name, work, plan, all);
    }
  }

  static MemoryPlan of(List<Planned> programs, int workers) {
    System.gc(); // what planning left behind belongs to no job
    return new MemoryPlan(programs, workers, ResidentMemory.now());
  }

  /**
   * The memory of drawing images: the U-Net, with two rows for each guided image, and the decoder;
   * of an autoregressive model one code of each image, with the keys and values of the others.
   */
  static MemoryPlan sampling(
      Device device, ModelConfig config, DType type, boolean guided, int batch, int workers) {
    int rows = guided ? 2 * batch : batch;
    List<Parameter> autoencoder =
        Recorded.graph(config, Recorded.Network.AUTOENCODER, 1, type, false).parameters();
    return of(
        List.of(
            config.autoregressive() == null
                ? planned(device, config, Recorded.Network.UNET, type, rows)
                : nextCode(device, config, type, rows),
            planned(device, config, Recorded.Network.DECODER, type, Autoencoding.part(batch))
                .holding(autoencoder)),
        workers);
  }

  private static Planned nextCode(Device device, ModelConfig config, DType type, int rows) {
    AutoregressiveConfig network = config.autoregressive();
    Graph graph = CodeSampler.graph(network, rows, type, LatentSampler.Conditioning.CONTEXT);
    String name = NetworkOptions.name(Recorded.Network.UNET);
    return Planned.of(name, NetworkWork.evaluation(graph), device)
        .holding(Recorded.graph(config, Recorded.Network.UNET, 1, type, false).parameters());
  }

  private static Planned planned(
      Device device, ModelConfig config, Recorded.Network of, DType type, int batch) {
    NetworkWork work = NetworkWork.evaluation(Recorded.graph(config, of, batch, type, false));
    return Planned.of(NetworkOptions.name(of), work, device);
  }

  /** Bytes of all but the process. */
  long networkBytes() {
    return bytes() - process;
  }

  /** Bytes that each worker after the first adds. */
  long activationBytes() {
    return programs.stream().mapToLong(p -> p.plan().activationBytes()).sum();
  }

  /** Bytes by purpose; of several programs, the name of the network comes first. */
  Map<String, Long> parts() {
    Map<String, Long> parts = new LinkedHashMap<>();
    for (Planned p : programs) {
      String prefix = programs.size() == 1 ? "" : p.name() + " ";
      for (Region region : p.work().regions()) {
        String name = region.name().toLowerCase(Locale.ROOT);
        parts.put(prefix + name, Parameters.bytes(p.held()));
      }
      if (p.plan().weights() == Weights.NARROWED) {
        parts.put(prefix + "rounded weights", Parameters.narrowBytes(p.held()));
      }
      parts.put(prefix + "arena", p.plan().arenaBytes());
    }
    if (workers > 1) {
      parts.put("other workers", (workers - 1) * activationBytes());
    }
    parts.put("process", process);
    return parts;
  }

  long bytes() {
    return parts().values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Allocates and runs everything twice, with random weights, and returns the most memory that was
   * in RAM.
   */
  long measure(Device device) {
    ResidentMemory.resetPeak();
    try (Workers<Running> all = Workers.beside(device, workers, this::allocate)) {
      all.each(
          running -> {
            for (int run = 0; run < 2; run++) {
              for (int i = 0; i < programs.size(); i++) {
                programs.get(i).work().feed().accept(running.programs.get(i));
                running.programs.get(i).run();
              }
            }
          });
      return ResidentMemory.peak();
    }
  }

  private Running allocate(Device device) {
    Running running = new Running(new ArrayList<>(), new ArrayList<>());
    try {
      for (Planned p : programs) {
        Parameters parameters =
            new Parameters(device, p.held(), p.work().regions().toArray(Region[]::new));
        running.owned.add(parameters);
        parameters.initialize(1);
        running.programs.add(new Program(p.plan(), device, parameters));
      }
      return running;
    } catch (RuntimeException e) {
      running.close();
      throw e;
    }
  }

  /** Allocated programs. */
  private record Running(List<Program> programs, List<Parameters> owned)
      implements Workers.Network<Running> {
    @Override
    public Running twin() {
      return new Running(programs.stream().map(Program::twin).toList(), List.of());
    }

    @Override
    public long activationBytes() {
      return programs.stream().mapToLong(Program::activationBytes).sum();
    }

    @Override
    public void close() {
      programs.forEach(Program::close);
      owned.forEach(Parameters::close);
    }
  }
}
