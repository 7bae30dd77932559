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
  private static final long ALIGNMENT = 64; // of the arena's tensors, in bytes

  // Ids of the tensors in a pack of addresses.
  static final long X = 1;
  static final long W = 2;
  static final long Y = 3;
  static final long BIAS = 4;
  static final long RESIDUAL = 5;
  private static final long PRODUCT = 6;
  private static final long BIASED = 7;

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

  /** Describes the operations of a shape to cuDNN. */
  private static final class CudnnGraph {
    private final Shape s;
    private final cudnnContext handle;
    private final List<CudnnDescriptor> made;

    CudnnGraph(Shape s, cudnnContext handle, List<CudnnDescriptor> made) {
      this.s = s;
      this.handle = handle;
      this.made = made;
    }

    private CudnnDescriptor make(int kind) {
      CudnnDescriptor descriptor = new CudnnDescriptor(kind);
      made.add(descriptor);
      return descriptor;
    }

    CudnnDescriptor describe() {
      List<CudnnDescriptor> operations = new ArrayList<>();
      boolean fused = s.bias || s.residual;
      CudnnDescriptor x = image(X, s.type, s.height, s.width, s.cin, false);
      CudnnDescriptor w = tensor(W, s.weights, s.cout, s.cin, s.k, s.k, false);
      CudnnDescriptor y =
          image(
              fused ? PRODUCT : Y,
              fused ? DType.F32 : s.type,
              s.outHeight(),
              s.outWidth(),
              s.cout,
              fused);
      operations.add(convolution(x, w, y));
      CudnnDescriptor so = y;
      if (s.bias) {
        CudnnDescriptor bias = tensor(BIAS, DType.F32, 1, s.cout, 1, 1, false);
        CudnnDescriptor sum =
            image(
                s.residual ? BIASED : Y,
                s.residual ? DType.F32 : s.type,
                s.outHeight(),
                s.outWidth(),
                s.cout,
                s.residual);
        operations.add(sum(so, bias, sum));
        so = sum;
      }
      if (s.residual) {
        CudnnDescriptor residual =
            image(RESIDUAL, s.type, s.outHeight(), s.outWidth(), s.cout, false);
        operations.add(
            sum(so, residual, image(Y, s.type, s.outHeight(), s.outWidth(), s.cout, false)));
      }
      return make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR)
          .handle(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle)
          .descriptors(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations.toArray(new CudnnDescriptor[0]))
          .finish("the graph of a convolution");
    }

    private CudnnDescriptor image(
        long name, DType type, int height, int width, int channels, boolean virtual) {
      return tensor(name, type, s.batch, channels, height, width, virtual);
    }

    /** Dimensions in cuDNN's order, with channels second; in memory channels are last. */
    private CudnnDescriptor tensor(
        long name, DType type, long n, long c, long h, long w, boolean virtual) {
      return make(CUDNN_BACKEND_TENSOR_DESCRIPTOR)
          .number(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, code(type))
          .longs(CUDNN_ATTR_TENSOR_DIMENSIONS, n, c, h, w)
          .longs(CUDNN_ATTR_TENSOR_STRIDES, h * w * c, 1, w * c, c)
          .longs(CUDNN_ATTR_TENSOR_UNIQUE_ID, name)
          .longs(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT)
          .flag(CUDNN_ATTR_TENSOR_IS_VIRTUAL, virtual)
          .finish("a tensor");
    }

    private static int code(DType type) {
      return type == DType.BF16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
    }

    private CudnnDescriptor convolution(CudnnDescriptor x, CudnnDescriptor w, CudnnDescriptor y) {
      CudnnDescriptor window =
          make(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR)
              .number(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
              .number(
                  CUDNN_ATTR_CONVOLUTION_CONV_MODE,
                  CUDNN_TYPE_CONVOLUTION_MODE,
                  CUDNN_CROSS_CORRELATION)
              .longs(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2)
              .longs(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, s.top, s.left)
              .longs(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, s.bottom, s.right)
              .longs(CUDNN_ATTR_CONVOLUTION_DILATIONS, 1, 1)
              .longs(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, s.stride, s.stride)
              .finish("a convolution");
      float beta = s.accumulate ? 1 : 0;
      return switch (s.direction) {
        case FORWARD ->
            make(CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, x)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, w)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, window)
                .number(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, 1f)
                .number(CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, beta)
                .finish("a convolution");
        case DATA ->
            make(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, x)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, w)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, y)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, window)
                .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, 1f)
                .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, beta)
                .finish("a data gradient");
        case WEIGHTS ->
            make(CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, x)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, w)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, y)
                .descriptors(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, window)
                .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, 1f)
                .number(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, beta)
                .finish("a weight gradient");
      };
    }

    private CudnnDescriptor sum(CudnnDescriptor a, CudnnDescriptor b, CudnnDescriptor y) {
      CudnnDescriptor add =
          make(CUDNN_BACKEND_POINTWISE_DESCRIPTOR)
              .number(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, CUDNN_POINTWISE_ADD)
              .number(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT)
              .finish("a sum");
      return make(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR)
          .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, add)
          .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, a)
          .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b)
          .descriptors(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y)
          .finish("a sum");
    }
  }
}
