package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.profile.ResidentMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The memory of a job: its programs and parameters, and the process around them.
 *
 * @param programs in the order in which they run
 * @param process bytes of Java, the libraries and generated code, as this process has them after
 *     planning
 */
record MemoryPlan(List<Planned> programs, long process) {
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

  static MemoryPlan of(List<Planned> programs) {
    System.gc(); // what planning left behind belongs to no job
    return new MemoryPlan(programs, ResidentMemory.now());
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
      parts.put(prefix + "arena", p.plan().arenaBytes());
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
    List<AutoCloseable> open = new ArrayList<>();
    try {
      List<Program> running = new ArrayList<>();
      for (Planned p : programs) {
        Parameters parameters =
            new Parameters(device, p.held(), p.work().regions().toArray(Region[]::new));
        open.add(0, parameters);
        parameters.initialize(1);
        Program program = new Program(p.plan(), device, parameters);
        open.add(0, program);
        running.add(program);
      }
      for (int run = 0; run < 2; run++) {
        for (int i = 0; i < running.size(); i++) {
          programs.get(i).work().feed().accept(running.get(i));
          running.get(i).run();
        }
      }
      return ResidentMemory.peak();
    } finally {
      open.forEach(MemoryPlan::close);
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
