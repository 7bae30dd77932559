package dev.fizzy.engine.cuda;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Tensor;
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
 * rounded to bf16, once per model if they may be packed, otherwise in every run. Bias and residual
 * are added by cuBLASLt.
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
    kernels.addPacked(Linear.class, of::linear);
    kernels.add(Linear.BackwardData.class, of::linearBackwardData);
    kernels.add(Linear.BackwardWeights.class, of::linearBackwardWeights);
    kernels.add(MatMul.class, of::matmul);
  }

  private Kernel linear(Linear o, boolean packed) {
    DType type = o.x().type();
    int m = o.x().rows();
    int n = o.w().dim(0);
    int k = o.w().dim(1);
    Product product =
        cublas.prepare(
            new Shape(
                type, type, 1, n, m, k, true, false, o.bias() != null, o.residual() != null, 1));
    Narrowed weights = new Narrowed(type, packed, launches, o.w(), o.bias());
    return new ProductKernel(product, weights, o.x(), o.residual(), o.y());
  }

  private Kernel linearBackwardData(Linear.BackwardData o) {
    DType type = o.dy().type();
    int n = o.w().dim(0);
    int k = o.w().dim(1);
    Product product =
        cublas.prepare(
            new Shape(type, type, 1, k, o.dy().rows(), n, false, false, false, false, 1));
    Narrowed weights = new Narrowed(type, false, launches, o.w(), null);
    return new ProductKernel(product, weights, o.dy(), null, o.dx());
  }

  private Kernel linearBackwardWeights(Linear.BackwardWeights o) {
    int m = o.x().rows();
    int n = o.dw().dim(0);
    int k = o.dw().dim(1);
    Product product =
        cublas.prepare(
            new Shape(o.x().type(), DType.F32, 1, k, n, m, false, true, false, false, 1));
    long workspace = Filter.round(product.workspaceBytes());
    ColumnSum sum = new ColumnSum(o.dy(), o.db(), launches);
    return new Kernel() {
      @Override
      public String implementation() {
        return LIBRARY;
      }

      @Override
      public long scratchBytes() {
        return workspace + sum.scratchBytes();
      }

      @Override
      public Runnable bind(Addresses at) {
        Pointer scratch = at.scratch();
        Runnable dw = product.bind(at.of(o.x()), at.of(o.dy()), null, null, at.of(o.dw()), scratch);
        Runnable db = sum.bind(at, Filter.after(scratch, workspace));
        return Launches.inOrder(List.of(dw, db));
      }
    };
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
                false,
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
   * A weight and a bias in the type of the activations: the originals for f32, otherwise copies in
   * packed memory or in scratch.
   */
  record Narrowed(DType type, boolean packed, Launches launches, Tensor w, Tensor b) {
    private boolean isCopied() {
      return type != DType.F32;
    }

    private boolean mayPack() {
      return packed && w.role().isStored() && (b == null || b.role().isStored());
    }

    private long bytes() {
      return isCopied()
          ? Filter.round(w.elements() * 2) + (b == null ? 0 : Filter.round(b.elements() * 2))
          : 0;
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

    Pointer weight(Kernel.Addresses at) {
      return isCopied() ? place(at) : at.of(w);
    }

    Pointer bias(Kernel.Addresses at) {
      if (b == null) {
        return null;
      }
      return isCopied() ? Filter.after(place(at), Filter.round(w.elements() * 2)) : at.of(b);
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
