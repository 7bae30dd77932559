package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.Weights;
import dev.fizzy.engine.cuda.CublasLt.Epilogue;
import dev.fizzy.engine.cuda.CublasLt.Product;
import dev.fizzy.engine.cuda.CublasLt.Shape;
import dev.fizzy.engine.kernels.DeviceKernels;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.MatMul;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;

/**
 * Linear layers and matrix products. Weights and biases are f32; for bf16 activations they are
 * rounded to bf16, once per model if they may be packed, by the optimizer in a training, otherwise
 * in every run. Bias and residual are added by cuBLASLt.
 */
final class MatrixKernels {
  private static final String LIBRARY = "cuBLASLt";

  private final CublasLt cublas;
  private final Launches launches;

  private MatrixKernels(CublasLt cublas, Launches launches) {
    this.cublas = cublas;
    this.launches = launches;
  }

  static void addTo(DeviceKernels kernels, CublasLt cublas) {
    MatrixKernels of = new MatrixKernels(cublas, new Launches(kernels.backend()));
    kernels.addWeighted(Linear.class, of::linear);
    kernels.addWeighted(Linear.BackwardData.class, of::linearBackwardData);
    kernels.add(Linear.BackwardWeights.class, of::linearBackwardWeights);
    kernels.add(MatMul.class, of::matmul);
  }

  private Kernel linear(Linear o, Weights weights) {
    DType type = o.x().type();
    int m = o.x().rows();
    int n = o.w().dim(0);
    int k = o.w().dim(1);
    Epilogue epilogue = o.bias() == null ? Epilogue.NONE : Epilogue.BIAS;
    Product product =
        cublas.prepare(
            new Shape(type, type, 1, n, m, k, true, false, epilogue, o.residual() != null, 1));
    Narrowed narrowed = new Narrowed(type, weights, launches, o.w(), o.bias());
    return new ProductKernel(product, narrowed, o.x(), o.residual(), o.y());
  }

  private Kernel linearBackwardData(Linear.BackwardData o, Weights weights) {
    DType type = o.dy().type();
    int n = o.w().dim(0);
    int k = o.w().dim(1);
    Product product =
        cublas.prepare(
            new Shape(type, type, 1, k, o.dy().rows(), n, false, false, Epilogue.NONE, false, 1));
    Narrowed narrowed = new Narrowed(type, weights, launches, o.w(), null);
    return new ProductKernel(product, narrowed, o.dy(), null, o.dx());
  }

  private Kernel linearBackwardWeights(Linear.BackwardWeights o) {
    int m = o.x().rows();
    int n = o.dw().dim(0);
    int k = o.dw().dim(1);
    DType type = o.x().type();
    Shape plain = new Shape(type, DType.F32, 1, k, n, m, false, true, Epilogue.NONE, false, 1);
    Product fused = o.db() == null ? null : cublas.find(plain.with(Epilogue.BIAS_GRADIENT));
    return fused == null
        ? new WeightGradients(cublas.prepare(plain), o, new ColumnSum(o.dy(), o.db(), launches))
        : new FusedGradients(fused, o);
  }

  /** dw and, in the same pass, db. */
  private record FusedGradients(Product product, Linear.BackwardWeights o) implements Kernel {
    @Override
    public String implementation() {
      return LIBRARY + ", bias gradient in the same pass";
    }

    @Override
    public long scratchBytes() {
      return product.workspaceBytes();
    }

    @Override
    public Runnable bind(Addresses at) {
      return product.bind(
          at.of(o.x()), at.of(o.dy()), at.of(o.db()), null, at.of(o.dw()), at.scratch());
    }
  }

  /** dw, then db by our kernel, if it is wanted. */
  private record WeightGradients(Product product, Linear.BackwardWeights o, ColumnSum sum)
      implements Kernel {
    @Override
    public String implementation() {
      return LIBRARY;
    }

    private long workspace() {
      return Filter.round(product.workspaceBytes());
    }

    @Override
    public long scratchBytes() {
      return workspace() + sum.scratchBytes();
    }

    @Override
    public Runnable bind(Addresses at) {
      Pointer scratch = at.scratch();
      Runnable dw = product.bind(at.of(o.x()), at.of(o.dy()), null, null, at.of(o.dw()), scratch);
      Runnable db = sum.bind(at, Filter.after(scratch, workspace()));
      return Launches.inOrder(List.of(dw, db));
    }
  }

  private Kernel matmul(MatMul o) {
    int k = o.a().dim(o.transposeA() ? 1 : 2);
    Product product =
        cublas.prepare(
            new Shape(
                o.a().type(),
                o.y().type(),
                o.y().dim(0),
                o.y().dim(2),
                o.y().dim(1),
                k,
                o.transposeB(),
                o.transposeA(),
                Epilogue.NONE,
                false,
                o.scale()));
    return new Kernel() {
      @Override
      public String implementation() {
        return LIBRARY;
      }

      @Override
      public long scratchBytes() {
        return product.workspaceBytes();
      }

      @Override
      public Runnable bind(Addresses at) {
        return product.bind(at.of(o.b()), at.of(o.a()), null, null, at.of(o.y()), at.scratch());
      }
    };
  }

  /** Computes y from x and weights; packed or rounded weights are stored before the workspace. */
  private record ProductKernel(
      Product product, Narrowed weights, Tensor x, Tensor residual, Tensor y) implements Kernel {
    @Override
    public String implementation() {
      return LIBRARY;
    }

    @Override
    public long packedBytes() {
      return weights.packedBytes();
    }

    @Override
    public long scratchBytes() {
      return weights.scratchBytes() + product.workspaceBytes();
    }

    @Override
    public Runnable pack(Addresses at) {
      return weights.packedBytes() == 0 ? null : weights.narrow(at);
    }

    @Override
    public Runnable bind(Addresses at) {
      Runnable narrow = weights.scratchBytes() == 0 ? null : weights.narrow(at);
      Runnable run =
          product.bind(
              weights.weight(at),
              at.of(x),
              weights.bias(at),
              at.of(residual),
              at.of(y),
              Filter.after(at.scratch(), weights.scratchBytes()));
      return narrow == null ? run : Launches.inOrder(List.of(narrow, run));
    }
  }

  /**
   * A weight and a bias in the type of the activations: the originals for f32, those that the
   * optimizer rounded, or copies in packed memory or in scratch.
   */
  record Narrowed(DType type, Weights weights, Launches launches, Tensor w, Tensor b) {
    private boolean isKept() {
      return type != DType.F32
          && weights == Weights.NARROWED
          && w.role().isStored()
          && (b == null || b.role().isStored());
    }

    private boolean mayPack() {
      return weights == Weights.PACKED
          && w.stage() == Stage.MODEL
          && (b == null || b.stage() == Stage.MODEL);
    }

    private long bytes() {
      return type == DType.F32 || isKept()
          ? 0
          : Filter.round(w.elements() * 2) + (b == null ? 0 : Filter.round(b.elements() * 2));
    }

    long packedBytes() {
      return mayPack() ? bytes() : 0;
    }

    long scratchBytes() {
      return mayPack() ? 0 : bytes();
    }

    private Pointer place(Kernel.Addresses at) {
      return mayPack() ? at.packed() : at.scratch();
    }

    /** Where the operand is, if no copy is made. */
    private Pointer original(Kernel.Addresses at, Tensor t) {
      return isKept() ? at.narrow(t) : at.of(t);
    }

    Pointer weight(Kernel.Addresses at) {
      return bytes() > 0 ? place(at) : original(at, w);
    }

    Pointer bias(Kernel.Addresses at) {
      if (b == null) {
        return null;
      }
      return bytes() > 0
          ? Filter.after(place(at), Filter.round(w.elements() * 2))
          : original(at, b);
    }

    Runnable narrow(Kernel.Addresses at) {
      List<Runnable> steps = new ArrayList<>();
      steps.add(launches.cast(DType.F32.code, type.code, at.of(w), weight(at), w.elements()));
      if (b != null) {
        steps.add(launches.cast(DType.F32.code, type.code, at.of(b), bias(at), b.elements()));
      }
      return Launches.inOrder(steps);
    }
  }

  /** The gradient of a bias, if it is wanted: column sums of dy. */
  record ColumnSum(Tensor dy, Tensor db, Launches launches) {
    long scratchBytes() {
      return db == null ? 0 : launches.columnSumBytes(dy.rows(), dy.dim(-1));
    }

    Runnable bind(Kernel.Addresses at, Pointer scratch) {
      if (db == null) {
        return () -> {};
      }
      return launches.columnSum(
          dy.type().code, at.of(dy), at.f32(db), dy.rows(), dy.dim(-1), scratch);
    }
  }
}
