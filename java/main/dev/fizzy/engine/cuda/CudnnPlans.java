package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudnn.*;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.cuda.Cudnn.Plan;
import dev.fizzy.engine.cuda.Cudnn.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the execution plan of a shape: of the best eight that cuDNN's heuristics name, that are
 * allowed and that run, the fastest. The choice is kept, with the plan itself if cuDNN can write it
 * down, so that later processes neither search nor compile.
 */
final class CudnnPlans {
  private static final Logger log = LoggerFactory.getLogger(CudnnPlans.class);

  private static final int CONFIGURATIONS = 32;
  private static final int TRIED = 8;
  private static final long WORKSPACE = 1L << 30;

  /** A plan that compiles its kernel takes seconds: no further plan is made after this time. */
  private static final double PATIENCE_SECONDS = 3;

  private static final int[] MODES = {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};

  private final Cudnn cudnn;
  private final cudnnContext handle;
  private final CUstream_st stream;
  private final String machine;
  private final Choices choices;
  private final Map<Shape, String> reasons = new HashMap<>();

  /**
   * @param machine GPU and library version, for the keys of the choices
   */
  CudnnPlans(
      Cudnn cudnn, cudnnContext handle, CUstream_st stream, String machine, Choices choices) {
    this.cudnn = cudnn;
    this.handle = handle;
    this.stream = stream;
    this.machine = machine;
    this.choices = choices;
  }

  /** Why there is no plan for a shape, after a colon; empty if cuDNN gave no reason. */
  String reason(Shape shape) {
    return reasons.getOrDefault(shape, "");
  }

  /** The plan of a shape, or null if there is none. */
  Plan choose(Shape shape) {
    String key = machine + ", " + shape;
    synchronized (choices) {
      String kept = choices.find(key);
      Plan written = kept == null ? null : written(kept);
      if (written != null) {
        return written;
      }
      List<CudnnDescriptor> made = new ArrayList<>();
      try {
        CudnnDescriptor graph = describe(shape, made);
        if (graph == null) {
          return null;
        }
        if (kept != null) {
          Plan named = named(kept, shape, graph, made);
          if (named != null) {
            return named;
          }
        }
        return search(key, shape, graph, made);
      } finally {
        made.forEach(CudnnDescriptor::close);
      }
    }
  }

  /** The graph of a shape; null if cuDNN refuses to have it described. */
  private CudnnDescriptor describe(Shape shape, List<CudnnDescriptor> made) {
    try {
      return new CudnnGraph(shape, handle, made).describe();
    } catch (EngineException e) {
      log.debug("{}: {}", shape, e.getMessage());
      reasons.put(shape, ": " + e.getMessage());
      return null;
    }
  }

  /** The plan that a choice contains, after its first line; null if there is none. */
  private Plan written(String kept) {
    String json = kept.substring(kept.indexOf('\n') + 1);
    if (json.isEmpty()) {
      return null;
    }
    CudnnDescriptor plan = new CudnnDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    try {
      plan.handle(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle)
          .text(CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION, json)
          .finish("a plan from the cache folder");
      return cudnn.new Plan(plan);
    } catch (EngineException e) {
      log.debug("{}", e.getMessage());
      plan.close();
      return null;
    }
  }

  /** The plan that a choice names; null if the heuristics have another one in its place. */
  private Plan named(String kept, Shape shape, CudnnDescriptor graph, List<CudnnDescriptor> made) {
    String name = kept.substring(0, kept.indexOf('\n'));
    for (int mode : MODES) {
      if (name.startsWith(mode + " ")) {
        for (CudnnCandidate c : candidates(shape, graph, mode, name, made)) {
          return c.plan();
        }
      }
    }
    return null;
  }

  private Plan search(String key, Shape shape, CudnnDescriptor graph, List<CudnnDescriptor> made) {
    for (int mode : MODES) {
      List<CudnnCandidate> candidates = candidates(shape, graph, mode, null, made);
      if (candidates.isEmpty()) {
        continue;
      }
      CudnnCandidate best = best(shape, candidates);
      candidates.stream().filter(c -> c != best).forEach(c -> c.plan().drop());
      if (best != null) {
        log.debug("{}: plan {}", shape, best.name());
        choices.keep(key, best.name() + "\n" + best.plan().json());
        return best.plan();
      }
    }
    log.debug("cuDNN has no plan for {}", shape);
    return null;
  }

  /** The fastest candidate that runs, or null; the first one if there is no memory to run any. */
  private CudnnCandidate best(Shape shape, List<CudnnCandidate> candidates) {
    long[] names = shape.names();
    long[] bytes = new long[names.length + 1];
    for (int i = 0; i < names.length; i++) {
      bytes[i] = shape.bytes(names[i]);
    }
    bytes[names.length] =
        candidates.stream().mapToLong(c -> c.plan().workspaceBytes()).max().orElse(0);
    try (Trial trial = new Trial(stream, bytes)) {
      if (!trial.fits()) {
        log.debug("{}: no memory to time plans", shape);
        return candidates.get(0);
      }
      Pointer[] addresses = new Pointer[names.length];
      for (int i = 0; i < names.length; i++) {
        addresses[i] = trial.block(i);
      }
      try (CudnnDescriptor pack = Cudnn.pack(names, addresses, trial.block(names.length))) {
        return trial.best(shape, candidates, CudnnCandidate::text, c -> c.plan().run(pack));
      }
    }
  }

  /**
   * The allowed plans that the heuristics name, best first.
   *
   * @param wanted a candidate's name, to make that one alone; or null
   */
  private List<CudnnCandidate> candidates(
      Shape shape, CudnnDescriptor graph, int mode, String wanted, List<CudnnDescriptor> made) {
    List<CudnnCandidate> all = new ArrayList<>();
    long begin = System.nanoTime();
    CudnnDescriptor[] found = configurations(graph, mode, made);
    for (int i = 0; i < found.length && all.size() < TRIED; i++) {
      if (!all.isEmpty() && System.nanoTime() - begin > PATIENCE_SECONDS * 1e9) {
        break;
      }
      CudnnDescriptor engine = new CudnnDescriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
      made.add(engine);
      if (found[i].readDescriptors(CUDNN_ATTR_ENGINECFG_ENGINE, engine) != 1) {
        continue;
      }
      int[] notes =
          engine.readNumbers(
              CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
              CUDNN_TYPE_NUMERICAL_NOTE,
              CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
      if (!CudnnCandidate.allowed(shape.type(), notes)) {
        continue;
      }
      long number = engine.readLong(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
      if (wanted != null && !wanted.equals(mode + " " + i + " " + number)) {
        continue;
      }
      final long start = System.nanoTime();
      CudnnDescriptor plan = new CudnnDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      plan.handle(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle)
          .descriptors(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, found[i]);
      if (plan.finished() && plan.readLong(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE) <= WORKSPACE) {
        double seconds = (System.nanoTime() - start) / 1e9;
        all.add(new CudnnCandidate(cudnn.new Plan(plan), mode, i, number, notes, seconds));
      } else {
        plan.close();
      }
    }
    return all;
  }

  private static CudnnDescriptor[] configurations(
      CudnnDescriptor graph, int mode, List<CudnnDescriptor> made) {
    CudnnDescriptor heuristics = new CudnnDescriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    made.add(heuristics);
    heuristics
        .descriptors(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
        .number(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
    if (!heuristics.finished()) {
      return new CudnnDescriptor[0];
    }
    CudnnDescriptor[] found = new CudnnDescriptor[CONFIGURATIONS];
    for (int i = 0; i < found.length; i++) {
      found[i] = new CudnnDescriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
      made.add(found[i]);
    }
    int count = heuristics.readDescriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS, found);
    return Arrays.copyOf(found, count);
  }
}
