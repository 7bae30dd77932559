package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudnn.*;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.javacpp.Pointer;

/**
 * Convolutions by cuDNN's graph API instead of its older API: it adds bias and residual in the same
 * pass, writes f32 weight gradients of bf16 operands, supports asymmetric padding, and runs a
 * prepared execution plan with a pack of addresses in one call, which suits replay.
 *
 * <p>{@link CudnnPlans} chooses the plan of a shape.
 */
final class Cudnn implements AutoCloseable {
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

    /** The ids of the tensors that have addresses. */
    long[] names() {
      return LongStream.of(X, W, Y, bias ? BIAS : 0, residual ? RESIDUAL : 0)
          .filter(name -> name != 0)
          .toArray();
    }

    /** The bytes of a tensor. */
    long bytes(long name) {
      long image = (long) batch * height * width * cin * type.bytes;
      long result = (long) batch * outHeight() * outWidth() * cout * type.bytes;
      return name == X
          ? image
          : name == W
              ? (long) cout * k * k * cin * weights.bytes
              : name == BIAS ? (long) cout * Float.BYTES : result;
    }
  }

  private final cudnnContext handle = new cudnnContext();
  private final CudnnPlans chooser;
  private final Map<Shape, Plan> plans = new HashMap<>();
  private final List<CudnnDescriptor> held = new ArrayList<>();

  /**
   * @param gpu the kind of GPU, for the keys of the choices
   */
  Cudnn(CUstream_st stream, String gpu, Choices choices) {
    CudnnDescriptor.check(cudnnCreate(handle), "opening cuDNN");
    CudnnDescriptor.check(cudnnSetStream(handle, stream), "opening cuDNN");
    chooser = new CudnnPlans(this, handle, stream, gpu + ", cuDNN " + version(), choices);
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
      return run(hold(pack(names, addresses, workspace)));
    }

    Runnable run(CudnnDescriptor pack) {
      return () -> {
        int status = cudnnBackendExecute(handle, plan.get(), pack.get());
        if (status != 0) {
          throw CudnnDescriptor.refused(status, "a convolution");
        }
      };
    }

    /** The plan in cuDNN's own form; empty for engines that cannot be written down. */
    String json() {
      return plan.readText(CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION);
    }

    /** Frees a plan that is not used. */
    void drop() {
      plan.close();
    }
  }

  static CudnnDescriptor pack(long[] names, Pointer[] addresses, Pointer workspace) {
    return new CudnnDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)
        .longs(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, names)
        .addresses(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, addresses)
        .addresses(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace)
        .finish("a convolution's addresses");
  }

  private CudnnDescriptor hold(CudnnDescriptor descriptor) {
    held.add(descriptor);
    return descriptor;
  }

  /** The plan of a shape, or null if cuDNN has no suitable one. */
  Plan plan(Shape shape) {
    if (!plans.containsKey(shape)) {
      Plan plan = chooser.choose(shape);
      if (plan != null) {
        hold(plan.plan);
      }
      plans.put(shape, plan);
    }
    return plans.get(shape);
  }

  /** The plan of a shape; throws if there is none. */
  Plan require(Shape shape) {
    Plan plan = plan(shape);
    if (plan == null) {
      throw new EngineException(
          "cuDNN " + version() + " has no engine for " + shape + chooser.reason(shape));
    }
    return plan;
  }

  @Override
  public void close() {
    held.forEach(CudnnDescriptor::close);
    cudnnDestroy(handle);
  }
}
