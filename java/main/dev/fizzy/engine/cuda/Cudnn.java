package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudnn.*;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Convolutions by cuDNN's graph API instead of its older API: it adds bias and residual in the same
 * pass, writes f32 weight gradients of bf16 operands, supports asymmetric padding, and runs a
 * prepared execution plan with a pack of addresses in one call, which suits replay.
 *
 * <p>One plan is cached per shape: the first one of the heuristics that is deterministic and does
 * not round f32 operands to TF32.
 */
final class Cudnn implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Cudnn.class);
  private static final int CONFIGURATIONS = 32;
  private static final long WORKSPACE = 1L << 30;

  // Ids of the tensors in a pack of addresses.
  static final long X = 1;
  static final long W = 2;
  static final long Y = 3;
  static final long BIAS = 4;
  static final long RESIDUAL = 5;

  /** Which of the three tensors the convolution computes. */
  enum Direction {
    FORWARD,
    DATA,
    WEIGHTS
  }

  /**
   * A convolution of x [B,H,W,Cin] with w [Cout,k,k,Cin] to y, and which part of it is computed.
   *
   * @param weights type of w, or of its gradient
   * @param bias f32, added to y in the same pass; FORWARD only, like the residual
   * @param accumulate whether the result is added to the previous contents
   */
  record Shape(
      Direction direction,
      DType type,
      DType weights,
      int batch,
      int height,
      int width,
      int cin,
      int cout,
      int k,
      int stride,
      int top,
      int left,
      int bottom,
      int right,
      boolean bias,
      boolean residual,
      boolean accumulate) {
    int outHeight() {
      return (height + top + bottom - k) / stride + 1;
    }

    int outWidth() {
      return (width + left + right - k) / stride + 1;
    }
  }

  private final cudnnContext handle = new cudnnContext();
  private final Map<Shape, Plan> plans = new HashMap<>();
  private final List<CudnnDescriptor> held = new ArrayList<>();

  Cudnn(CUstream_st stream) {
    CudnnDescriptor.check(cudnnCreate(handle), "opening cuDNN");
    CudnnDescriptor.check(cudnnSetStream(handle, stream), "opening cuDNN");
  }

  String version() {
    long v = cudnnGetVersion();
    return v / 10000 + "." + v / 100 % 100 + "." + v % 100;
  }

  /** An execution plan, to be bound to addresses. */
  final class Plan {
    private final CudnnDescriptor plan;
    private final long workspaceBytes;

    Plan(CudnnDescriptor plan) {
      this.plan = plan;
      this.workspaceBytes = plan.readLong(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
    }

    long workspaceBytes() {
      return workspaceBytes;
    }

    /**
     * @param names X, W, Y, BIAS, RESIDUAL, in the order of their addresses
     */
    Runnable bind(long[] names, Pointer[] addresses, Pointer workspace) {
      CudnnDescriptor pack =
          hold(new CudnnDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR))
              .longs(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, names)
              .addresses(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, addresses)
              .addresses(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace)
              .finish("a convolution's addresses");
      return () -> {
        int status = cudnnBackendExecute(handle, plan.get(), pack.get());
        if (status != 0) {
          throw CudnnDescriptor.refused(status, "a convolution");
        }
      };
    }
  }

  private CudnnDescriptor hold(CudnnDescriptor descriptor) {
    held.add(descriptor);
    return descriptor;
  }

  /** The plan of a shape, or null if cuDNN has no suitable one. */
  Plan plan(Shape shape) {
    if (!plans.containsKey(shape)) {
      plans.put(shape, choose(shape));
    }
    return plans.get(shape);
  }

  /** The plan of a shape; throws if there is none. */
  Plan require(Shape shape) {
    Plan plan = plan(shape);
    if (plan == null) {
      throw new EngineException("cuDNN " + version() + " has no engine for " + shape);
    }
    return plan;
  }

  private Plan choose(Shape shape) {
    List<CudnnDescriptor> made = new ArrayList<>();
    try {
      CudnnDescriptor graph = new CudnnGraph(shape, handle, made).describe();
      for (int mode : new int[] {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
        Plan plan = choose(shape, graph, mode, made);
        if (plan != null) {
          return plan;
        }
      }
      log.debug("cuDNN has no plan for {}", shape);
      return null;
    } finally {
      made.forEach(CudnnDescriptor::close);
    }
  }

  private Plan choose(Shape shape, CudnnDescriptor graph, int mode, List<CudnnDescriptor> made) {
    CudnnDescriptor heuristics = new CudnnDescriptor(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    made.add(heuristics);
    heuristics
        .descriptors(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
        .number(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
    if (!heuristics.finished()) {
      return null;
    }
    CudnnDescriptor[] found = new CudnnDescriptor[CONFIGURATIONS];
    for (int i = 0; i < found.length; i++) {
      found[i] = new CudnnDescriptor(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
      made.add(found[i]);
    }
    int count = heuristics.readDescriptors(CUDNN_ATTR_ENGINEHEUR_RESULTS, found);
    for (int i = 0; i < count; i++) {
      if (!allowed(found[i], made)) {
        continue;
      }
      CudnnDescriptor plan = new CudnnDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      plan.handle(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle)
          .descriptors(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, found[i]);
      if (plan.finished() && plan.readLong(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE) <= WORKSPACE) {
        log.debug("{}: configuration {} of mode {}", shape, i, mode);
        return new Plan(hold(plan));
      }
      plan.close();
    }
    return null;
  }

  /** Accepts only engines that are deterministic and do not round f32 operands to TF32. */
  private static boolean allowed(CudnnDescriptor configuration, List<CudnnDescriptor> made) {
    CudnnDescriptor engine = new CudnnDescriptor(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    made.add(engine);
    if (configuration.readDescriptors(CUDNN_ATTR_ENGINECFG_ENGINE, engine) != 1) {
      return false;
    }
    for (int note :
        engine.readNumbers(
            CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
            CUDNN_TYPE_NUMERICAL_NOTE,
            CUDNN_NUMERICAL_NOTE_TYPE_COUNT)) {
      if (note == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC
          || note == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS
          || note == CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    held.forEach(CudnnDescriptor::close);
    cudnnDestroy(handle);
  }
}
